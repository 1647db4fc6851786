"""Files that aiohttp sends, through viewsets."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from webaio.authentication import BaseAuthentication, Identity
from webaio.decorators import action, operation
from webaio.exceptions import APIException
from webaio.middlewares import api_exception_handler
from webaio.openapi import document_of
from webaio.openapi import setup as setup_openapi
from webaio.permissions import IsAuthenticated
from webaio.responses import attachment
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

Connect = Callable[..., Awaitable[TestClient[web.Request, web.Application]]]
BYTES = b"\x89PNG 0123456789"
TAG = "ETag"


class Key(BaseAuthentication):
    scheme_name = "key"
    challenge = "ApiKey"
    security_scheme = {"type": "apiKey", "in": "header", "name": "X-Key"}

    def credentials(self, request: web.Request) -> str | None:
        return request.headers.get("X-Key")

    async def authenticate(self, request: web.Request, credentials: str) -> Identity:
        return Identity(credentials, None)


class NoCover(APIException):
    status_code = 404
    detail = "This artist has no cover."


class CoverViewSet(BaseViewSet):
    folder: ClassVar[Path]
    not_found = NoCover

    @operation(produces=["image/png"], errors=[NoCover])
    async def detail(self, id: int) -> web.FileResponse:
        path = self.folder / f"{id}.png"
        if not await asyncio.to_thread(path.is_file):
            raise self.not_found()
        return web.FileResponse(path, headers={"Content-Disposition": attachment("Bjørk.png")})

    @action(detail=True, produces=["image/png"])
    async def unchecked(self, id: int) -> web.FileResponse:
        return web.FileResponse(self.folder / f"{id}.png")

    @action(
        detail=True,
        produces=["image/png"],
        authentication=(Key(),),
        permissions=IsAuthenticated(),
    )
    async def guarded(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(self.folder / f"{request.match_info['id']}.png")

    async def get_object(self, id: int) -> int:
        return id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "1.png").write_bytes(BYTES)
    CoverViewSet.folder = tmp_path
    return tmp_path


async def test_whole(connect: Connect, folder: Path) -> None:
    """A file goes out as aiohttp sends it, under the name that is said; HEAD tells the same."""
    client = await connect(CoverViewSet)
    response = await client.get("/artist/1/")
    assert (response.status, await response.read()) == (200, BYTES)
    assert response.content_type == "image/png"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.content_disposition is not None
    assert response.content_disposition.filename == "Bjørk.png"
    head = await client.head("/artist/1/")
    own = ("Date",)
    assert {name: each for name, each in head.headers.items() if name not in own} == {
        name: each for name, each in response.headers.items() if name not in own
    }
    assert await head.read() == b""


@pytest.mark.parametrize(
    ("asked", "status", "body", "range_"),
    [
        ("bytes=0-3", 206, BYTES[:4], "bytes 0-3/15"),
        ("bytes=5-", 206, BYTES[5:], "bytes 5-14/15"),
        ("bytes=-4", 206, BYTES[-4:], "bytes 11-14/15"),
        ("bytes=5-999", 206, BYTES[5:], "bytes 5-14/15"),
        ("bytes=15-", 416, None, "bytes */15"),
        ("bytes=4-1", 416, None, "bytes */15"),
        ("lines=1-2", 416, None, "bytes */15"),
    ],
)
async def test_ranges(
    connect: Connect, folder: Path, asked: str, status: int, body: bytes | None, range_: str
) -> None:
    """A part is given of what is there; of what is not the length is told."""
    client = await connect(CoverViewSet)
    response = await client.get("/artist/1/", headers={"Range": asked})
    assert (response.status, response.headers["Content-Range"]) == (status, range_)
    assert body is None or await response.read() == body


async def test_conditions(connect: Connect, folder: Path) -> None:
    """Who has the file gets none; who wants a part of another than he has gets it whole."""
    client = await connect(CoverViewSet)
    first = await client.get("/artist/1/")
    tag, date = first.headers[TAG], first.headers["Last-Modified"]
    past = "Thu, 01 Jan 1970 00:00:01 GMT"
    for headers, status in (
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": past}, 200),
        ({"If-Match": tag}, 200),
        ({"If-Match": '"other"'}, 412),
        ({"If-Unmodified-Since": past}, 412),
        ({"Range": "bytes=0-3", "If-Range": date}, 206),
        ({"Range": "bytes=0-3", "If-Range": past}, 200),
        ({"Range": "bytes=0-3", "If-Range": '"another"'}, 206),
    ):
        response = await client.get("/artist/1/", headers=headers)
        assert response.status == status, headers
        body = await response.read()
        assert len(body) == {200: len(BYTES), 206: 4, 304: 0, 412: 0}[status]


@pytest.mark.parametrize("middlewares", [[], [api_exception_handler]])
async def test_missing(connect: Connect, folder: Path, middlewares: list[Any]) -> None:
    """An action that looks first answers with the viewset's 404; aiohttp alone, without a word."""
    client = await connect(CoverViewSet, middlewares=middlewares)
    response = await client.get("/artist/2/")
    assert (response.status, response.content_type) == (404, "application/problem+json")
    assert (await response.json())["detail"] == "This artist has no cover."
    (folder / "3.png").mkdir()
    assert (await client.get("/artist/3/")).status == 404
    bare = await client.get("/artist/2/unchecked/")
    assert (bare.status, await bare.read()) == (404, b"")
    assert (await client.get("/artist/3/unchecked/")).status == 403


