import functools
import re
from typing import Any

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient

from webaio import openapi
from webaio.configuration import ImproperlyConfigured
from webaio.decorators import action
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet


class ArtistViewSet(BaseViewSet):
    async def list(self, request: web.Request) -> web.Response:
        """List the <artists>.

        The rest is not shown.
        """
        return web.Response()

    @action(detail=False, method="head")
    async def look(self, request: web.Request) -> web.Response:
        """Look."""
        return web.Response()


class AlbumView(web.View):
    async def get(self) -> web.Response:
        """List the albums."""
        return web.Response()

    async def put(self) -> web.Response:
        return web.Response()


async def index(request: web.Request, more: object = None) -> web.Response:
    return web.Response()


class Callable:
    """Not the operation's docstring."""

    async def __call__(self, request: web.Request) -> web.Response:
        return web.Response()


def application() -> web.Application:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    api = web.Application()
    api.add_routes(router.routespatters)
    app = web.Application()
    openapi.setup(app, title="Artists & {more}", version="1.2.3")
    app.router.add_get("/", index)
    app.router.add_get("/partial", functools.partial(index, more=1))
    app.router.add_view("/album", AlbumView)
    app.router.add_get("/view", AlbumView)
    app.router.add_route("*", "/any", index)
    app.add_subapp("/api/", api)
    return app


async def test_page(aiohttp_client: AiohttpClient) -> None:
    """The page shows each operation once, whatever its form, and what was added after `setup` too."""
    client = await aiohttp_client(application())
    for _ in range(2):
        response = await client.get("/swagger")
        text = await response.text()
        assert (response.status, response.content_type) == (200, "text/html")
        assert "<h1>Artists &amp; {more} <small>1.2.3</small></h1>" in text
        assert re.findall("<tr><td>(.*)<td>(.*)<td>(.*)", text) == [
            ("GET", "/", ""),
            ("GET", "/album", "List the albums."),
            ("PUT", "/album", ""),
            ("any", "/any", ""),
            ("GET", "/api/artist/", "List the &lt;artists&gt;."),
            ("HEAD", "/api/artist/look/", "Look."),
            ("GET", "/partial", ""),
            ("GET", "/view", "List the albums."),
        ]


def test_twice() -> None:
    """A second page of one application is refused."""
    app = application()
    with pytest.raises(ImproperlyConfigured, match="Call it once"):
        openapi.setup(app)


@pytest.mark.parametrize("version", [1.0, 2])
async def test_version_that_is_a_number(aiohttp_client: AiohttpClient, version: Any) -> None:
    """A version may be a number."""
    app = web.Application()
    openapi.setup(app, version=version)
    client = await aiohttp_client(app)
    assert f"<small>{version}</small>" in await (await client.get("/swagger")).text()
