import hashlib
import hmac
import re
import secrets
from typing import Final, NamedTuple

from aiohttp import web
from msgspec import Struct

from webaio.exceptions import ImproperlyConfigured

from ._base_authentication import BaseAuthentication
from ._checks import require_token
from ._headers import only_header
from ._identity import Identity
from ._loader import Loader, loader_of

_KEY: Final = re.compile(r"([\w-]{1,128})\.([!-~]{1,256})", re.ASCII)
_NOBODY: Final = "0" * 64
_OTHERS: Final = ("authorization", "cookie")


class KeyRecord(Struct, frozen=True):
    """What is kept of an API key: whose it is, and the SHA-256 of its secret in hexadecimal."""

    identity: Identity
    digest: str


class NewKey(NamedTuple):
    """An API key that was just made; its owner sends `f"{id}.{secret}"`."""

    id: str
    secret: str
    digest: str


def new_key() -> NewKey:
    """Make an API key: keep its `id` and `digest`, show its `secret` once.

    >>> id, secret, digest = new_key()
    >>> len(secret), len(digest)
    (43, 64)
    """
    secret = secrets.token_urlsafe(32)
    return NewKey(secrets.token_hex(8), secret, _digest(secret))


class APIKey(BaseAuthentication):
    """A key in a header, `id.secret`: for programs.

    `find_key(id)` gives what is kept of a key, or None. It is asked at each request, and gets that
    too where it names it, `find_key(id, request)`: the database is there.

        async def find_key(id: str) -> KeyRecord | None:
            return KEYS.get(id)

        keys = APIKey(find_key)

    A wrong secret and an unknown id take the same steps. The secret must be random, as that of
    `new_key`: a plain digest is no safe place for a word that a person has chosen.

    Raises `ImproperlyConfigured` for a `find_key` that is not async, and a `header` that is none.
    A key in a query cannot be declared: access logs write it.
    """

    challenge = "ApiKey"

    def __init__(
        self,
        find_key: Loader[str, KeyRecord],
        *,
        header: str = "X-API-Key",
        scheme_name: str = "api_key",
    ) -> None:
        self._find_key = loader_of("APIKey", find_key)
        require_token("APIKey", "header", header)
        if header.lower() in _OTHERS:
            raise ImproperlyConfigured(
                "APIKey",
                f"the header {header} is for other credentials",
                "Choose a header of its own, such as X-API-Key",
            )
        self._header = header
        self.scheme_name = scheme_name
        self.security_scheme = {"type": "apiKey", "in": "header", "name": header}

    def credentials(self, request: web.Request) -> str | None:
        """Give the header's value; raises `BadRequest` where it is there twice."""
        return only_header(request, self._header)

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        """Give whose key it is."""
        found = _KEY.fullmatch(credentials)
        if found is None:
            return None
        id, secret = found.groups()
        record = await self._find_key(id, request=request)
        digest = _NOBODY if record is None else record.digest
        is_right = hmac.compare_digest(_digest(secret), digest)
        return record.identity if record is not None and is_right else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
