import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final

from aiohttp import web

_HOST: Final = "127.0.0.1"
_STOPS_WITHIN: Final = 1.0
"""Seconds that handlers have to finish when a test ends; then they are cancelled."""


@contextlib.asynccontextmanager
async def running(app: web.Application) -> AsyncIterator[str]:
    """Serve an application on a free port of this machine, and give its URL.

    As under `web.run_app`, a handler goes on when its client goes; aiohttp's own test server would
    cancel it.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_STOPS_WITHIN)
    await runner.setup()
    try:
        await web.TCPSite(runner, _HOST, 0).start()
        yield f"http://{_HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.contextmanager
def running_in_thread(make: Callable[[], Awaitable[web.Application]]) -> Iterator[str]:
    """Make an application and serve it in a thread of its own, and give its URL.

    So it outlives the event loop of a test.
    """
    with _loop_in_thread() as loop, contextlib.ExitStack() as stack:
        server = contextlib.AsyncExitStack()

        async def start() -> str:
            return await server.enter_async_context(running(await make()))

        def stop() -> None:
            asyncio.run_coroutine_threadsafe(server.aclose(), loop).result()

        stack.callback(stop)
        yield asyncio.run_coroutine_threadsafe(start(), loop).result()


@contextlib.contextmanager
def _loop_in_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="webaio-live-server", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
