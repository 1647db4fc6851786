from typing import Final

from aiohttp import web

from webaio.exceptions import ImproperlyConfigured

from ._streams import KEY, Streams

_WHERE: Final = "streams.setup"


def setup(app: web.Application, *, keep_alive: float = 15) -> None:
    """End what an application streams when its server stops, that of sub-applications too.

    Without it a stream that waits holds the stop up, until the server's `shutdown_timeout` is over.
    After `keep_alive` seconds without an event, a stream of events has a comment: what stands
    between takes the connection for idle else, and cuts it.

    Raises `ImproperlyConfigured` for a `keep_alive` that is no number above 0, and when it is called
    twice for one application.

        streams.setup(app)
    """
    if (
        isinstance(keep_alive, bool)
        or not isinstance(keep_alive, (int, float))
        or not keep_alive > 0
    ):
        what = f"keep_alive={keep_alive!r} is no number of seconds"
        raise ImproperlyConfigured(_WHERE, what, "Use a number above 0, as 15")
    if KEY in app:
        raise ImproperlyConfigured(_WHERE, "this application has it already", "Call it once")
    app[KEY] = found = Streams(keep_alive)

    async def stop(app: web.Application) -> None:
        found.stop()

    app.on_shutdown.append(stop)
