import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient

from webaio import openapi
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet


class ArtistViewSet(BaseViewSet):
    async def list(self, request: web.Request) -> web.Response:
        """List the <artists>.

        The rest is not shown.
        """
        return web.Response()


async def index(request: web.Request) -> web.Response:
    return web.Response()


def application() -> web.Application:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    api = web.Application()
    api.add_routes(router.routespatters)
    app = web.Application()
    openapi.setup(app, title="Artists & more", version="1.2.3")
    app.router.add_get("/", index)
    app.add_subapp("/api/", api)
    return app


async def test_page(aiohttp_client: AiohttpClient) -> None:
    """The page shows each operation once, of sub-apps too, whatever was added after `setup`."""
    client = await aiohttp_client(application())
    response = await client.get("/swagger")
    text = await response.text()
    assert (response.status, response.content_type) == (200, "text/html")
    assert "<h1>Artists &amp; more <small>1.2.3</small></h1>" in text
    assert text.count("<tr><td>") == 2
    assert "<tr><td>GET<td>/api/artist/<td>List the &lt;artists&gt;." in text
    assert "<tr><td>GET<td>/<td>" in text


@pytest.mark.parametrize("path", ["/swagger"])
async def test_twice(aiohttp_client: AiohttpClient, path: str) -> None:
    """The page can be asked for again."""
    client = await aiohttp_client(application())
    first, second = await client.get(path), await client.get(path)
    assert await first.read() == await second.read()
