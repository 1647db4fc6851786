import asyncio
import json
import logging
import re
from typing import Any

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient

from webaio.exceptions import NotFound
from webaio.middlewares import (
    RequestIDFilter,
    add_request_id_header,
    api_exception_handler,
    current_request_id,
    request_id_middleware,
)
from webaio.responses._head import Head
from webaio.responses._json_response import JSONResponse

LOGGER = logging.getLogger("test_request_id")


async def echo(request: web.Request) -> web.StreamResponse:
    before = current_request_id()
    await asyncio.sleep(0.01)
    LOGGER.warning("echo")
    assert current_request_id() == before
    return web.json_response(before)


async def missing(request: web.Request) -> web.StreamResponse:
    raise NotFound


async def redirect(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/")


async def stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write_eof()
    return response


def application(*middlewares: Any) -> web.Application:
    app = web.Application(middlewares=middlewares)
    app.router.add_get("/", echo)
    app.router.add_get("/missing", missing)
    app.router.add_get("/redirect", redirect)
    app.router.add_get("/stream", stream)
    return app


ORDERS = [
    (request_id_middleware, api_exception_handler),
    (api_exception_handler, request_id_middleware),
]


@pytest.mark.parametrize("middlewares", ORDERS)
@pytest.mark.parametrize("path", ["/", "/missing", "/redirect", "/nowhere"])
async def test_taken(aiohttp_client: AiohttpClient, middlewares: Any, path: str) -> None:
    """A well-formed id of the client comes back, in every answer and in either order."""
    client = await aiohttp_client(application(*middlewares))
    response = await client.get(path, headers={"X-Request-ID": "a-1"}, allow_redirects=False)
    assert response.headers.getall("X-Request-ID") == ["a-1"]
    if response.content_type == "application/problem+json":
        assert json.loads(await response.text())["request_id"] == "a-1"


async def test_made(aiohttp_client: AiohttpClient) -> None:
    """Without one each request gets its own, on one connection too."""
    client = await aiohttp_client(application(request_id_middleware))
    answers = [await client.get("/") for _ in range(2)]
    ids = [response.headers["X-Request-ID"] for response in answers]
    assert ids == [await response.json() for response in answers]
    assert len(set(ids)) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", made) for made in ids)


async def test_at_the_same_time(aiohttp_client: AiohttpClient) -> None:
    """Requests that are served together do not see each other's id."""
    client = await aiohttp_client(application(request_id_middleware))

    async def ask(number: int) -> bool:
        response = await client.get("/", headers={"X-Request-ID": str(number)})
        return bool(await response.json() == str(number))

    assert all(await asyncio.gather(*map(ask, range(20))))


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("a", True),
        ("a" * 128, True),
        ("a" * 129, False),
        ("aZ09._~:/+=@-", True),
        ("", False),
        ("a b", False),
        ("a,b", False),
        ('"a"', False),
        ("<a>", False),
        ("ä", False),
    ],
)
async def test_only_well_formed(id_client: Any, text: str, taken: bool) -> None:
    """An id with other characters, or too long, is replaced."""
    response = await id_client.get("/", headers={"X-Request-ID": text})
    assert (response.headers["X-Request-ID"] == text) is taken


@pytest.fixture
async def id_client(aiohttp_client: AiohttpClient) -> Any:
    return await aiohttp_client(application(request_id_middleware))


async def test_exceptions_are_not_changed(aiohttp_client: AiohttpClient) -> None:
    """An exception in a constant does not carry one request's id to the next."""
    error = web.HTTPNotFound()

    async def raise_it(request: web.Request) -> web.StreamResponse:
        raise error

    for middlewares in ([request_id_middleware], *ORDERS):
        app = application(*middlewares)
        app.router.add_get("/raise", raise_it)
        client = await aiohttp_client(app)
        assert (await client.get("/raise", headers={"X-Request-ID": "a-1"})).status == 404
    assert "X-Request-ID" not in error.headers


async def test_stream(aiohttp_client: AiohttpClient) -> None:
    """A response that has begun in the handler goes on unharmed."""
    client = await aiohttp_client(application(request_id_middleware))
    assert (await client.get("/stream")).status == 200


async def socket(request: web.Request) -> web.StreamResponse:
    response = web.WebSocketResponse()
    await response.prepare(request)
    await response.close()
    return response


async def bare(request: web.Request) -> web.StreamResponse:
    raise web.HTTPConflict


@pytest.mark.parametrize("path", ["/", "/stream", "/bare", "/nowhere", "/socket"])
async def test_signal(aiohttp_client: AiohttpClient, path: str) -> None:
    """With the signal every response has the header, once, whoever made it."""
    app = application(request_id_middleware)
    app.on_response_prepare.append(add_request_id_header)
    app.router.add_get("/bare", bare)
    app.router.add_get("/socket", socket)
    client = await aiohttp_client(app)
    headers = {"X-Request-ID": "a-1"}
    if path == "/socket":
        headers |= {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version": "13",
        }
    response = await client.get(path, headers=headers)
    assert response.headers.getall("X-Request-ID") == ["a-1"]
    assert (response.status == 101) is (path == "/socket")
    response.close()


async def test_log_records(aiohttp_client: AiohttpClient) -> None:
    """The filter puts the id into the records of the request, the access log's too."""
    found: list[tuple[str, Any]] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append((record.name, vars(record)["request_id"]))

    collector = Collector()
    collector.addFilter(RequestIDFilter())
    loggers = [LOGGER, logging.getLogger("aiohttp.access")]
    for logger in loggers:
        logger.addHandler(collector)
        logger.setLevel(logging.INFO)
    try:
        client = await aiohttp_client(application(request_id_middleware))
        await client.get("/", headers={"X-Request-ID": "a-1"})
        LOGGER.warning("outside")
        await asyncio.sleep(0.05)
    finally:
        for logger in loggers:
            logger.removeHandler(collector)
            logger.setLevel(logging.NOTSET)
    assert found == [
        ("test_request_id", "a-1"),
        ("test_request_id", "-"),
        ("aiohttp.access", "a-1"),
    ] or found == [
        ("test_request_id", "a-1"),
        ("aiohttp.access", "a-1"),
        ("test_request_id", "-"),
    ]


async def test_responses_of_webaio(aiohttp_client: AiohttpClient) -> None:
    """A response that is written in one piece has the header too."""

    async def piece(request: web.Request) -> web.StreamResponse:
        return JSONResponse(Head(200), b"{}")

    app = web.Application(middlewares=[request_id_middleware])
    app.router.add_get("/", piece)
    client = await aiohttp_client(app)
    response = await client.get("/", headers={"X-Request-ID": "id-1"})
    assert response.headers["X-Request-ID"] == "id-1"
