"""Compressing answers by aiohttp's own means, as the how-to does it."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from aiohttp.typedefs import Handler
from msgspec import Struct

from webaio.conditions import idempotent
from webaio.cors import setup as setup_cors
from webaio.decorators import action
from webaio.exceptions import NotFound
from webaio.middlewares import api_exception_handler
from webaio.renderers import CSV, JSON
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

Client = TestClient[web.Request, web.Application]
SMALL = 1024
TEXT = "x" * 3000


@web.middleware
async def compress(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return response  # a stream, a file, or nothing
    if len(response.body) < SMALL or "ETag" in response.headers:
        return response
    response.headers.add("Vary", "Accept-Encoding")
    codings = request.headers.get("Accept-Encoding", "").lower().replace(" ", "").split(",")
    if "gzip" in codings and "Content-Encoding" not in response.headers:
        response.enable_compression(web.ContentCoding.gzip)
    return response


class Artist(Struct):
    id: int
    text: str = TEXT
    version: int = 1


Artists = list[Artist]


class ArtistViewSet(BaseViewSet):
    etag = "version"
    renderers = {"list": (JSON(), CSV())}

    async def get_object(self, id: int) -> Artist:
        return Artist(id)

    async def list(self) -> Artists:
        return [Artist(1)]

    async def detail(self, id: int) -> Artist:
        if id == 0:
            raise NotFound(TEXT)
        return Artist(id)

    @idempotent()
    @action(detail=False, method="post")
    async def make(self) -> Artists:
        return [Artist(1)]

    @action(detail=False)
    async def small(self) -> Artists:
        return [Artist(1, "x")]

    @action(detail=False)
    async def lines(self) -> AsyncIterator[Artist]:
        yield Artist(1)
        await asyncio.sleep(0.3)
        yield Artist(2)


@pytest.fixture(params=["of the application", "of the viewset"])
async def client(request: pytest.FixtureRequest, aiohttp_client: Any) -> Client:
    of_application = request.param == "of the application"

    class Viewed(ArtistViewSet):
        middlewares = () if of_application else (compress,)

    router = SimpleRouter()
    router.register(Viewed, basename="artist")
    first = [compress] if of_application else []
    app = web.Application(middlewares=[*first, api_exception_handler])
    app.add_routes(router.routespatters)
    setup_cors(app, ["https://app.example"])
    found: Client = await aiohttp_client(app, auto_decompress=False)
    return found


def unzipped(body: bytes) -> bytes:
    return zlib.decompress(body, 16 + zlib.MAX_WBITS)


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
@pytest.mark.parametrize(
    ("asked", "is_coded"),
    [
        ("gzip", True),
        ("deflate, GZIP, br", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0.5", False),
        ("xgzip", False),
    ],
)
async def test_who_takes_it(client: Client, accept: str, asked: str, is_coded: bool) -> None:
    """Who takes gzip gets it, of each representation, and all say the same; HEAD too."""
    plain = await client.get("/artist/", headers={"Accept": accept, "Accept-Encoding": "identity"})
    headers = {"Accept": accept, "Accept-Encoding": asked}
    response = await client.get("/artist/", headers=headers)
    body = await response.read()
    assert response.headers.get("Content-Encoding") == ("gzip" if is_coded else None)
    assert (unzipped(body) if is_coded else body) == await plain.read()
    assert response.headers["Content-Length"] == str(len(body))
    for each in (plain, response):
        varying = {name.strip() for name in ", ".join(each.headers.getall("Vary")).split(",")}
        assert varying == {"Accept", "Accept-Encoding", "Origin"}
    head = await client.head("/artist/", headers=headers)
    assert head.headers.get("Content-Encoding") == response.headers.get("Content-Encoding")
    assert await head.read() == b""


async def test_what_is_left_alone(client: Client) -> None:
    """What is small, has a tag, or has no body, goes out as it is: no tag is of two codings."""
    headers = {"Accept-Encoding": "gzip"}
    for path, status in (("/artist/small/", 200), ("/artist/1/", 200)):
        response = await client.get(path, headers=headers)
        assert (response.status, "Content-Encoding" in response.headers) == (status, False)
    tag = response.headers["ETag"]
    response = await client.get("/artist/1/", headers={**headers, "If-None-Match": tag})
    assert (response.status, response.headers["ETag"]) == (304, tag)


async def test_lines_do_not_wait(client: Client) -> None:
    """Each line of a stream arrives when it is there."""
    start = time.monotonic()
    response = await client.get("/artist/lines/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers
    assert len(await response.content.readline()) > len(TEXT)
    assert time.monotonic() - start < 0.3
    assert len(await response.content.readline()) > len(TEXT)


async def test_replays(client: Client) -> None:
    """An answer is kept uncompressed: who repeats the request gets it as he takes it."""
    key = {"Idempotency-Key": "a" * 16}
    first = await client.post("/artist/make/", headers={**key, "Accept-Encoding": "gzip"})
    again = await client.post("/artist/make/", headers={**key, "Accept-Encoding": ""})
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (first.headers["Content-Encoding"], "Content-Encoding" in again.headers) == (
        "gzip",
        False,
    )
    assert unzipped(await first.read()) == await again.read()


async def test_aiohttp_alone(aiohttp_client: Callable[..., Awaitable[Client]]) -> None:
    """What the how-to says of aiohttp: no weight, no Vary, deflate first, the same strong tag."""

    class Viewed(ArtistViewSet):
        async def after(self, response: web.StreamResponse) -> None:
            response.enable_compression()

    router = SimpleRouter()
    router.register(Viewed, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    client = await aiohttp_client(app)
    for asked, coding in (("gzip;q=0", "gzip"), ("gzip, deflate", "deflate")):
        response = await client.get("/artist/1/", headers={"Accept-Encoding": asked})
        assert response.headers["Content-Encoding"] == coding
        assert response.headers["ETag"] == '"1"'
        assert "Vary" not in response.headers