async def test_guard(connect: Connect, folder: Path) -> None:
    """Who may not gets a problem, no part and no 304; what he may is for no shared cache."""
    client = await connect(CoverViewSet)
    tag = (await client.get("/artist/1/")).headers[TAG]
    for headers in ({}, {"Range": "bytes=0-3"}, {"If-None-Match": tag}):
        response = await client.get("/artist/1/guarded/", headers=headers)
        assert (response.status, response.content_type) == (401, "application/problem+json")
    for headers, status in (
        ({}, 200),
        ({"Range": "bytes=0-3"}, 206),
        ({"If-None-Match": tag}, 304),
    ):
        response = await client.get("/artist/1/guarded/", headers={"X-Key": "a", **headers})
        assert (response.status, response.headers["Cache-Control"]) == (status, "private")


async def test_compressed_file_beside_it(connect: Connect, folder: Path) -> None:
    """A file of the same name with `.gz` behind it goes out in its place, to who takes it."""
    (folder / "1.png.gz").write_bytes(b"zipped")
    client = await connect(CoverViewSet, middlewares=[])
    response = await client.get(
        "/artist/1/", headers={"Accept-Encoding": "gzip"}, auto_decompress=False
    )
    assert (response.headers["Content-Encoding"], response.headers["Vary"]) == (
        "gzip",
        "Accept-Encoding",
    )
    assert await response.read() == b"zipped"


async def test_document(folder: Path) -> None:
    """It tells the media type, and what aiohttp answers by itself: as bytes, for generators."""
    router = SimpleRouter()
    router.register(CoverViewSet, basename="cover")
    app = web.Application()
    app.add_routes(router.routespatters)
    setup_openapi(app, title="Covers")
    paths = document_of(app)["paths"]
    content = {"image/png": {"schema": {"type": "string", "format": "binary"}}}
    for path, errors in (
        ("/cover/{id}/", ["404"]),
        ("/cover/{id}/unchecked/", ["404"]),
        ("/cover/{id}/guarded/", ["400", "401", "403", "404"]),
    ):
        responses = paths[path]["get"]["responses"]
        told = ["200", "206", "304", "412", "416"]
        assert [*responses] == [*told, *[each for each in errors if each in responses]], path
        assert responses["200"]["content"] == responses["206"]["content"] == content
        assert all("content" not in responses[each] for each in ("304", "412", "416"))
        assert [*responses["416"]["headers"]] == ["Content-Range"]


async def test_document_of_others() -> None:
    """Of a response that is no file, and of a POST, no part is told; `default` where nothing is said."""

    class Viewed(BaseViewSet):
        @operation(produces=["image/png"])
        async def list(self, page: int = 1) -> web.Response:
            return web.Response()

        @operation(produces=["image/png"])
        async def create(self) -> web.FileResponse:
            return web.FileResponse("")

        async def detail(self, id: int) -> web.FileResponse:
            return web.FileResponse("")

    router = SimpleRouter()
    router.register(Viewed, basename="cover")
    app = web.Application()
    app.add_routes(router.routespatters)
    setup_openapi(app, title="Covers")
    paths = document_of(app)["paths"]
    assert [*paths["/cover/"]["get"]["responses"]] == ["200", "422"]
    assert [*paths["/cover/"]["post"]["responses"]] == ["201"]
    assert [*paths["/cover/{id}/"]["get"]["responses"]] == ["default", "404"]
