"""aiohttp and asyncpg by hand, which has no other database than PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import asyncpg
from aiohttp import web

from benchmarks.serve import serve
from benchmarks.services.artists import errors_in
from benchmarks.services.data import DATABASE_URL, POOL

KEY: Final = web.AppKey("pool", asyncpg.Pool)
NOT_FOUND: Final = {"detail": "Not found"}
DETAIL: Final = "SELECT id, name, born FROM artist WHERE id = $1"
LIST: Final = "SELECT id, name, born FROM artist ORDER BY id LIMIT $1"
COUNT: Final = "SELECT count(*) FROM artist"
INSERT: Final = "INSERT INTO artist (name, born) VALUES ($1, $2) RETURNING id, name, born"


async def list_artists(request: web.Request) -> web.Response:
    limit = min(int(request.query.get("limit", 20)), 100)
    async with request.app[KEY].acquire() as connection:
        rows = await connection.fetch(LIST, limit)
        total = await connection.fetchval(COUNT)
    return web.json_response({"items": [dict(row) for row in rows], "total": total})


async def detail_artist(request: web.Request) -> web.Response:
    row = await request.app[KEY].fetchrow(DETAIL, int(request.match_info["id"]))
    if row is None:
        return web.json_response(NOT_FOUND, status=404)
    return web.json_response(dict(row))


async def create_artist(request: web.Request) -> web.Response:
    data = await _body_of(request)
    if errors := errors_in(data):
        return web.json_response({"detail": "Invalid", "errors": errors}, status=422)
    row = await request.app[KEY].fetchrow(INSERT, data["name"], data.get("born"))
    location = {"Location": f"/artist/{row['id']}/"}
    return web.json_response(dict(row), status=201, headers=location)


async def update_artist(request: web.Request) -> web.Response:
    data = await _body_of(request)
    if errors := errors_in(data, is_partial=True):
        return web.json_response({"detail": "Invalid", "errors": errors}, status=422)
    names = [name for name in ("name", "born") if name in data]
    changes = ", ".join(f"{name} = ${number}" for number, name in enumerate(names, 2))
    statement = f"UPDATE artist SET {changes} WHERE id = $1 RETURNING id, name, born"
    values = [data[name] for name in names]
    row = await request.app[KEY].fetchrow(
        statement if names else DETAIL, int(request.match_info["id"]), *values
    )
    if row is None:
        return web.json_response(NOT_FOUND, status=404)
    return web.json_response(dict(row))


async def _body_of(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError as error:
        raise web.HTTPBadRequest(text="Not JSON") from error


async def pool_of(app: web.Application) -> AsyncIterator[None]:
    url = DATABASE_URL.replace("+asyncpg", "")
    async with asyncpg.create_pool(url, min_size=POOL, max_size=POOL) as app[KEY]:
        yield


def by_hand(names: Sequence[str] = ("artist",)) -> web.Application:
    app = web.Application()
    app.cleanup_ctx.append(pool_of)
    for name in names:
        app.router.add_get(f"/{name}/", list_artists)
        app.router.add_post(f"/{name}/", create_artist)
        app.router.add_get(rf"/{name}/{{id:\d+}}/", detail_artist)
        app.router.add_patch(rf"/{name}/{{id:\d+}}/", update_artist)
    return app


if __name__ == "__main__":
    serve(by_hand)
