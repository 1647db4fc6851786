import asyncio
import contextlib
from typing import Final

from aiohttp import hdrs, web

_SECONDS: Final = 0.5
_BYTES: Final = 2**20
_SECONDS_OF_JSON: Final = 5.0
"""JSON is complete or worth nothing."""


def end_streams(app: web.Application) -> None:
    """Make a new application end what it streams, after a while, as if the client had gone.

    The client gets a complete response with what was sent until then.
    """
    ending: set[asyncio.Task[None]] = set()

    async def end_soon(request: web.Request, response: web.StreamResponse) -> None:
        if response.content_length is None:
            response.headers[hdrs.CONNECTION] = "close"  # it is closed when the stream is ended
            response.force_close()
            task = asyncio.create_task(_end(request, _is_json(response.content_type)))
            ending.add(task)
            task.add_done_callback(ending.discard)

    async def cancel(app: web.Application) -> None:
        for task in ending:
            task.cancel()

    app.on_response_prepare.append(end_soon)
    app.on_shutdown.append(cancel)


async def _end(request: web.Request, is_json: bool) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + (_SECONDS_OF_JSON if is_json else _SECONDS)
    while loop.time() < end:
        if not is_json and request.writer.output_size > _BYTES:
            break
        await asyncio.sleep(0.01)
    with contextlib.suppress(ConnectionError):  # the client may have gone
        await request.writer.write_eof()
    if request.transport is not None:
        request.transport.close()


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")
