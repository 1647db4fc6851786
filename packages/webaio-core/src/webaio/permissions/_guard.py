"""What stands before an action or a handler: rates, who asks, and what they may."""

from __future__ import annotations  # of functions that are made for each action

import functools
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Final, TypeVarTuple

from aiohttp import hdrs, web
from msgspec import Struct

from webaio.authentication import BaseAuthentication, Identity, identity_of
from webaio.authentication._credentials import finder_of
from webaio.authentication._identified import set_identity, unknown
from webaio.authentication._logins import LOGINS, login_in
from webaio.decorators._words import Error
from webaio.exceptions import (
    AuthenticationFailed,
    BadRequest,
    ImproperlyConfigured,
    NotAuthenticated,
    PermissionDenied,
    Throttled,
    Unauthorized,
)
from webaio.responses import JSONResponse
from webaio.throttling import Rate
from webaio.throttling._failures import count_failure, require_few_failures
from webaio.throttling._limiter import limiter_of

from ._base_permission import BasePermission
from ._expectation import let_send
from ._known import Anyone, IsAuthenticated
from ._words import authentication_of, permission_of, throttles_of

Check = Callable[[web.Request], Awaitable[bool]]
"""Raises what refuses a request; False where it depends on the object."""

_Arguments = TypeVarTuple("_Arguments")
_ALL_WHO_ARE_KNOWN: Final = (Anyone, IsAuthenticated)


class Guard(Struct, frozen=True):
    """What is said of the access to an action or a handler; no permission where nothing is.

    `needs_user` tells that it takes the user.
    """

    authentication: tuple[BaseAuthentication, ...]
    permission: BasePermission | None
    throttles: tuple[Rate, ...]
    needs_user: bool = False

    @property
    def needs_object(self) -> bool:
        """Whether the permission can be undecided until there is an object."""
        return self.permission is not None and self.permission.needs_object

    @property
    def errors(self) -> tuple[Error, ...]:
        """The errors that it adds to the API's document."""
        found: list[Error] = []
        if self.authentication:
            found += [BadRequest, NotAuthenticated, AuthenticationFailed]
        for way in self.authentication:
            found += [*way.errors, *([PermissionDenied] if way.is_ambient else [])]
        if self.permission is not None and not isinstance(self.permission, _ALL_WHO_ARE_KNOWN):
            found.append(PermissionDenied)
        return (*found, *([Throttled] if self.throttles else []))

    @property
    def security(self) -> tuple[Mapping[str, list[str]], ...]:
        """The security that it adds to the API's document: one of the ways, or none."""
        scopes = [] if self.permission is None else [*self.permission.scopes]
        ways = tuple({each.scheme_name: scopes} for each in self.authentication)
        may_be_unknown = self.permission is None or not self.permission.needs_user
        return ({}, *ways) if may_be_unknown and ways and not self.needs_user else ways

    def require_authentication(self, where: str) -> None:
        """Refuse what asks for the user where nobody can be known."""
        asks = self.needs_user or (self.permission is not None and self.permission.needs_user)
        if asks and not self.authentication:
            raise ImproperlyConfigured(
                where,
                "it asks for the user, and nothing says how to find out who asks",
                "Give such as authentication = (jwt,), or a permission with needs_user = False",
            )


def guard_of(viewset: type, name: str) -> Guard | None:
    """Give what stands before an action of a viewset; None where nothing is said."""
    found = Guard(
        authentication_of(viewset, name), permission_of(viewset, name), throttles_of(viewset, name)
    )
    said = found.authentication or found.throttles or found.permission is not None
    return found if said else None


def check_of(guard: Guard) -> Check:
    """Make the coroutine function that lets a request pass, or raises."""
    find = finder_of(guard.authentication)
    challenge = ", ".join(dict.fromkeys(each.challenge for each in guard.authentication))
    permission = Anyone() if guard.permission is None else guard.permission
    of_users = [each for each in guard.throttles if each.by == "user"]
    of_others = [each for each in guard.throttles if each.by != "user"]
    limit = limiter_of(of_others) if of_others else None
    limit_user = limiter_of(of_users) if of_users else None

    async def check(request: web.Request) -> bool:
        if limit is not None:
            await limit(request, None)
        identity = login_in(request) if LOGINS else None
        sent = find(request) if identity is None else None
        if sent is not None:
            way, credentials = sent
            await require_few_failures(request)
            try:
                identity = await way.authenticate(request, credentials)
            except Unauthorized:
                await count_failure(request)
                raise
            if identity is None:
                await count_failure(request)
                raise AuthenticationFailed(challenge=challenge)
        set_identity(request, identity, challenge)
        if limit_user is not None:
            await limit_user(request, None if identity is None else identity.id)
        is_decided = await decide(permission, request, identity)
        if hdrs.EXPECT in request.headers:
            let_send(request)
        return is_decided

    return check


async def decide(
    permission: BasePermission, request: web.Request, identity: Identity | None
) -> bool:
    """Let a request pass, or raise what refuses it; False where it depends on the object.

    Who is not known is not asked for an object, unless the permission says that it may let him in.
    """
    decided = await permission.decide(identity)
    if decided is True:
        return True
    if decided is not False and not permission.needs_object:
        name = type(permission).__qualname__
        raise TypeError(f"{name}.decide() gave {decided!r}, and needs no object")
    if identity is None and (decided is False or permission.needs_user):
        raise unknown(request)
    if decided is False:
        raise PermissionDenied
    return False


async def require_create(permission: BasePermission | None, request: web.Request) -> None:
    """Let who may create make the item of a PUT, or raise; None is where nothing is said."""
    identity = identity_of(request)
    if permission is not None and await permission.decide(identity) is not True:
        raise unknown(request) if identity is None else PermissionDenied()


def private(
    handler: Callable[[*_Arguments], Awaitable[web.StreamResponse]],
) -> Callable[[*_Arguments], Coroutine[None, None, web.StreamResponse]]:
    """Let no shared cache keep what a handler answers, its errors too."""

    @functools.wraps(handler)
    async def kept(*arguments: *_Arguments) -> web.StreamResponse:
        response = await handler(*arguments)
        keep_private(response)
        return response

    return kept


def keep_private(response: web.StreamResponse) -> None:
    """Let no shared cache keep what is for one user, unless the response says otherwise."""
    if isinstance(response, JSONResponse):
        response.setdefault_plain_header("Cache-Control", "private")
    elif not response.prepared:
        response.headers.setdefault("Cache-Control", "private")
