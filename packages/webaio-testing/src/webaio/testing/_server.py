import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final

from aiohttp import web

from ._live_server import LiveServer

_HOST: Final = "127.0.0.1"
_HANDLERS_END_WITHIN: Final = 1.0
_STARTS_WITHIN: Final = 60.0
_STOPS_WITHIN: Final = 30.0


@contextlib.asynccontextmanager
async def running(app: web.Application) -> AsyncIterator[str]:
    """Serve an application on a free port of this machine, and give its URL.

    As under `web.run_app`, one task starts it and cleans up, and a handler goes on when its client
    goes; aiohttp's own test server would cancel it. Raises `RuntimeError` for an application that
    runs already.
    """
    if app.frozen:
        raise RuntimeError("This application runs already. Give a new application.")
    started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    task = asyncio.create_task(_serve(app, started.set_result, stop))
    either: list[asyncio.Future[Any]] = [started, task]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    try:
        if started.done():
            yield started.result()
    finally:
        stop.set()
        await task


@contextlib.contextmanager
def running_in_thread(make: Callable[[], Awaitable[web.Application]]) -> Iterator[LiveServer]:
    """Make an application and serve it in a thread of its own, and give its URL and itself.

    So it outlives the event loop of a test. Raises `TimeoutError` when it does not start.
    """
    started: concurrent.futures.Future[LiveServer] = concurrent.futures.Future()
    stops: list[Callable[[], object]] = []

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        stops.append(lambda: loop.call_soon_threadsafe(stop.set))
        app = await make()
        await _serve(app, lambda url: started.set_result(LiveServer(url, app)), stop)

    def main() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=main, name="webaio-live-server", daemon=True)
    thread.start()
    try:
        server = started.result(_STARTS_WITHIN)
    except TimeoutError:
        raise TimeoutError(f"The application did not start in {_STARTS_WITHIN:.0f} s.") from None
    try:
        yield server
    finally:
        for stop in stops:
            stop()
        thread.join(_STOPS_WITHIN)
    if thread.is_alive():
        raise TimeoutError(f"The application did not stop in {_STOPS_WITHIN:.0f} s.")


async def _serve(
    app: web.Application, started: Callable[[str], object], stop: asyncio.Event
) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_HANDLERS_END_WITHIN)
    try:
        await runner.setup()
        await web.TCPSite(runner, _HOST, 0).start()
        started(f"http://{_HOST}:{runner.addresses[0][1]}")
        await stop.wait()
    finally:
        await runner.cleanup()
