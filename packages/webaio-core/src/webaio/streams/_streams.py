import asyncio
from typing import Any, Final

from aiohttp import web


class Streams:
    """The tasks that stream in one application; what is added while it stops, is cancelled at once."""

    def __init__(self, keep_alive: float) -> None:
        self.keep_alive = keep_alive
        self.is_stopping = False
        self._tasks = set[asyncio.Task[Any]]()

    def add(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self.is_stopping:
            task.cancel()

    def stop(self) -> None:
        self.is_stopping = True
        for task in self._tasks:
            task.cancel()


KEY: Final = web.AppKey("webaio_streams", Streams)
_NEVER_STOPPED: Final = Streams(15)


def streams_of(request: web.Request) -> Streams:
    """Give what the application of a request, or one above it, was set up with."""
    return request.config_dict.get(KEY, _NEVER_STOPPED)
