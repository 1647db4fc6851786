"""aiohttp by hand: what all others are compared with."""

from collections.abc import Sequence

from aiohttp import web

from benchmarks.serve import serve
from benchmarks.services.artists import ARTISTS, DEFAULTS, errors_in


async def list_artists(request: web.Request) -> web.Response:
    return web.json_response([*ARTISTS.values()])


async def detail_artist(request: web.Request) -> web.Response:
    artist = ARTISTS.get(request.match_info["id"])
    if artist is None:
        return web.json_response({"detail": "Not found"}, status=404)
    return web.json_response(artist)


async def create_artist(request: web.Request) -> web.Response:
    try:
        data = await request.json()
    except ValueError:
        return web.json_response({"detail": "Not JSON"}, status=400)
    if errors := errors_in(data):
        return web.json_response({"detail": "Invalid", "errors": errors}, status=422)
    artist = {"id": "20", **DEFAULTS, **data}
    return web.json_response(artist, status=201, headers={"Location": "/artist/20/"})


async def update_artist(request: web.Request) -> web.Response:
    artist = ARTISTS.get(request.match_info["id"])
    if artist is None:
        return web.json_response({"detail": "Not found"}, status=404)
    try:
        data = await request.json()
    except ValueError:
        return web.json_response({"detail": "Not JSON"}, status=400)
    if errors := errors_in(data, is_partial=True):
        return web.json_response({"detail": "Invalid", "errors": errors}, status=422)
    return web.json_response({**artist, **data})


def by_hand(names: Sequence[str] = ("artist",), prefix: str = "") -> web.Application:
    app = web.Application()
    for name in names:
        app.router.add_get(f"{prefix}/{name}/", list_artists)
        app.router.add_post(f"{prefix}/{name}/", create_artist)
        app.router.add_get(f"{prefix}/{name}/{{id}}/", detail_artist)
        app.router.add_patch(f"{prefix}/{name}/{{id}}/", update_artist)
    return app


if __name__ == "__main__":
    serve(by_hand)
