"""Permissions of three values, and how several are joined."""

from __future__ import annotations  # of operators that give classes below

from collections.abc import Collection, Mapping
from typing import ClassVar

from webaio.authentication import Identity


class BasePermission:
    """Says yes, no, or that it depends on the object; `&`, `|` and `~` join several.

    `Permission` and `ObjectPermission` are what one writes.

        permissions = IsOwner() | IsAdmin()
    """

    needs_user: bool = True
    """Whether it lets nobody in who is not known; the API's document says so."""
    needs_object: bool = False
    """Whether it can be undecided until there is an object."""
    scopes: Collection[str] = ()
    """The scopes that credentials need for it."""

    async def decide(self, identity: Identity | None) -> bool | None:
        """Decide without an object; None where it depends on it."""
        raise NotImplementedError

    async def decide_on(self, identity: Identity | None, item: object) -> bool:
        """Decide on an object."""
        raise NotImplementedError

    def __and__(self, other: BasePermission) -> BasePermission:
        return AllOf(self, other) if isinstance(other, BasePermission) else NotImplemented

    def __or__(self, other: BasePermission) -> BasePermission:
        return AnyOf(self, other) if isinstance(other, BasePermission) else NotImplemented

    def __invert__(self) -> BasePermission:
        return Not(self)

    def __bool__(self) -> bool:
        raise TypeError("a permission is neither true nor false: join several by &, | and ~")


class Joined(BasePermission):
    """Several permissions: one that answers `decisive` decides alone."""

    decisive: ClassVar[bool]

    def __init__(self, *parts: BasePermission) -> None:
        self.parts = parts
        self.needs_object = any(each.needs_object for each in parts)

    async def decide(self, identity: Identity | None) -> bool | None:
        decided: bool | None = not self.decisive
        for each in self.parts:
            answer = await each.decide(identity)
            if answer is self.decisive:
                return answer
            if answer is not (not self.decisive):  # what is no answer decides nothing
                decided = None
        return decided

    async def decide_on(self, identity: Identity | None, item: object) -> bool:
        for each in self.parts:
            if (await _decided(each, identity, item) is True) is self.decisive:
                return self.decisive
        return not self.decisive


class AllOf(Joined):
    """Yes if all say yes, no if one says no."""

    decisive = False

    def __init__(self, *parts: BasePermission) -> None:
        super().__init__(*parts)
        self.needs_user = any(each.needs_user for each in parts)
        self.scopes = [*dict.fromkeys(scope for each in parts for scope in each.scopes)]


class AnyOf(Joined):
    """Yes if one says yes, no if all say no."""

    decisive = True

    def __init__(self, *parts: BasePermission) -> None:
        super().__init__(*parts)
        self.needs_user = all(each.needs_user for each in parts)


class Not(BasePermission):
    """No where the other says yes, and yes where it says no."""

    needs_user = False

    def __init__(self, part: BasePermission) -> None:
        self.part = part
        self.needs_object = part.needs_object

    async def decide(self, identity: Identity | None) -> bool | None:
        answer = await self.part.decide(identity)
        return None if answer is None else not answer

    async def decide_on(self, identity: Identity | None, item: object) -> bool:
        return await _decided(self.part, identity, item) is False


async def _decided(permission: BasePermission, identity: Identity | None, item: object) -> bool:
    """Give what a part decides without the object, and only where it does not what it decides on it."""
    answer = await permission.decide(identity)
    return await permission.decide_on(identity, item) if answer is None else answer


Permissions = BasePermission | Mapping[str, BasePermission] | None
"""What a viewset's `permissions` may be: of all actions, of each by its name, or of none.

mypy wants it where a subclass says others: `permissions: ClassVar[Permissions] = IsAuthenticated()`.
"""
