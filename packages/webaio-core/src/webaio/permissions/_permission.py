import inspect
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from webaio.authentication import Identity
from webaio.decorators._callable import signature
from webaio.exceptions import ImproperlyConfigured

from ._base_permission import BasePermission

User = TypeVar("User")
Object = TypeVar("Object")


class Permission(BasePermission, Generic[User]):
    """A permission that asks for the user alone.

        class IsAdmin(Permission[User]):
            async def allows(self, user: User | None) -> bool:
                return user is not None and user.is_admin

    One that lets in who is not known, too, says `needs_user = False`.
    """

    def __init_subclass__(cls) -> None:
        _require_async(cls, takes=1)

    async def allows(self, user: User | None) -> bool:
        """Tell whether a user may; None is somebody who is not known.

        What it raises is the answer.
        """
        raise NotImplementedError

    async def decide(self, identity: Identity | None) -> bool:
        return _whole(self, await self.allows(None if identity is None else identity.user))

    async def decide_on(self, identity: Identity | None, item: object) -> bool:
        return await self.decide(identity)


class ObjectPermission(BasePermission, Generic[User, Object]):
    """A permission that asks for the user and an object.

        class IsOwner(ObjectPermission[User, Artist]):
            async def allows(self, user: User | None, artist: Artist) -> bool:
                return user is not None and artist.owner_id == user.id

            def scope(self, user: User | None):  # the same, of rows: for model viewsets
                return user is not None and [Artist.owner_id == user.id]

    Without an object it is undecided. An action on an item gets one by the viewset's `get_object`; a
    model viewset asks `scope`, which is a part of its statements.
    """

    needs_object = True

    def __init_subclass__(cls) -> None:
        _require_async(cls, takes=2)
        if inspect.iscoroutinefunction(cls.scope):
            where = f"{cls.__qualname__}.scope"
            raise ImproperlyConfigured(where, "it is async", "Write `def scope`")

    async def allows(self, user: User | None, item: Object, /) -> bool:
        """Tell whether a user may do it with an object; None is somebody who is not known."""
        raise NotImplementedError

    def scope(self, user: User | None) -> Sequence[Any] | bool:
        """Say the same of rows: conditions that all hold, True for every row, or False for none."""
        raise NotImplementedError

    async def decide(self, identity: Identity | None) -> bool | None:
        """Decide without an object; None, as here, where it depends on it.

        What an override decides holds: neither `allows` nor `scope` is asked then.
        """
        return None

    async def decide_on(self, identity: Identity | None, item: Any) -> bool:
        return _whole(self, await self.allows(None if identity is None else identity.user, item))


def _whole(permission: BasePermission, answer: object) -> bool:
    if answer is True or answer is False:
        return answer
    name = type(permission).__qualname__
    raise TypeError(f"{name}.allows() gave {answer!r}: return True or False")


def _require_async(cls: type[Any], *, takes: int) -> None:
    """Refuse an `allows` that would let everybody in, or that cannot be called."""
    where, words = f"{cls.__qualname__}.allows", ["user", "item"][:takes]
    if not inspect.iscoroutinefunction(cls.allows):
        raise ImproperlyConfigured(where, "it is not async", "Write `async def allows`")
    try:
        signature(cls.allows).bind(None, *words)
    except TypeError as error:
        fix = f"Write `async def allows(self, {', '.join(words)})`"
        raise ImproperlyConfigured(where, f"it cannot be called ({error})", fix) from error
