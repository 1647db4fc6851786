"""The permissions that every API has."""

from webaio.authentication import Identity
from webaio.exceptions import ImproperlyConfigured

from ._base_permission import BasePermission


class Anyone(BasePermission):
    """Lets everybody in: the word for what is open."""

    needs_user = False

    async def decide(self, identity: Identity | None) -> bool:
        return True

    async def decide_on(self, identity: Identity | None, item: object) -> bool:
        return True


class IsAuthenticated(BasePermission):
    """Lets in who is known."""

    async def decide(self, identity: Identity | None) -> bool:
        return identity is not None

    async def decide_on(self, identity: Identity | None, item: object) -> bool:
        return identity is not None


class HasScope(BasePermission):
    """Lets in whose credentials have every one of the scopes: `HasScope("artists:write")`.

    Raises `ImproperlyConfigured` for what is no name of a scope.
    """

    def __init__(self, *scopes: str) -> None:
        if not scopes or not all(isinstance(each, str) and each for each in scopes):
            raise ImproperlyConfigured(
                f"HasScope{scopes!r}",
                "it names no scope",
                "Write such as HasScope('artists:write')",
            )
        self.scopes = scopes

    async def decide(self, identity: Identity | None) -> bool:
        return identity is not None and all(each in identity.scopes for each in self.scopes)

    async def decide_on(self, identity: Identity | None, item: object) -> bool:
        return await self.decide(identity)
