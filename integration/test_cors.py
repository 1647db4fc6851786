"""Pages of other origins: a browser on one, the API on another; and all that webaio answers."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web
from msgspec import Struct
from pytest_aiohttp import AiohttpClient

from integration.browser import browsing
from integration.serving import free_port, serving
from webaio import cors, openapi
from webaio.routers import DefaultRouter
from webaio.viewsets import BaseViewSet

APP: Final = "https://app.example"
ASKED: Final = {"Origin": APP, "Access-Control-Request-Method": "PATCH"}

SERVERS: Final = """
import asyncio
import sys

from aiohttp import web
from msgspec import Struct

from webaio import cors
from webaio.exceptions import NotAuthenticated
from webaio.middlewares import api_exception_handler
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

PORT = int(sys.argv[1])


class Artist(Struct):
    id: int
    name: str


class ArtistViewSet(BaseViewSet):
    async def create(self, body: Artist) -> Artist:
        return body

    async def detail(self, id: int) -> str:
        return self.request.cookies["user"]

    async def partial_update(self, id: int, body: Artist) -> Artist:
        return body


@web.middleware
async def guard(request, handler):
    if "user" not in request.cookies:
        raise NotAuthenticated
    return await handler(request)


async def log_in(request):
    response = web.Response(status=204)
    response.set_cookie("user", "ana", httponly=True)
    return response


async def page(request):
    return web.Response(text="<title>A page</title>", content_type="text/html")


async def serve(app, port):
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()


async def main():
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    below = web.Application(middlewares=[guard])
    below.add_routes(router.routespatters)
    api = web.Application(middlewares=[api_exception_handler])
    cors.setup(api, [f"http://127.0.0.1:{PORT + 1}"], credentials=True)
    api.router.add_post("/log-in", log_in)
    api.add_subapp("/v1", below)
    pages = web.Application()
    pages.router.add_get("/{tail:.*}", page)
    await serve(pages, PORT + 1)
    await serve(api, PORT)
    await asyncio.Event().wait()


asyncio.run(main())
"""

FETCH: Final = """async ([method, url, body]) => {
    const headers = body === null ? {} : {"Content-Type": "application/json"};
    const options = {method, headers, body, credentials: "include"};
    try {
        const answer = await fetch(url, options);
        const text = await answer.text();
        return {
            status: answer.status,
            body: text === "" ? null : JSON.parse(text),
            location: answer.headers.get("Location"),
        };
    } catch (error) {
        return {error: error.name};
    }
}"""


def test_browser(tmp_path: Path) -> None:
    """A page of a known origin reads a 401, a 201 and a 422 with credentials; another reads nothing."""
    (tmp_path / "servers.py").write_text(SERVERS)
    port = free_port()
    api = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "error", "servers.py", str(port)]
    with serving(command, tmp_path, f"{api}/", tmp_path / "log"), browsing() as visit:

        def fetch(method: str, path: str, body: str | None = None) -> dict[str, Any]:
            answer: dict[str, Any] = visit.page.evaluate(FETCH, [method, f"{api}{path}", body])
            return answer

        artist = '{"id": 1, "name": "Gustavo Cerati"}'
        visit.page.goto(f"http://127.0.0.1:{port + 1}/")
        unknown = fetch("PATCH", "/v1/artist/1/", artist)
        assert (unknown["status"], unknown["body"]["code"]) == (401, "not_authenticated")
        assert fetch("POST", "/log-in")["status"] == 204
        created = fetch("POST", "/v1/artist/", artist)
        assert (created["status"], created["location"]) == (201, "/v1/artist/1/")
        assert fetch("GET", "/v1/artist/1/")["body"] == "ana"
        invalid = fetch("PATCH", "/v1/artist/1/", '{"id": "x"}')
        assert (invalid["status"], invalid["body"]["title"]) == (422, "Unprocessable Content")
        assert [each["pointer"] for each in invalid["body"]["errors"]] == ["/id", "/name"]
        assert fetch("DELETE", "/v1/artist/1/")["body"]["code"] == "method_not_allowed"
        assert fetch("GET", "/v1/nowhere")["status"] == 404

        visit.page.goto(f"http://localhost:{port + 1}/")
        for asked in (("GET", "/v1/artist/1/", None), ("PATCH", "/v1/artist/1/", artist)):
            assert fetch(*asked) == {"error": "TypeError"}


class Artist(Struct):
    id: int
    name: str


Artists = list[Artist]


class ArtistViewSet(BaseViewSet):
    async def list(self) -> Artists:
        return []

    async def create(self, body: Artist) -> Artist:
        return body

    async def detail(self, id: int) -> AsyncIterator[Artist]:
        for _ in range(2):
            yield Artist(id, "Gustavo Cerati")

    async def destroy(self, id: int) -> None:
        raise KeyError(id)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", None, 200),
        ("GET", "/artist/", None, 200),
        ("HEAD", "/artist/", None, 200),
        ("OPTIONS", "/artist/", None, 204),
        ("POST", "/artist/", b'{"id": 1, "name": "a"}', 201),
        ("POST", "/artist/", b'{"id": "x"}', 422),
        ("POST", "/artist/", b"{", 400),
        ("PUT", "/artist/", b"", 405),
        ("GET", "/artist/1/", None, 200),
        ("GET", "/artist/x/", None, 404),
        ("DELETE", "/artist/1/", None, 500),
        ("GET", "/nowhere", None, 404),
        ("GET", "/openapi.json", None, 200),
        ("GET", "/swagger", None, 200),
    ],
)
async def test_routers(
    aiohttp_client: AiohttpClient, method: str, path: str, body: bytes | None, status: int
) -> None:
    """Whatever a router answers has the headers, a stream and OPTIONS too, with no error middleware."""
    router = DefaultRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application()
    cors.setup(app, [APP])
    app.add_routes(router.routespatters)
    openapi.setup(app)
    client = await aiohttp_client(app)
    headers = {"Origin": APP, **({"Content-Type": "application/json"} if body else {})}
    for origin, told in ((APP, [APP]), ("https://evil.example", [])):
        answer = await client.request(
            method, path, data=body, headers={**headers, "Origin": origin}
        )
        assert answer.status == status
        assert answer.headers.getall("Access-Control-Allow-Origin", []) == told
        assert [name.split(", ")[-1] for name in answer.headers.getall("Vary")] == ["Origin"]
        if method == "OPTIONS":
            assert answer.headers["Allow"] == "GET,HEAD,OPTIONS,POST"
    preflight = await client.options(path, headers=ASKED)
    has_path = path != "/nowhere"
    assert (preflight.status, "Access-Control-Allow-Methods" in preflight.headers) == (
        204,
        has_path,
    )
    assert "Allow" not in preflight.headers
