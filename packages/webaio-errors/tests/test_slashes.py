"""With `redirect_slashes` a URL that is wrong in nothing but its last slash leads to the right one."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from aiohttp.typedefs import Handler, Middleware
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_aiohttp import AiohttpClient
from yarl import URL

from webaio.exceptions import NotFound
from webaio.middlewares import api_exception_handler, exception_handler, request_id_middleware

SLASHES = exception_handler(redirect_slashes=True)


async def echo(request: web.Request) -> web.StreamResponse:
    return web.json_response([request.method, request.query_string, await request.text()])


async def missing(request: web.Request) -> web.StreamResponse:
    raise NotFound


async def not_found(request: web.Request) -> web.StreamResponse:
    raise web.HTTPNotFound


def application(*middlewares: Middleware) -> web.Application:
    below = web.Application()
    below.add_routes([web.get("/", echo), web.get("/tag/", echo), web.get("/tag/{id}", echo)])
    app = web.Application(middlewares=middlewares or [SLASHES])
    app.add_routes(
        [
            web.route("*", "/artist/", echo),
            web.get("/artist/{id}/", echo),
            web.get("/swagger", echo),
            web.get("/missing", missing),
            web.get("/missing/", echo),
            web.get("/not-found/", not_found),
            web.get("/not-found", echo),
            web.get("/größe/", echo),
        ]
    )
    app.add_subapp("/below", below)
    return app


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/artist", "/artist/"),
        ("/artist?limit=1&q=a%20b+c", "/artist/?limit=1&q=a%20b+c"),
        ("/artist?next=//evil.example/?x", "/artist/?next=//evil.example/?x"),
        ("/artist/7", "/artist/7/"),
        ("/artist/a%2Fb%2f", "/artist/a%2Fb%2f/"),
        ("/artist/%E9%25%0D%0A", "/artist/%E9%25%0D%0A/"),
        ("/artist//", "/artist/"),
        ("/swagger/", "/swagger"),
        ("/swagger/?a=1", "/swagger?a=1"),
        ("/gr%C3%B6%C3%9Fe", "/gr%C3%B6%C3%9Fe/"),
        ("/below", "/below/"),
        ("/below/tag", "/below/tag/"),
        ("/below/tag/7/", "/below/tag/7"),
    ],
)
async def test_redirects(aiohttp_client: AiohttpClient, path: str, location: str) -> None:
    """The redirect is to the letter what was asked, but for the slash."""
    client = await aiohttp_client(application(request_id_middleware, SLASHES))
    response = await client.get(URL(path, encoded=True), allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (308, location)
    assert response.headers["X-Request-ID"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
async def test_methods(aiohttp_client: AiohttpClient, method: str) -> None:
    """A client that follows it comes with the same method, query and body."""
    client = await aiohttp_client(application())
    body = None if method in ("GET", "HEAD", "OPTIONS") else "x" * 100_000
    response = await client.request(method, "/artist?a=1", data=body)
    assert [each.status for each in response.history] == [308]
    if method != "HEAD":
        assert await response.json() == [method, "a=1", body or ""]


async def test_other_methods(aiohttp_client: AiohttpClient) -> None:
    """The other URL is one, whatever the method: there the answer is 405, with `Allow`."""
    client = await aiohttp_client(application())
    response = await client.delete("/swagger/")
    assert ([each.status for each in response.history], response.status) == ([308], 405)
    assert response.headers["Allow"] == "GET,HEAD"


@pytest.mark.parametrize(
    "path",
    ["/", "/nothing", "/nothing/", "/artist/7/8", "/artist/7///", "/missing", "/not-found/"],
)
async def test_not_found(aiohttp_client: AiohttpClient, path: str) -> None:
    """What is nowhere is a 404, and so is what a handler does not find, though the other URL is one."""
    client = await aiohttp_client(application())
    response = await client.get(path, allow_redirects=False)
    assert (response.status, response.content_type) == (404, "application/problem+json")


async def test_unless_asked_for(aiohttp_client: AiohttpClient) -> None:
    """Without the option the 404 stays."""
    client = await aiohttp_client(application(api_exception_handler))
    assert (await client.get("/artist", allow_redirects=False)).status == 404


async def test_middlewares_inside(aiohttp_client: AiohttpClient) -> None:
    """A middleware inside sees the 404; aiohttp clones no request whose body it has read."""
    seen = []

    @web.middleware
    async def read(request: web.Request, handler: Handler) -> web.StreamResponse:
        seen.append(await request.text())
        return await handler(request)

    client = await aiohttp_client(application(SLASHES, read))
    assert (await client.get("/artist", allow_redirects=False)).status == 308
    response = await client.post("/artist", data="x", allow_redirects=False)
    assert (response.status, response.content_type) == (404, "application/problem+json")
    assert seen == ["", "x"]


async def test_sub_application(aiohttp_client: AiohttpClient) -> None:
    """The middleware of a sub-application does it for the URLs below."""
    app, below = web.Application(), web.Application(middlewares=[SLASHES])
    below.add_routes([web.get("/tag/", echo)])
    app.add_subapp("/below", below)
    client = await aiohttp_client(app)
    response = await client.get("/below/tag", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (308, "/below/tag/")


@pytest_asyncio.fixture
async def open_server() -> AsyncIterator[BaseTestServer]:
    """A server that has a URL for every path with a slash at its end, and so may redirect to any."""
    app = web.Application(middlewares=[SLASHES])
    app.router.add_route("*", "/{tail:(.|\\s)*}/", echo)
    async with TestServer(app) as server:
        yield server


async def location_of(server: BaseTestServer, target: bytes, method: bytes = b"GET") -> str | None:
    """Ask for a target as it stands, and give where it leads, as the bytes of the head say."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"%s %s HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n" % (method, target))
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    head = answer.partition(b"\r\n\r\n")[0]
    status, *headers = head.decode("ascii").split("\r\n")
    assert int(status.split()[1]) in (200, 308, 400, 404, 405)
    assert b"\nEvil" not in answer
    found = [line.removeprefix("Location: ") for line in headers if line.startswith("Location: ")]
    return found[0] if found else None


