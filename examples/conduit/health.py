"""Probes: `/livez` says that the process runs, `/readyz` that it takes requests."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy import select
from webaio import sqlalchemy
from webaio.decorators import operation
from webaio.permissions import Anyone, guarded

STOPPING = web.AppKey("STOPPING", asyncio.Event)


def setup(app: web.Application) -> None:
    app[STOPPING] = asyncio.Event()
    app.add_routes([web.get("/livez", livez), web.get("/readyz", readyz)])


@guarded(Anyone())
@operation(include_in_schema=False)
async def livez(request: web.Request) -> web.StreamResponse:
    """Say that the process runs.

    Without an answer it is started anew.
    """
    return web.json_response({"status": "alive"})


@guarded(Anyone())
@operation(include_in_schema=False)
async def readyz(request: web.Request) -> web.StreamResponse:
    """Say whether requests are taken."""
    # Ask here for what no request can do without.
    if request.app[STOPPING].is_set():
        return web.json_response({"status": "stopping"}, status=503)
    try:
        async with asyncio.timeout(1):  # Kubernetes waits no longer
            database = sqlalchemy.database_of(request)
            await database.run(lambda connection: connection.execute(select(1)))
    except Exception:
        request.app.logger.warning("The database does not answer.", exc_info=True)
        return web.json_response({"status": "no database"}, status=503)
    return web.json_response({"status": "ready"})


@web.middleware
async def close_connection(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let no client send its next request to a process that stops."""
    response = await handler(request)
    if request.app[STOPPING].is_set():
        response.force_close()
    return response
