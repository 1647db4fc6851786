import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from webaio.exceptions import ImproperlyConfigured, ServiceUnavailable
from webaio.throttling._circuit_breaker import CircuitBreaker, OutOfReachError

from ._idempotency_store import Answered, Claim, IdempotencyStore

_LOGGER: Final = logging.getLogger("webaio.conditions")
_WHERE: Final = "RedisIdempotencyStore"
_Given = TypeVar("_Given")


class RedisIdempotencyStore(IdempotencyStore):
    """A store in Redis, which all processes share: `webaio-core[redis]`.

    `url` is redis-py's: `redis://user:password@host:6379/0`, `rediss://` with TLS, `unix://`.
    While Redis does not answer, a request with a key is a 503, and its action does not run. A
    request waits at most `timeout` seconds for each answer of Redis; after one that did not come,
    Redis is left alone for `pause` seconds, and then one request tries. `prefix` begins the keys:
    services on one Redis need different ones. `connections` is how many there are at most.

        conditions.setup(app, store=RedisIdempotencyStore("redis://localhost", prefix="shop"))

    Raises `ImproperlyConfigured` without the extra, and for a URL that is none.
    """

    in_transaction = False

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "webaio",
        timeout: float = 0.5,
        pause: float = 5.0,
        connections: int = 10,
    ) -> None:
        try:
            from webaio.throttling._redis import Outage, redis_client

            from ._redis_claims import RedisClaims
        except ImportError as error:
            raise ImproperlyConfigured(
                _WHERE, "redis is not installed", "Install webaio-core[redis]"
            ) from error
        client = redis_client(url, timeout=timeout, connections=connections, where=_WHERE)
        self._claims = RedisClaims(client, prefix=prefix)
        self._breaker = CircuitBreaker(Outage, _tell, pause=pause, connections=connections)

    async def open(self) -> None:
        self._breaker.open()

    async def close(self) -> None:
        await self._claims.close()

    async def claim(self, claim: Claim) -> Answered | None:
        return await self._call(lambda: self._claims.claim(claim))

    async def renew(self, claim: Claim) -> bool:
        return await self._call(lambda: self._claims.renew(claim))

    async def complete(self, claim: Claim, answer: bytes) -> bool:
        return await self._call(lambda: self._claims.complete(claim, answer))

    async def release(self, claim: Claim) -> None:
        await self._call(lambda: self._claims.release(claim))

    async def _call(self, ask: Callable[[], Awaitable[_Given]]) -> _Given:
        try:
            return await self._breaker.call(ask)
        except OutOfReachError as error:
            raise ServiceUnavailable(retry_after=self._breaker.pause) from error


def _tell(error: Exception | None) -> None:
    if error is None:
        _LOGGER.warning("Redis keeps idempotency keys again.")
    else:
        _LOGGER.warning("Redis keeps no idempotency keys (%s): requests with one are 503.", error)
