"""webaio with typed actions and the middlewares that a project of the scaffold has."""

import asyncio
from collections.abc import Sequence
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from benchmarks.serve import serve
from benchmarks.services.typed import typed
from webaio.middlewares import request_id_middleware

STOPPING: Final = web.AppKey("STOPPING", asyncio.Event)


@web.middleware
async def close_connection(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    if request.app[STOPPING].is_set():
        response.force_close()
    return response


def new_project(names: Sequence[str]) -> web.Application:
    app = typed(names, middlewares=[close_connection, request_id_middleware])
    app[STOPPING] = asyncio.Event()
    return app


if __name__ == "__main__":
    serve(new_project)
