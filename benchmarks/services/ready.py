"""The least on aiohttp: routes, a middleware that catches, the body read; each answer is ready.

It validates nothing and writes no JSON: what is built on aiohttp's applications cannot be faster.
"""

import json
from collections.abc import Sequence
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.typedefs import Handler

from benchmarks.serve import serve
from benchmarks.services.artists import ARTISTS
from benchmarks.work import GOOD, PATCH


class Ready(web.Response):
    """A response of bytes that are written as they are, head and body."""

    def __init__(self, status: int, reason: str, body: bytes) -> None:
        super().__init__(status=status, reason=reason)
        head = (
            f"HTTP/1.1 {status} {reason}\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
            "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            "Server: Python/3 aiohttp/3\r\n"
            "\r\n"
        )
        self._bytes = head.encode() + body

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        await request.writer.write_eof(self._bytes)
        return None

    async def write_eof(self, data: bytes = b"") -> None: ...

    @property
    def keep_alive(self) -> bool:
        return True


GOOD_LENGTH: Final = len(json.dumps(GOOD))
LIST: Final = Ready(200, "OK", json.dumps([*ARTISTS.values()]).encode())
DETAILS: Final = {
    id: Ready(200, "OK", json.dumps(artist).encode()) for id, artist in ARTISTS.items()
}
CREATED: Final = Ready(201, "Created", json.dumps({"id": "20", **GOOD}).encode())
PATCHED: Final = Ready(200, "OK", json.dumps({**ARTISTS["7"], **PATCH}).encode())
MISSING: Final = Ready(404, "Not Found", b'{"detail": "Not found"}')
INVALID: Final = Ready(422, "Unprocessable Content", b'{"detail": "Invalid"}')


class ArtistMissing(Exception):
    pass


@web.middleware
async def catch(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ArtistMissing:
        return MISSING


async def list_artists(request: web.Request) -> web.Response:
    return LIST


async def detail_artist(request: web.Request) -> web.Response:
    artist = DETAILS.get(request.match_info["id"])
    if artist is None:
        raise ArtistMissing
    return artist


async def create_artist(request: web.Request) -> web.Response:
    body = await request.read()
    return CREATED if len(body) == GOOD_LENGTH else INVALID


async def update_artist(request: web.Request) -> web.Response:
    if request.match_info["id"] not in DETAILS:
        raise ArtistMissing
    await request.read()
    return PATCHED


def ready(names: Sequence[str] = ("artist",)) -> web.Application:
    app = web.Application(middlewares=[catch])
    for name in names:
        app.router.add_get(f"/{name}/", list_artists)
        app.router.add_post(f"/{name}/", create_artist)
        app.router.add_get(f"/{name}/{{id}}/", detail_artist)
        app.router.add_patch(f"/{name}/{{id}}/", update_artist)
    return app


if __name__ == "__main__":
    serve(ready)
