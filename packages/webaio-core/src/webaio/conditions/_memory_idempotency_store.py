import time
from collections import OrderedDict
from collections.abc import Callable

from msgspec import Struct

from ._idempotency_store import Answered, Claim, IdempotencyStore


class _Kept(Struct, gc=False):
    answered: Answered
    end: float


class MemoryIdempotencyStore(IdempotencyStore):
    """A store in this process, which forgets all when it ends.

    It keeps `capacity` answers, and `max_bytes` of them in all, and drops the oldest when there are
    more. A claim is never dropped: it ends with its request, which is in this process too. `clock`
    gives seconds that never go back.

        setup(app, store=MemoryIdempotencyStore(capacity=1000))
    """

    in_transaction = False

    def __init__(
        self,
        *,
        capacity: int = 100_000,
        max_bytes: int = 64 * 1024**2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity = capacity
        self._max_bytes = max_bytes
        self._clock = clock
        self._claims: dict[str, Claim] = {}
        self._kept: OrderedDict[str, _Kept] = OrderedDict()  # in the order of their completion
        self._bytes = 0

    async def claim(self, claim: Claim) -> Answered | None:
        running = self._claims.get(claim.key)
        if running is not None:
            return Answered(running.fingerprint)
        kept = self._kept.get(claim.key)
        if kept is not None:
            if kept.end > self._clock():
                return kept.answered
            self._drop(claim.key)
        self._claims[claim.key] = claim
        return None

    async def renew(self, claim: Claim) -> bool:
        return self._claims.get(claim.key) is claim

    async def complete(self, claim: Claim, answer: bytes) -> bool:
        if self._claims.get(claim.key) is not claim:
            return False
        del self._claims[claim.key]
        now = self._clock()
        self._kept[claim.key] = _Kept(Answered(claim.fingerprint, answer), now + claim.ttl)
        self._bytes += len(answer)
        self._make_room(now)
        return True

    async def release(self, claim: Claim) -> None:
        if self._claims.get(claim.key) is claim:
            del self._claims[claim.key]

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def _make_room(self, now: float) -> None:
        """Drop the oldest: those that are too many, and at most two whose time is over."""
        while len(self._kept) > self._capacity or self._bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))
        for _ in range(2):
            key = next(iter(self._kept), None)
            if key is None or self._kept[key].end > now:
                return
            self._drop(key)

    def _drop(self, key: str) -> None:
        self._bytes -= len(self._kept.pop(key).answered.answer or b"")
