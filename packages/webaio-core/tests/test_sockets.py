"""Actions that talk over a WebSocket: the handshake, the messages, how a talk ends."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import aiohttp
import msgspec
import pydantic
import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError, hdrs, web
from msgspec import Meta, Struct
from openapi_spec_validator import OpenAPIV31SpecValidator

from webaio import cors, openapi, streams
from webaio.authentication import APIKey, CrossOriginProtection, Identity, SessionCookie
from webaio.conditions import idempotent
from webaio.decorators import action, operation
from webaio.exceptions import (
    APIException,
    Conflict,
    ImproperlyConfigured,
    NotFound,
    ParseError,
    PermissionDenied,
    ValidationError,
)
from webaio.middlewares import (
    api_exception_handler,
    exception_handler,
    handle_exceptions,
    request_id_middleware,
)
from webaio.parameters import Cookie, Depends, Header
from webaio.permissions import Anyone, IsAuthenticated, ObjectPermission
from webaio.renderers import CSV, JSON
from webaio.routers import SimpleRouter
from webaio.sockets import Socket, _socket, _talk
from webaio.sockets._talk import Talk
from webaio.throttling import Rate
from webaio.viewsets import BaseViewSet

SOON = 5.0
ENOUGH = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
KEY = b"Sec-WebSocket-Key: " + base64.b64encode(b"0123456789abcdef") + b"\r\n"


class Question(Struct, tag="question"):
    text: Annotated[str, Meta(max_length=200)]


class Bye(Struct, tag="bye"):
    why: str = "I must go"


class Reply(Struct, tag="reply"):
    text: str


@dataclass
class Place:
    x: int


class Tour(pydantic.BaseModel):
    city: str


class Log:
    """What happened in a test, in its order."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._changed = asyncio.Event()

    def add(self, word: str) -> None:
        self.words.append(word)
        self._changed.set()

    async def until(self, word: str, within: float = SOON) -> None:
        async with asyncio.timeout(within):
            while word not in self.words:
                self._changed.clear()
                await self._changed.wait()


LOG = web.AppKey("LOG", Log)


async def transaction(request: web.Request) -> AsyncIterator[Log]:
    log = request.app[LOG]
    log.add("begun")
    try:
        yield log
    except (Exception, asyncio.CancelledError) as error:
        log.add(f"rolled back: {type(error).__name__}")
        raise
    log.add("committed")


Transaction = Annotated[Log, Depends(transaction)]


class Served:
    """An application on a server as it is in production, where nobody cancels a handler."""

    def __init__(self, app: web.Application, runner: web.AppRunner) -> None:
        self.app, self.runner, self.log = app, runner, app[LOG]
        self.host, self.port = runner.addresses[0]
        self.session = ClientSession(f"http://{self.host}:{self.port}")
        self.connect, self.request = self.session.ws_connect, self.session.request

    async def stop(self) -> None:
        async with asyncio.timeout(SOON):
            await self.runner.cleanup()

    async def refusal(self, path: str, **options: Any) -> int:
        with pytest.raises(WSServerHandshakeError) as caught:
            await self.connect(path, **options)
        return caught.value.status

    async def head_of_answer(self, *lines: bytes, path: bytes = b"/artist/talk/") -> bytes:
        """Send a handshake as it is written, and give the head of what comes."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        host = b"Host: %s:%d\r\n" % (self.host.encode(), self.port)
        try:
            writer.write(b"GET %s HTTP/1.1\r\n" % path + host + b"".join(lines) + b"\r\n")
            async with asyncio.timeout(SOON):
                return await reader.readuntil(b"\r\n\r\n")
        finally:
            writer.close()
            await writer.wait_closed()


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve viewsets as `artist`, with the set-up of streams where nothing else is said."""
    served: list[Served] = []

    async def serve(
        viewset: type[BaseViewSet],
        *middlewares: Any,
        ends_streams: bool = True,
        check_results: bool | None = None,
        **options: Any,
    ) -> Served:
        app = web.Application(middlewares=middlewares, **options)
        app[LOG] = Log()
        router = SimpleRouter(check_results=check_results)
        router.register(viewset, basename="artist")
        app.add_routes(router.routespatters)
        if ends_streams:
            streams.setup(app)
        openapi.setup(app, title="Sockets", swagger=False)
        OpenAPIV31SpecValidator(openapi.document_of(app)).validate()
        running = web.AppRunner(app)
        await running.setup()
        await web.TCPSite(running, "127.0.0.1", 0).start()
        served.append(Served(app, running))
        return served[-1]

    yield serve
    for each in served:
        await each.session.close()
        await each.stop()


class TalkViewSet(BaseViewSet):
    @action(detail=False)
    async def talk(self, socket: Socket[Question | Bye, Reply | Bye]) -> None:
        """Talk."""
        async for message in socket:
            match message:
                case Question(text):
                    await socket.send(Reply(text.upper()))
                case Bye():
                    await socket.send(message)
                    return


@pytest.mark.parametrize("middlewares", [(), (api_exception_handler,), (request_id_middleware,)])
async def test_typed_talk(serve: Serve, middlewares: Sequence[Any]) -> None:
    """Messages are read and written as declared, and a talk that returns closes with 1000."""
    served = await serve(TalkViewSet, *middlewares)
    async with served.connect("/artist/talk/") as ws:
        await ws.send_str('{"type": "question", "text": "süß"}')
        assert await ws.receive_str() == '{"type":"reply","text":"SÜSS"}'
        await ws.send_str('{"type": "bye"}')
        assert await ws.receive_str() == '{"type":"bye","why":"I must go"}'
        message = await ws.receive()
        assert (message.type, message.data, message.extra) == (WSMsgType.CLOSE, 1000, "")
    async with served.request("GET", "/openapi.json") as response:
        assert response.status == 200
