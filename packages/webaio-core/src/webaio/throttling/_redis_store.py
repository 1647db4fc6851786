import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Final, Literal

from webaio.exceptions import ImproperlyConfigured, ServiceUnavailable

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
            from ._redis import Outage, RedisCounts
        except ImportError as error:
            raise ImproperlyConfigured(
                _WHERE, "redis is not installed", "Install webaio-core[redis]"
            ) from error
        if on_outage not in _ON_OUTAGE:
            raise ImproperlyConfigured(
                _WHERE, f"on_outage={on_outage!r} is unknown", f"Write one of {_ON_OUTAGE}"
            )
        try:
            self._counts = RedisCounts(url, prefix=prefix, timeout=timeout, connections=connections)
        except ValueError as error:
            raise ImproperlyConfigured(
                _WHERE, f"the URL is none of Redis ({error})", "Write redis://localhost:6379/0"
            ) from error
        self._outage = Outage
        self._on_outage = on_outage
        self._pause = pause
        self._connections = connections
        self._local = MemoryStore()
        self._out_until: float | None = None

    async def open(self) -> None:
        # Who waits for a connection waits here, and not in the client's pool: when Redis hangs, all
        # that wait need not try it, one after the other.
        self._free = asyncio.Semaphore(self._connections)

    async def close(self) -> None:
        await self._counts.close()

    async def hit(self, counts: Sequence[Count], *, charge: bool = True) -> float:
        async with self._free:
            if self._may_ask():
                try:
                    wait = await self._counts.hit(counts, charge=charge)
                except self._outage as error:
                    self._leave(error)
                else:
                    self._come_back()
                    return wait
        return await self._hit_without(counts, charge=charge)

    def _may_ask(self) -> bool:
        if self._out_until is None:
            return True
        if time.monotonic() < self._out_until:
            return False
        self._out_until = time.monotonic() + self._pause  # one tries for all
        return True

    def _leave(self, error: Exception) -> None:
        if self._out_until is None:
            LOGGER.warning("Redis does not count (%s); on_outage=%r.", error, self._on_outage)
        self._out_until = time.monotonic() + self._pause

    def _come_back(self) -> None:
        if self._out_until is not None:
            LOGGER.warning("Redis counts again.")
            self._out_until = None

    async def _hit_without(self, counts: Sequence[Count], *, charge: bool) -> float:
        if self._on_outage == "closed":
            raise ServiceUnavailable(retry_after=self._pause)
        if self._on_outage == "open":
            return 0.0
        return await self._local.hit(counts, charge=charge)
