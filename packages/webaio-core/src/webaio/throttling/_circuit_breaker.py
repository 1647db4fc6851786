import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

_Answer = TypeVar("_Answer")


class OutOfReachError(Exception):
    """A store does not answer, and is left alone."""


class CircuitBreaker:
    """Leaves a store alone that did not answer, and lets one request try it after each pause.

    `outage` are the exceptions of a store that does not answer. `notice` is called with the first of
    them, and with None when the store answers again. No more than `connections` ask at once.
    """

    def __init__(
        self,
        outage: tuple[type[Exception], ...],
        notice: Callable[[Exception | None], None],
        *,
        pause: float,
        connections: int,
    ) -> None:
        self.pause = pause
        self._outage = outage
        self._notice = notice
        self._connections = connections
        self._out_until: float | None = None

    def open(self) -> None:
        """Begin, in the loop that runs."""
        # Who waits for a connection waits here, and not in the client's pool: when the store hangs,
        # all that wait need not try it, one after the other.
        self._free = asyncio.Semaphore(self._connections)

    async def call(self, ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """Give what the store answers; raises `OutOfReachError` where it does not, or is left alone."""
        async with self._free:
            if not self._may_ask():
                raise OutOfReachError
            try:
                answer = await ask()
            except self._outage as error:
                self._leave(error)
                raise OutOfReachError from error
            self._come_back()
            return answer

    def _may_ask(self) -> bool:
        if self._out_until is None:
            return True
        if time.monotonic() < self._out_until:
            return False
        self._out_until = time.monotonic() + self.pause  # one tries for all
        return True

    def _leave(self, error: Exception) -> None:
        if self._out_until is None:
            self._notice(error)
        self._out_until = time.monotonic() + self.pause

    def _come_back(self) -> None:
        if self._out_until is not None:
            self._notice(None)
            self._out_until = None
