import logging
from collections.abc import Sequence
from typing import Final, Literal

from webaio.exceptions import ImproperlyConfigured, ServiceUnavailable

from ._circuit_breaker import CircuitBreaker, OutOfReachError
from ._memory_store import MemoryStore
from ._store import Count, Store

LOGGER: Final = logging.getLogger("webaio.throttling")

OnOutage = Literal["closed", "local", "open"]
_ON_OUTAGE: Final = ("closed", "local", "open")
_WHERE: Final = "RedisStore"


class RedisStore(Store):
    """A store in Redis, which all processes share: `webaio-core[redis]`.

    `url` is redis-py's: `redis://user:password@host:6379/0`, `rediss://` with TLS, `unix://`.
    `on_outage` says what happens while Redis does not count: `"local"` counts in this process,
    `"closed"` answers 503, `"open"` lets all pass. A request waits at most `timeout` seconds for
    each answer of Redis; after one that did not come, Redis is left alone for `pause` seconds, and
    then one request tries. `prefix` begins the keys: services on one Redis need different ones.
    `connections` is how many there are at most.

        throttling.setup(app, store=RedisStore("redis://localhost", prefix="shop"))

    Raises `ImproperlyConfigured` without the extra, for a URL that is none and another `on_outage`.
    """

    def __init__(
        self,
        url: str,
        *,
        on_outage: OnOutage = "local",
        prefix: str = "webaio",
        timeout: float = 0.5,
        pause: float = 5.0,
        connections: int = 10,
    ) -> None:
        try:
            from ._redis import Outage, RedisCounts, redis_client
        except ImportError as error:
            raise ImproperlyConfigured(
                _WHERE, "redis is not installed", "Install webaio-core[redis]"
            ) from error
        if on_outage not in _ON_OUTAGE:
            raise ImproperlyConfigured(
                _WHERE, f"on_outage={on_outage!r} is unknown", f"Write one of {_ON_OUTAGE}"
            )
        client = redis_client(url, timeout=timeout, connections=connections, where=_WHERE)
        self._counts = RedisCounts(client, prefix=prefix)
        self._breaker = CircuitBreaker(Outage, self._tell, pause=pause, connections=connections)
        self._on_outage = on_outage
        self._local = MemoryStore()

    async def open(self) -> None:
        self._breaker.open()

    async def close(self) -> None:
        await self._counts.close()

    async def hit(self, counts: Sequence[Count], *, charge: bool = True) -> float:
        try:
            return await self._breaker.call(lambda: self._counts.hit(counts, charge=charge))
        except OutOfReachError:
            return await self._hit_without(counts, charge=charge)

    def _tell(self, error: Exception | None) -> None:
        if error is None:
            LOGGER.warning("Redis counts again.")
        else:
            LOGGER.warning("Redis does not count (%s); on_outage=%r.", error, self._on_outage)

    async def _hit_without(self, counts: Sequence[Count], *, charge: bool) -> float:
        if self._on_outage == "closed":
            raise ServiceUnavailable(retry_after=self._breaker.pause)
        if self._on_outage == "open":
            return 0.0
        return await self._local.hit(counts, charge=charge)