ATTACKS = {
    b"//evil.example": None,
    b"//evil.example/%2f..": None,
    b"///evil.example": None,
    b"//": None,
    b"/\\evil.example": "/%5Cevil.example/",
    b"/\\/evil.example": "/%5C/evil.example/",
    b"/%5Cevil.example": "/%5Cevil.example/",
    b"/%2Fevil.example": "/%2Fevil.example/",
    b"/a/..//evil.example": "/a/..//evil.example/",
    b"/x%0D%0AEvil:%201": "/x%0D%0AEvil:%201/",
    b"/x?a=%0D%0AEvil:%201": "/x/?a=%0D%0AEvil:%201",
    b'/x"<>|^`{}[]': "/x%22%3C%3E%7C%5E%60%7B%7D%5B%5D/",
    b'/x?a="<\\>|^`{}[]': "/x/?a=%22%3C%5C%3E%7C%5E%60%7B%7D%5B%5D",
    b"http://evil.example/x": "/x/",
    b"http://evil.example//x": None,
    b"*": None,
}


@pytest.mark.parametrize(("target", "location"), ATTACKS.items(), ids=repr)
async def test_attacks(open_server: BaseTestServer, target: bytes, location: str | None) -> None:
    """A redirect leads to this host only, and nothing of a request becomes a line of the head."""
    assert await location_of(open_server, target) == location


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)
@given(
    target=st.lists(
        st.sampled_from(
            [
                *(
                    b"/",
                    b"//",
                    b"\\",
                    b"\t",
                    b"\r",
                    b"\x00",
                    b"evil.example",
                    b"@",
                    b":",
                    b"?",
                    b"#",
                ),
                *(
                    b"..",
                    b"%2F",
                    b"%5C",
                    b"%0d%0a",
                    b"%",
                    b"\xc3\xb6",
                    b"\xff",
                    b"http:",
                    b";",
                    b"a",
                ),
            ]
        ),
        max_size=7,
    ).map(lambda parts: b"/" + b"".join(parts)),
    method=st.sampled_from([b"GET", b"HEAD", b"OPTIONS", b"POST"]),
)
async def test_any_target(open_server: BaseTestServer, target: bytes, method: bytes) -> None:
    """Whatever is asked, where it leads is a path of this host, in printable ASCII."""
    location = await location_of(open_server, target, method)
    if location is None:
        return
    assert location.isprintable()
    assert not set(location) & set(' "<>\\^`{|}#')
    parts = urlsplit(location)
    assert (parts.scheme, parts.netloc, parts.path[:1]) == ("", "", "/")
    assert not location.startswith("//")
