from collections.abc import Iterable

from aiohttp import web

from webaio.exceptions import BadRequest

from ._base_authentication import BaseAuthentication
from ._checks import require_token
from ._cross_origin_protection import CrossOriginProtection
from ._headers import only_header
from ._identity import Identity
from ._loader import Loader, loader_of


class SessionCookie(BaseAuthentication):
    """A cookie whose value a browser was given at a log-in, and sends by itself.

    `load_session(value)` gives the identity of a session, or None where there is no such session,
    or its user may no longer come in. It is asked at each request, and gets that too where it names
    it: `load_session(value, request)`.

        async def load_session(value: str) -> Identity | None:
            user = SESSIONS.get(value)
            return user and Identity(user.name, user)

        session = SessionCookie(load_session)

    A browser keeps a cookie named `__Host-…` only from this host itself, over HTTPS. What may
    change something must come from this site or from one of `origins`, as `CrossOriginProtection`
    has it; else the answer is 403, before the session is looked for.

    Raises `ImproperlyConfigured` for a `load_session` that is not async, and names and origins that
    are none.
    """

    challenge = "Cookie"
    is_ambient = True
    cross_origin: CrossOriginProtection

    def __init__(
        self,
        load_session: Loader[str, Identity],
        *,
        name: str = "__Host-session",
        origins: Iterable[str] = (),
        scheme_name: str = "session",
    ) -> None:
        self._load_session = loader_of("SessionCookie", load_session)
        require_token("SessionCookie", "name", name)
        self._name = name
        self.cross_origin = CrossOriginProtection(origins)
        self.scheme_name = scheme_name
        self.security_scheme = {"type": "apiKey", "in": "cookie", "name": name}

    def credentials(self, request: web.Request) -> str | None:
        """Give the cookie's value; raises `BadRequest` where it is there twice."""
        pairs = (pair.partition("=") for pair in (only_header(request, "Cookie") or "").split(";"))
        values = [value.strip() for name, _, value in pairs if name.strip() == self._name]
        if len(values) > 1:
            raise BadRequest(f"The cookie {self._name} is there {len(values)} times.")
        return values[0] if values else None

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        """Give whose session it is."""
        if not (credentials.isascii() and credentials.isprintable() and credentials):
            return None
        return await self._load_session(credentials, request=request)
