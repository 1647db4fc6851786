from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from aiohttp import web

from webaio.decorators._words import Error

from ._cross_origin_protection import CrossOriginProtection
from ._identity import Identity


class BaseAuthentication:
    """A way to find out who asks; a subclass reads its credentials, and looks up whose they are.

        class TokenAuthentication(BaseAuthentication):
            scheme_name = "token"
            challenge = "Token"
            security_scheme = {"type": "apiKey", "in": "header", "name": "Authorization"}

            def credentials(self, request):
                return credentials_after(request, "Token")

            async def authenticate(self, request, credentials):
                user = TOKENS.get(credentials)
                return user and Identity(user.name, user)

    `only_header` and `credentials_after` read a header, and refuse one that is there twice.
    """

    scheme_name: str
    """The name of its security scheme in the API's document."""
    challenge: str
    """What `WWW-Authenticate` says of it (RFC 9110, 11.6.1): `Bearer`."""
    security_scheme: Mapping[str, Any]
    """OpenAPI's Security Scheme Object."""
    is_ambient: ClassVar[bool] = False
    """Whether a browser sends its credentials by itself, on requests of other sites too."""
    cross_origin: CrossOriginProtection | None = None
    """What refuses requests of other sites: an ambient way needs one, and no other does."""
    errors: Collection[Error] = ()
    """The errors that it may end with beside 400 and 401, for the API's document."""

    def credentials(self, request: web.Request) -> str | None:
        """Give the credentials of this kind that a request has, unchecked; None where it has none.

        Raises `BadRequest` for a header that is there twice.
        """
        raise NotImplementedError

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        """Give whose the credentials are; None where they are wrong, whatever the reason.

        It must not read the body: a client may send that only when it may.
        """
        raise NotImplementedError
