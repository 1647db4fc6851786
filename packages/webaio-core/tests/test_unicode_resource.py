"""A URL with a variable, and with letters beyond ASCII beside it, is found like any other."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, make_mocked_request
from pytest_aiohttp import AiohttpClient

from webaio.decorators import action
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

Client = TestClient[web.Request, web.Application]


class ArtistViewSet(BaseViewSet):
    async def list(self) -> list[str]:
        return []

    async def create(self) -> dict[str, str]:
        return {"id": "é"}

    async def detail(self, id: str) -> dict[str, str]:
        return {"detail": id}

    @action(detail=True, method="put", url_path="größe")
    async def size(self, id: str) -> dict[str, str]:
        return {"size": id}

    @action(detail=False, url_path="größen/{unit:[a-zü]+}")
    async def sizes(self, unit: str) -> dict[str, str]:
        return {"sizes": unit}


class LargeViewSet(ArtistViewSet):
    """With more URLs than are tried one after another."""

    @action(detail=True)
    async def cover(self, id: str) -> dict[str, str]:
        return {"cover": id}


def application(
    viewset: type[BaseViewSet] = ArtistViewSet, prefix: str = "/café", mount: str = ""
) -> web.Application:
    router = SimpleRouter(prefix=prefix)
    router.register(viewset, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    if not mount:
        return app
    outer = web.Application()
    outer.add_subapp(mount, app)
    return outer


async def answer(client: Client, method: str, target: str) -> tuple[int, dict[str, str], Any]:
    """Send the target byte by byte: a client of HTTP would quote it as it likes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(f"{method} {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    head, _, content = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    status, *headers = head.split("\r\n")
    fields = dict(each.split(": ", 1) for each in headers)
    is_json = fields.get("Content-Type", "").startswith("application/json")
    return int(status.split()[1]), fields, json.loads(content) if is_json else None


@pytest.mark.parametrize(
    ("method", "target", "found"),
    [
        ("GET", "/caf%C3%A9/artist/", []),
        ("GET", "/caf%C3%A9/artist/5/", {"detail": "5"}),
        ("GET", "/caf%c3%a9/artist/5/", {"detail": "5"}),
        ("GET", "/c%61f%C3%A9/%61rtist/5/", {"detail": "5"}),
        ("GET", "/caf%C3%A9/artist/%C3%BC%2F%25%20/", {"detail": "ü/% "}),
        ("PUT", "/caf%C3%A9/artist/5/gr%C3%B6%C3%9Fe/", {"size": "5"}),
        ("GET", "/caf%C3%A9/artist/gr%C3%B6%C3%9Fen/m%C3%BC/", {"sizes": "mü"}),
    ],
)
@pytest.mark.parametrize("viewset", [ArtistViewSet, LargeViewSet])
@pytest.mark.parametrize("mount", ["", "/api", "/a%25b"])
async def test_a_url_is_found_however_it_is_quoted(
    aiohttp_client: AiohttpClient,
    viewset: type[BaseViewSet],
    mount: str,
    method: str,
    target: str,
    found: Any,
) -> None:
    """Letters beyond ASCII, in the prefix and in an action, lead to the action."""
    client = await aiohttp_client(application(viewset, mount=mount))
    status, _, content = await answer(client, method, mount + target)
    assert (status, content) == (200, found)


@pytest.mark.parametrize(
    ("method", "target", "status", "allow"),
    [
        ("GET", "/cafe/artist/5/", 404, None),
        ("GET", "/caf%25C3%25A9/artist/5/", 404, None),
        ("GET", "/caf%C3/artist/5/", 404, None),
        ("GET", "/caf%C3%A9/artist/gr%C3%B6%C3%9Fen/5/", 404, None),
        ("GET", "/caf%C3%A9/artist/5/gr%C3%B6%C3%9Fe/", 405, "OPTIONS,PUT"),
        ("OPTIONS", "/caf%C3%A9/artist/5/", 204, "GET,HEAD,OPTIONS"),
        ("DELETE", "/caf%C3%A9/artist/5/", 405, "GET,HEAD,OPTIONS"),
    ],
)
async def test_what_is_not_there_is_refused(
    aiohttp_client: AiohttpClient, method: str, target: str, status: int, allow: str | None
) -> None:
    """Another URL is not found, and another method is told what there is."""
    client = await aiohttp_client(application())
    answered, headers, _ = await answer(client, method, target)
    assert (answered, headers.get("Allow")) == (status, allow)


@pytest.mark.parametrize("prefix", ["/café", "/café/{tenant}", "/{tenant}/café"])
@pytest.mark.parametrize("mount", ["", "/api"])
async def test_url_for_gives_what_is_found(
    aiohttp_client: AiohttpClient, prefix: str, mount: str
) -> None:
    """The URL that a route gives is quoted, and leads back to the route."""
    routes = application(prefix=prefix)
    variables = {"id": "ü", **({"tenant": "é"} if "{" in prefix else {})}
    url = routes.router["artist-detail"].url_for(**variables)
    assert str(url).isascii()
    client = await aiohttp_client(application(prefix=prefix, mount=mount))
    assert (await answer(client, "GET", f"{mount}{url}"))[::2] == (200, {"detail": "ü"})


async def test_location_leads_to_the_item(aiohttp_client: AiohttpClient) -> None:
    """The URL that a new item is given can be asked for."""
    client = await aiohttp_client(application())
    status, headers, _ = await answer(client, "POST", "/caf%C3%A9/artist/")
    assert (status, headers["Location"]) == (201, "/caf%C3%A9/artist/%C3%A9/")
    assert (await answer(client, "GET", headers["Location"]))[2] == {"detail": "é"}


async def test_a_method_that_no_route_has() -> None:
    """Where a user takes the refusals out, aiohttp answers with the methods that there are."""
    router = SimpleRouter(prefix="/café")
    router.register(ArtistViewSet, basename="artist")
    app = web.Application()
    app.add_routes([each for each in router.routespatters if each.method != "*"])  # type: ignore[attr-defined]  # all are RouteDef
    found = await app.router.resolve(make_mocked_request("PUT", "/caf%C3%A9/artist/5/"))
    assert isinstance(found.http_exception, web.HTTPMethodNotAllowed)
    assert found.http_exception.allowed_methods == {"GET", "HEAD"}


def test_resources_begin_alike() -> None:
    """The URLs of a viewset are told alike, with a variable and without."""
    app = application()
    assert {each.canonical for each in app.router.resources() if len(each)} == {
        "/café/artist/",
        "/café/artist/{id}/",
        "/café/artist/{id}/größe/",
        "/café/artist/größen/{unit}/",
    }
