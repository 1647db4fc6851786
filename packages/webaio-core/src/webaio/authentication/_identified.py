"""Who asks, as it was found out for a request."""

from typing import Annotated, Any, Final, TypeVar

from aiohttp import web

from webaio.decorators import operation
from webaio.exceptions import NotAuthenticated
from webaio.parameters import Depends
from webaio.parameters._request_key import request_key

from ._identity import Identity

User = TypeVar("User")


_FOUND: Final = request_key("webaio_identity", Identity)
_CHALLENGE: Final = request_key("webaio_challenge", str)


def identity_of(request: web.Request) -> Identity | None:
    """Give who asks; None where nobody is known, and where nobody was asked for.

    A plain handler has it so, behind `guarded`.
    """
    found: Identity | None = request.get(_FOUND)
    return found


def set_identity(request: web.Request, identity: Identity | None, challenge: str) -> None:
    """Keep who asks with the request, and what to say to who must be known."""
    request[_FOUND] = identity
    request[_CHALLENGE] = challenge


def unknown(request: web.Request) -> NotAuthenticated:
    """Make the 401 of a request, with the challenge of each way to be known."""
    return NotAuthenticated(challenge=request[_CHALLENGE])


@operation(errors=[NotAuthenticated])
async def current_user(request: web.Request) -> Any:
    """Give the user; raises `NotAuthenticated` where nobody is known."""
    identity = identity_of(request)
    if identity is None:
        raise unknown(request)
    return identity.user


async def optional_user(request: web.Request) -> Any:
    """Give the user, or None."""
    identity = identity_of(request)
    return None if identity is None else identity.user


CurrentUser = Annotated[User, Depends(current_user)]
"""The user, whom the viewset's `authentication` finds; nobody else gets in.

    async def create(self, body: ArtistIn, user: CurrentUser[User]) -> Artist: ...
"""
OptionalUser = Annotated[User | None, Depends(optional_user)]
"""The user, or None: `user: OptionalUser[User]`."""
