from typing import Final, Protocol

from aiohttp import web


class Stoppable(Protocol):
    """What goes on in an application until its server stops."""

    def stop(self) -> None: ...


class Streams:
    """What streams in one application; what is added while it stops, is stopped at once."""

    def __init__(self, keep_alive: float) -> None:
        self.keep_alive = keep_alive
        self._is_stopping = False
        self._open = set[Stoppable]()

    def add(self, stream: Stoppable) -> None:
        self._open.add(stream)
        if self._is_stopping:
            stream.stop()

    def discard(self, stream: Stoppable) -> None:
        self._open.discard(stream)

    def stop(self) -> None:
        self._is_stopping = True
        for each in self._open:
            each.stop()


KEY: Final = web.AppKey("webaio_streams", Streams)
_NEVER_STOPPED: Final = Streams(15)


def streams_of(request: web.Request) -> Streams:
    """Give what the application of a request, or one above it, was set up with."""
    return request.config_dict.get(KEY, _NEVER_STOPPED)
