import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence

from msgspec import Struct

from ._store import Count, Store


class _Window(Struct, gc=False):
    end: float
    hits: int = 1


class MemoryStore(Store):
    """A store in this process: it counts exactly what the process serves, and nothing else.

    It keeps `capacity` windows of each period, and drops those that end first when there are more.
    `clock` gives seconds that never go back.

        >>> import asyncio
        >>> store, count = MemoryStore(clock=lambda: 0.0), Count("ann", limit=1, period=60)
        >>> [asyncio.run(store.hit([count])) for _ in range(2)]
        [0.0, 60.0]
    """

    def __init__(
        self, *, capacity: int = 100_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._capacity = capacity
        self._clock = clock
        # Windows of one period stand in the order in which they end.
        self._windows: defaultdict[int, OrderedDict[str, _Window]] = defaultdict(OrderedDict)

    async def hit(self, counts: Sequence[Count], *, charge: bool = True) -> float:
        now, wait = self._clock(), 0.0
        for count in counts:
            window = self._windows[count.period].get(count.key)
            if window is not None and window.hits >= count.limit:
                wait = max(wait, window.end - now)
        if charge and not wait:
            for count in counts:
                self._charge(count, now)
        return wait

    def _charge(self, count: Count, now: float) -> None:
        windows = self._windows[count.period]
        window = windows.get(count.key)
        if window is None:
            windows[count.key] = _Window(now + count.period)
            self._make_room(windows, now)
        elif window.end > now:
            window.hits += 1
        else:
            windows[count.key] = _Window(now + count.period)
            windows.move_to_end(count.key)

    def _make_room(self, windows: OrderedDict[str, _Window], now: float) -> None:
        """Drop at most two windows for each that is new: none is a request that all wait for."""
        for _ in range(2):
            key = next(iter(windows))
            if windows[key].end > now and len(windows) <= self._capacity:
                return
            del windows[key]

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass
