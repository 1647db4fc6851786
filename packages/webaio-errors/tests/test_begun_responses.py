import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from pytest_aiohttp import AiohttpClient, AiohttpServer

import webaio.exceptions
from webaio.exceptions import APIException, NotFound
from webaio.middlewares import api_exception_handler, request_id_middleware

Serve = Callable[[web.Application], Awaitable[int]]
Begin = Callable[[web.Request], Awaitable[web.StreamResponse]]

ERRORS = [
    NotFound("x"),
    NotFound,
    KeyError("x"),
    TimeoutError(),
    ConnectionError("a database"),
    web.HTTPNotFound(),
    web.HTTPFound("/"),
    web.HTTPOk(),
]


CLASSES: list[type[APIException]] = [
    member
    for member in vars(webaio.exceptions).values()
    if isinstance(member, type) and issubclass(member, APIException)
]


async def chunked(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"begun")
    return response


async def with_length(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"begun")
    return response


async def only_the_head(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    return response


async def complete(request: web.Request) -> web.StreamResponse:
    response = web.Response(text="begun")
    await response.prepare(request)
    await response.write_eof()
    return response


async def held_back(request: web.Request) -> web.StreamResponse:
    response = web.Response(text="begun")
    await response.prepare(request)
    return response


async def held_back_and_chunked(request: web.Request) -> web.StreamResponse:
    response = web.Response(text="begun")
    response.enable_chunked_encoding()
    await response.prepare(request)
    return response


async def held_back_and_compressed(request: web.Request) -> web.StreamResponse:
    response = web.Response(text="begun")
    response.enable_compression(web.ContentCoding.deflate)
    await response.prepare(request)
    return response


def application(handler: Any) -> web.Application:
    app = web.Application(middlewares=[request_id_middleware, api_exception_handler])
    app.router.add_get("/", handler)
    return app


async def read_all(port: int | None) -> bytes:
    """Send a request, and read until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("begin", [chunked, with_length, only_the_head, complete])
@pytest.mark.parametrize("error", [*ERRORS, *CLASSES], ids=repr)
async def test_connection_is_cut(aiohttp_server: AiohttpServer, begin: Begin, error: Any) -> None:
    """After a response has begun an error adds nothing to it: the connection ends there."""

    async def handler(request: web.Request) -> web.StreamResponse:
        await begin(request)
        raise error

    server = await aiohttp_server(application(handler))
    for _ in range(2):
        answer = await read_all(server.port)
        assert answer.count(b"HTTP/1.1") == 1
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"problem" not in answer
        assert not answer.endswith(b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("error", [KeyError("x"), TimeoutError("x"), web.HTTPNotFound()], ids=repr)
async def test_what_cuts_is_logged(
    aiohttp_server: AiohttpServer, error: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the traceback of each, of a time that was over too, of which aiohttp tells nothing."""

    async def handler(request: web.Request) -> web.StreamResponse:
        await chunked(request)
        raise error

    await read_all((await aiohttp_server(application(handler))).port)
    assert f"{type(error).__name__}" in caplog.text
    assert "in handler" in caplog.text


@pytest.mark.parametrize("begin", [held_back, held_back_and_chunked, held_back_and_compressed])
@pytest.mark.parametrize("error", ERRORS, ids=repr)
async def test_prepared_and_not_sent(
    aiohttp_server: AiohttpServer, begin: Begin, error: Any
) -> None:
    """The same holds where aiohttp keeps the head of a prepared response back."""

    async def handler(request: web.Request) -> web.StreamResponse:
        await begin(request)
        raise error

    server = await aiohttp_server(application(handler))
    answer = await read_all(server.port)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") <= 1
    assert b"problem" not in answer


@pytest.mark.parametrize("error", ERRORS, ids=repr)
async def test_web_socket_is_cut(aiohttp_client: AiohttpClient, error: Any) -> None:
    """An error inside a WebSocket closes it, and writes no HTTP into it."""

    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive_str()
        raise error

    client = await aiohttp_client(application(handler))
    async with client.ws_connect("/") as socket:
        await socket.send_str("x")
        message = await socket.receive(timeout=10)
    assert message.type in (WSMsgType.CLOSED, WSMsgType.CLOSE, WSMsgType.ERROR)


async def test_complete_response_and_next_request(aiohttp_client: AiohttpClient) -> None:
    """An error on one connection leaves the next request unharmed."""
    fail = True

    async def handler(request: web.Request) -> web.StreamResponse:
        if fail:
            raise APIException
        return web.Response(text="fine")

    client = await aiohttp_client(application(handler))
    assert (await client.get("/")).status == 500
    fail = False
    assert await (await client.get("/")).text() == "fine"


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve as `web.run_app` does, without the cancellation of aiohttp's test server."""
    runners: list[web.AppRunner] = []

    async def start(app: web.Application) -> int:
        runner = web.AppRunner(app)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port: int = runner.addresses[0][1]
        return port

    yield start
    for runner in runners:
        await runner.cleanup()


async def writes_on(request: web.Request) -> web.StreamResponse:
    response = await chunked(request)
    while True:
        await response.write(b"x" * 65536)


async def reads_all(request: web.Request) -> web.StreamResponse:
    return web.Response(body=await request.read())


async def starts_then_reads_all(request: web.Request) -> web.StreamResponse:
    response = await chunked(request)
    await request.read()
    return response


async def writes_on_in_a_group(request: web.Request) -> web.StreamResponse:
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(writes_on(request))
    return writing.result()


@pytest.mark.parametrize(
    "handler", [writes_on, writes_on_in_a_group, reads_all, starts_then_reads_all]
)
async def test_gone_client(serve: Serve, caplog: pytest.LogCaptureFixture, handler: Any) -> None:
    """A client that goes while it is written to or read from is no error, and logged as none."""
    caplog.set_level(logging.DEBUG)
    raised: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    async def watched(request: web.Request) -> web.StreamResponse:
        try:
            response: web.StreamResponse = await handler(request)
        except BaseException as error:
            raised.set_result(error)
            raise
        return response

    port = await serve(application(watched))
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.transport.abort()
    async with asyncio.timeout(10):
        assert isinstance(await raised, (ConnectionError, ExceptionGroup))
    await asyncio.sleep(0.05)
    assert "GET: the client went away" in caplog.messages
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_database_that_is_gone(
    aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A connection that breaks behind the server is an error, since the client still waits."""

    async def handler(request: web.Request) -> web.StreamResponse:
        raise ConnectionResetError

    client = await aiohttp_client(application(handler))
    assert (await client.get("/")).status == 500
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_cancellation_passes(aiohttp_server: AiohttpServer) -> None:
    """A cancelled handler is cancelled: the middleware does not answer for it."""
    outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @web.middleware
    async def watch(request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            response: web.StreamResponse = await handler(request)
        except asyncio.CancelledError:
            outcome.set_result("cancelled")
            raise
        outcome.set_result("answered")
        return response

    async def handler(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    app = web.Application(middlewares=[watch, api_exception_handler])
    app.router.add_get("/", handler)
    server = await aiohttp_server(app)  # it cancels when the client goes
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.transport.abort()
    async with asyncio.timeout(10):
        assert await outcome == "cancelled"
