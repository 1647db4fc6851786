from typing import Any

from aiohttp import web
from msgspec import MsgspecError, to_builtins
from msgspec.json import decode
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from webaio.authentication import CurrentUser
from webaio.decorators import action
from webaio.exceptions import AuthenticationFailed, Fault, ValidationError
from webaio.permissions import Anyone, IsAuthenticated
from webaio.sqlalchemy import Session, database_of
from webaio.throttling import Rate
from webaio.viewsets import BaseViewSet

from . import models, passwords
from .security import Me, token_of, tokens
from .statements import USERS
from .tables import User


async def account(request: web.Request) -> str | None:
    """Give whose password a log-in tries."""
    try:
        return decode(await request.read(), type=models.LogInIn).user.email
    except MsgspecError:
        return None  # the action says what is wrong


def shown(me: Me) -> models.UserOut:
    user = models.User(me.email, token_of(me), me.username, me.bio, me.image)
    return models.UserOut(user)


class WritingViewSet(BaseViewSet):
    session: Session

    async def write(self, statement: Any, values: dict[str, Any], mine: int = 0) -> Me:
        """Write a user; raises `ValidationError` for what another one has, in a race too."""
        if "password" in values:
            values["password"] = await passwords.hashed(values["password"])
        try:
            async with self.session.begin_nested():
                written = statement.values(values).returning(*USERS.selected_columns)
                return Me(*(await self.session.execute(written)).one())
        except IntegrityError:
            raise ValidationError(errors=await self.taken(values, mine)) from None

    async def taken(self, values: dict[str, Any], mine: int) -> list[Fault]:
        others = select(User.id).where(User.id != mine)
        unique = {"username": User.username, "email": User.email}
        return [
            Fault(f"/user/{name}", "taken", "Somebody else has this.", "body")
            for name, column in unique.items()
            if await self.session.scalar(others.where(column == values.get(name)))
        ]


class UserViewSet(WritingViewSet):
    """Registration and log-in."""

    permissions = Anyone()  # and no authentication: an old token hinders no log-in
    throttles = {
        "create": (Rate("30/minute", by="address", name="registrations"),),
        "login": (Rate("30/minute", by="address", name="log-ins"), Rate("5/minute", by=account)),
    }

    async def create(self, body: models.NewUserIn) -> models.UserOut:
        """Register."""
        return shown(await self.write(insert(User), to_builtins(body.user)))

    @action(detail=False, method="post", errors=[AuthenticationFailed])
    async def login(self, body: models.LogInIn) -> models.UserOut:
        """Log in."""
        found = USERS.add_columns(User.password).where(User.email == body.user.email)
        # Not in the session, which would keep its connection while the hash is compared.
        row = await database_of(self.request).run(
            lambda connection: connection.execute(found).first()
        )
        hash = None if row is None else row.password
        if not await passwords.is_right(body.user.password, hash) or row is None:
            raise AuthenticationFailed(
                "This address with this password is not known.", challenge=tokens.challenge
            )
        return shown(Me(*row[:-1]))


class MeViewSet(WritingViewSet):
    """Who asks."""

    authentication = (tokens,)
    permissions = IsAuthenticated()

    async def detail(self, me: CurrentUser[Me]) -> models.UserOut:
        """Show who asks."""
        return shown(me)

    async def update(self, body: models.UserChangesIn, me: CurrentUser[Me]) -> models.UserOut:
        """Change who asks."""
        changes = to_builtins(body.user)
        if not changes:
            return shown(me)
        return shown(await self.write(update(User).where(User.id == me.id), changes, me.id))
