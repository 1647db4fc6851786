import asyncio
from collections.abc import Awaitable, Callable


class Interruption:
    """Ends from outside, once, what a task does, while it waits, too: with an error, or without one."""

    __slots__ = ("_scope", "error", "is_ended")

    def __init__(self) -> None:
        self.is_ended = False
        self.error: Exception | None = None
        self._scope: asyncio.Timeout | None = None

    def end(self, error: Exception | None) -> None:
        """Cancel what runs, or let it not begin; the first call counts."""
        if self.is_ended:
            return
        self.is_ended, self.error = True, error
        if self._scope is not None:
            self._scope.reschedule(asyncio.get_running_loop().time())

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work, unless that is ended before; raises the error with which it is ended."""
        if not self.is_ended:
            try:
                async with asyncio.timeout(None) as self._scope:
                    await work()
            except TimeoutError:
                if not self.is_ended:
                    raise
            finally:
                self._scope = None
        if self.error is not None:
            raise self.error
