import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import msgspec
from yarl import URL

from webaio.exceptions import ImproperlyConfigured, ServiceUnavailable

if TYPE_CHECKING:
    from joserfc.jwk import Key

_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_LARGEST: Final = 256 * 1024
_SHORTEST_RSA: Final = 342  # 2048 bits in base64
_NO_KEYS: Final = (aiohttp.ClientError, msgspec.MsgspecError, OSError, RecursionError, ValueError)
_logger: Final = logging.getLogger(__name__.partition("._")[0])


class JWKS:
    """The public keys of an identity provider (RFC 7517, 5), fetched from its URL as needed.

        keys = JWKS("https://id.example/.well-known/jwks.json")

    They are fetched at the first token, once for all that wait; again where a token names a key
    that is not there, at most once in `interval` seconds; and after `max_age` seconds, while the
    old ones serve. Where the provider does not answer, or with what are no keys, the last ones
    stay, and it is asked again after `interval`. A fetch takes at most `timeout` seconds and 256 kB,
    and follows no redirect.

    Raises `ImproperlyConfigured` for a URL that is not `https:`; `http:` is for this host alone.
    """

    def __init__(
        self, url: str, *, max_age: float = 3600, interval: float = 10, timeout: float = 5
    ) -> None:
        self._url = URL(url)
        is_local = self._url.scheme == "http" and self._url.host in _LOCAL
        if not self._url.host or not (self._url.scheme == "https" or is_local):
            raise ImproperlyConfigured(
                "JWKS", f"{url!r} is no URL over TLS", "Write https://, or http://localhost"
            )
        self._max_age = max_age
        self._interval = interval
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._keys: tuple[Key, ...] = ()
        self._is_old_from = 0.0
        self._not_before = 0.0
        self._fetch: asyncio.Task[None] | None = None

    def known(self) -> "tuple[Key, ...]":
        """Give the last keys, at once; where they are old, others are fetched meanwhile."""
        if time.monotonic() >= self._is_old_from:
            self._begin()
        return self._keys

    async def find(self, kid: str | None) -> "tuple[Key, ...]":
        """Give the keys, with that of a name if the provider has it.

        Raises `ServiceUnavailable` where there are none: who asks may be right.
        """
        keys = self.known()
        if not any(kid is None or key.kid in (None, kid) for key in keys):
            fetch = self._begin()
            if fetch is not None:
                await asyncio.shield(fetch)  # it goes on where this client does not wait for it
        if not self._keys:
            wait = max(1.0, self._not_before - time.monotonic())
            raise ServiceUnavailable("The keys of the issuer are not known now.", retry_after=wait)
        return self._keys

    def _begin(self) -> asyncio.Task[None] | None:
        """Give the fetch that runs, or begin one; None where it is too early."""
        loop = asyncio.get_running_loop()
        running = self._fetch
        if running is not None and not running.done() and running.get_loop() is loop:
            return running
        if time.monotonic() < self._not_before:
            return None
        self._fetch = loop.create_task(self._refresh())
        return self._fetch

    async def _refresh(self) -> None:
        try:
            keys = _keys_in(await self._body())
        except _NO_KEYS as error:
            _logger.warning("No keys from %s: %r", self._url, error)
            self._not_before = time.monotonic() + self._interval
            return
        now = time.monotonic()
        self._not_before = now + self._interval if self._keys else now
        self._keys, self._is_old_from = keys, now + self._max_age

    async def _body(self) -> bytes:
        async with (
            aiohttp.ClientSession(
                timeout=self._timeout,
                auto_decompress=False,  # else a small answer may grow to any size
                headers={"Accept-Encoding": "identity"},
            ) as session,
            session.get(self._url, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise ValueError(f"status {response.status}")
            try:
                await response.content.readexactly(_LARGEST)
            except asyncio.IncompleteReadError as end:
                return end.partial
            raise ValueError(f"more than {_LARGEST} bytes")


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


def _keys_in(body: bytes) -> "tuple[Key, ...]":
    """Read the keys; those that are not understood, too short or secret are left out (RFC 7517, 5)."""
    read = map(_key, msgspec.json.decode(body, type=_KeySet).keys)
    found = tuple(key for key in read if key is not None)
    if not found:
        raise ValueError("there is no key in it")
    return found


def _key(data: dict[str, Any]) -> "Key | None":
    from cryptography.exceptions import UnsupportedAlgorithm
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    kind = data.get("kty")
    if kind == "oct" or (kind == "RSA" and len(str(data.get("n"))) < _SHORTEST_RSA):
        return None
    try:
        return import_key(data)
    except (JoseError, LookupError, TypeError, UnsupportedAlgorithm, ValueError):
        return None
