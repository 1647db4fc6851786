"""Actions that talk over a WebSocket: the handshake, the messages, how a talk ends."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

import aiohttp
import msgspec
import pydantic
import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer
from msgspec import Meta, Struct

from webaio import openapi, streams
from webaio.authentication import BaseAuthentication, Identity, SessionCookie
from webaio.conditions import idempotent
from webaio.decorators import action
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
    request_id_middleware,
)
from webaio.parameters import Cookie, Depends, Header, overriding
from webaio.permissions import IsAuthenticated, ObjectPermission
from webaio.renderers import CSV, JSON
from webaio.routers import SimpleRouter
from webaio.sockets import Socket, _socket, _talk
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
        self.sent = 0
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
async def serve(run_app: Callable[..., Awaitable[web.AppRunner]]) -> AsyncIterator[Serve]:
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
        served.append(Served(app, await run_app(app)))
        return served[-1]

    yield serve
    for each in served:
        await each.session.close()


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


class EchoViewSet(BaseViewSet):
    """Each gives back what it is given."""

    @action(detail=False)
    async def text(self, socket: Socket[str, str]) -> None:
        async for each in socket:
            await socket.send(each)

    @action(detail=False)
    async def models(self, socket: Socket[list[Reply], list[Reply]]) -> None:
        async for each in socket:
            await socket.send(each)

    @action(detail=False)
    async def dataclass(self, socket: Socket[Place, Place]) -> None:
        async for each in socket:
            await socket.send(each)

    @action(detail=False)
    async def pydantic(self, socket: Socket[Tour, Tour]) -> None:
        async for each in socket:
            await socket.send(each)

    @action(detail=False)
    async def alone(  # type: ignore[misc]  # no name is refused
        socket: Socket[int | None, int | None], instance: int = 1, _: int = 1
    ) -> None:
        async for each in socket:
            await socket.send(each)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("text", '"süß \\"1\\""'),
        ("models", '[{"type":"reply","text":"1"}]'),
        ("dataclass", '{"x":1}'),
        ("pydantic", '{"city":"Quito"}'),
        ("alone", "1"),
        ("alone", "null"),
    ],
)
async def test_any_type(serve: Serve, path: str, message: str) -> None:
    """A message is of any type that a body may have."""
    served = await serve(EchoViewSet)
    async with served.connect(f"/artist/{path}/") as ws:
        await ws.send_str(message)
        assert msgspec.json.decode(await ws.receive_str()) == msgspec.json.decode(message)
        await ws.close()
    assert ws.close_code == 1000


@pytest.mark.parametrize("middlewares", [(), (api_exception_handler,)])
@pytest.mark.parametrize(
    ("method", "status"), [("GET", 426), ("HEAD", 426), ("OPTIONS", 204), ("POST", 405)]
)
async def test_no_handshake(
    serve: Serve, middlewares: Sequence[Any], method: str, status: int
) -> None:
    """A request that opens no socket is told how to, as a problem."""
    served = await serve(TalkViewSet, *middlewares)
    async with served.request(method, "/artist/talk/") as response:
        assert response.status == status
        if status != 426:
            assert response.headers["Allow"] == "GET,HEAD,OPTIONS"
            return
        assert response.headers["Upgrade"] == "websocket"
        assert response.headers["Connection"] == "Upgrade"
        assert response.headers["Sec-WebSocket-Version"] == "13"
        assert response.content_type == "application/problem+json"
        if method == "GET":
            assert (await response.json(content_type=None))["code"] == "upgrade_required"


@pytest.mark.parametrize(
    "lines",
    [
        [ENOUGH],  # no key
        [ENOUGH, b"Sec-WebSocket-Key: x\r\n"],
        [ENOUGH.replace(b"13", b"12"), KEY],
        [ENOUGH.replace(b"websocket", b"h2c"), KEY],
        [ENOUGH.replace(b"Connection: Upgrade\r\n", b""), KEY],
    ],
)
async def test_broken_handshake(serve: Serve, lines: list[bytes]) -> None:
    """A handshake that lacks anything opens nothing."""
    served = await serve(TalkViewSet)
    assert (await served.head_of_answer(*lines)).startswith(b"HTTP/1.1 426 ")


async def test_handshake_of_another_method(serve: Serve) -> None:
    """HEAD opens no socket, and neither does HTTP/1.0."""
    served = await serve(TalkViewSet)
    for line in (b"HEAD /artist/talk/ HTTP/1.1", b"GET /artist/talk/ HTTP/1.0"):
        reader, writer = await asyncio.open_connection(served.host, served.port)
        writer.write(line + b"\r\nHost: a\r\n" + ENOUGH + KEY + b"\r\n")
        assert b" 426 " in await reader.readline()
        writer.close()
        await writer.wait_closed()


class Token(BaseAuthentication):
    scheme_name, challenge = "token", "Token"
    security_scheme = {"type": "apiKey", "in": "header", "name": "X-API-Key"}

    def credentials(self, request: web.Request) -> str | None:
        return request.headers.get("X-API-Key")

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        return await known(credentials)


async def known(name: str) -> Identity | None:
    return Identity(name, name) if name in ("ana", "ben") else None


class IsAna(ObjectPermission[str, Any]):
    async def allows(self, user: str | None, item: Any) -> bool:
        return user == "ana"


async def missing(request: web.Request) -> None:
    if "conflict" in request.query:
        raise Conflict


class GuardedViewSet(BaseViewSet):
    authentication = (Token(),)
    permissions = {"*": IsAuthenticated(), "item": IsAna()}
    throttles = {"rare": (Rate("1/hour", by="address"),)}

    async def get_object(self, id: int) -> Reply | None:
        return Reply("1") if id == 1 else None

    @action(detail=False)
    async def asked(
        self,
        socket: Socket[str, str],
        missing: Annotated[None, Depends(missing)],
        limit: int = 1,
        trace: Annotated[int, Header("X-Trace")] = 0,
        colour: Annotated[int, Cookie] = 0,
    ) -> None:
        await socket.send(f"{limit} {trace} {colour}")

    @action(detail=True)
    async def item(self, id: int, socket: Socket[str, str]) -> None:
        await socket.send(self.object.text)

    @action(detail=False)
    async def rare(self, socket: Socket[str, str]) -> None:
        await socket.send("rare")


@pytest.mark.parametrize("middlewares", [(), (api_exception_handler,)])
async def test_what_comes_before_the_handshake(serve: Serve, middlewares: Sequence[Any]) -> None:
    """Rates, permissions, objects and parameters refuse a handshake as they refuse any request."""
    served = await serve(GuardedViewSet, *middlewares)
    ana, ben = {"X-API-Key": "ana"}, {"X-API-Key": "ben"}
    for path, headers, status in (
        ("asked/", {}, 401),
        ("asked/", {"X-API-Key": "x"}, 401),
        ("asked/?limit=x", ana, 422),
        ("asked/", {**ana, "X-Trace": "x"}, 422),
        ("asked/", {**ana, "Cookie": "colour=red"}, 422),
        ("asked/?conflict=1", ana, 409),
        ("1/item/", ben, 403),
        ("2/item/", ana, 404),
        ("x/item/", ana, 404),
        ("1/item/", {}, 401),
    ):
        assert await served.refusal(f"/artist/{path}", headers=headers) == status, path
    headers = {**ana, "X-Trace": "2", "Cookie": "colour=3"}
    async with served.connect("/artist/asked/?limit=1", headers=headers) as ws:
        assert await ws.receive_json() == "1 2 3"
    async with served.connect("/artist/1/item/", headers=ana) as ws:
        assert await ws.receive_json() == "1"
    async with served.connect("/artist/rare/", headers=ana) as ws:
        assert await ws.receive_json() == "rare"
    assert await served.refusal("/artist/rare/", headers=ana) == 429


async def test_refused_connection_goes_on(serve: Serve) -> None:
    """What is refused is a request like any other: the next one on the connection is answered."""
    served = await serve(GuardedViewSet)
    reader, writer = await asyncio.open_connection(served.host, served.port)
    handshake = b"GET /artist/asked/ HTTP/1.1\r\nHost: a\r\n" + ENOUGH + KEY + b"\r\n"
    for _ in range(2):
        writer.write(handshake)
        async with asyncio.timeout(SOON):
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 401 ")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
            await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()


class SessionViewSet(BaseViewSet):
    authentication = (Token(), SessionCookie(known, origins=["https://app.example"]))
    permissions = IsAuthenticated()

    @action(detail=False)
    async def talk(self, socket: Socket[str, str]) -> None:
        await socket.send("hello")


COOKIE = b"Cookie: __Host-session=ana\r\n"


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([COOKIE, b"Origin: https://evil.example\r\n"], 403),
        ([COOKIE, b"Origin: null\r\n"], 403),
        ([COOKIE], 403),
        ([COOKIE, b"Origin: https://app.example.evil\r\n"], 403),
        ([COOKIE, b"Sec-Fetch-Site: cross-site\r\nOrigin: https://evil.example\r\n"], 403),
        ([COOKIE, b"Sec-Fetch-Site: same-site\r\nOrigin: https://sub.app.example\r\n"], 403),
        ([COOKIE, b"Origin: https://app.example\r\nOrigin: https://evil.example\r\n"], 400),
        ([COOKIE, b"Origin: https://app.example\r\n"], 101),
        ([COOKIE, b"Origin: http://HOST\r\n"], 101),
        ([COOKIE, b"Sec-Fetch-Site: same-origin\r\nOrigin: http://HOST\r\n"], 101),
        ([b"X-API-Key: ana\r\n", b"Origin: https://evil.example\r\n"], 101),
        ([b"Origin: https://evil.example\r\n"], 401),
    ],
)
async def test_page_of_another_site(serve: Serve, lines: list[bytes], status: int) -> None:
    """A page of another site opens no socket with the cookie that the browser sends for it.

    Nothing in it is the action's: what opens a socket is what the protection looks at.
    """
    served = await serve(SessionViewSet)
    host = b"%s:%d" % (served.host.encode(), served.port)
    sent = [each.replace(b"HOST", host) for each in lines]
    for upgrade in (b"websocket", b"WebSocket", b"WEBSOCKET"):
        handshake = ENOUGH.replace(b"websocket", upgrade)
        head = await served.head_of_answer(*sent, handshake, KEY)
        assert head.startswith(b"HTTP/1.1 %d " % status), upgrade


class FaultsViewSet(BaseViewSet):
    @action(detail=False, client_max_size=50)
    async def strict(self, socket: Socket[Question, Reply], log: Transaction) -> None:
        async for _ in socket:
            await socket.send(Reply("ok"))

    @action(detail=False)
    async def patient(self, socket: Socket[Question, Reply]) -> None:
        while True:
            try:
                await socket.receive()
            except (ParseError, ValidationError) as error:
                await socket.send(Reply(f"{type(error).__name__}: {error}"))

    @action(detail=False)
    async def grouped(self, socket: Socket[Question, Reply]) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(60))
            group.create_task(socket.receive())


@pytest.mark.parametrize("middlewares", [(), (api_exception_handler,)])
@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        ("{", 1007, "The body is not valid JSON: line 1, column 2."),
        ("", 1007, "The body is empty. Send JSON."),
        ('{"type":"question"}', 1008, "/text: Required"),
        ('{"type":"question","text":1}', 1008, "/text: Expected str, got int"),
        ("[]", 1008, "the value: Expected object, got array"),
        (b'{"type":"question","text":"1"}', 1003, "A message is JSON in a text, and not in bytes."),
    ],
)
async def test_fault_in_a_message(
    serve: Serve,
    caplog: pytest.LogCaptureFixture,
    middlewares: Sequence[Any],
    message: str | bytes,
    code: int,
    reason: str,
) -> None:
    """What is no message closes with the code that says so, and where; it is no error of the server."""
    served = await serve(FaultsViewSet, *middlewares)
    async with served.connect("/artist/strict/") as ws:
        await (ws.send_str(message) if isinstance(message, str) else ws.send_bytes(message))
        assert await closed(ws) == (code, reason)
    assert served.log.words[-1].startswith("rolled back: ")
    assert not caplog.records or max(each.levelno for each in caplog.records) < logging.WARNING


async def closed(ws: aiohttp.ClientWebSocketResponse) -> tuple[Any, str | None]:
    """Give the code and the reason with which the server closes."""
    async with asyncio.timeout(SOON):
        message = await ws.receive()
    assert message.type is WSMsgType.CLOSE, message
    return message.data, message.extra


async def test_fault_in_a_group(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """A fault that a group of tasks ends with is the client's, too."""
    served = await serve(FaultsViewSet)
    async with served.connect("/artist/grouped/") as ws:
        await ws.send_str("{")
        assert (await closed(ws))[0] == 1007
    assert not caplog.records


async def test_fault_that_is_answered(serve: Serve) -> None:
    """An action that catches a fault goes on."""
    served = await serve(FaultsViewSet)
    async with served.connect("/artist/patient/") as ws:
        for message, said in (("{", "ParseError: The"), ("{}", "ValidationError: ")):
            await ws.send_str(message)
            assert (await ws.receive_json())["text"].startswith(said)
        await ws.close()
    assert ws.close_code == 1000


@pytest.mark.parametrize("size", [50, 51])
async def test_most_bytes(serve: Serve, size: int) -> None:
    """A message has at most as many bytes as the action takes."""
    served = await serve(FaultsViewSet)
    text = '{"type":"question","text":"%s"}'
    message = text % ("x" * (size - len(text) + 2))
    async with served.connect("/artist/strict/") as ws:
        await ws.send_str(message)
        if size == 50:
            assert await ws.receive_json() == {"type": "reply", "text": "ok"}
        else:
            assert (await closed(ws))[0] == 1009
            await served.log.until("committed")  # nobody is on the other side any more


async def test_most_bytes_of_the_application(serve: Serve) -> None:
    """Without a word of the action the application's limit holds."""
    served = await serve(TalkViewSet, client_max_size=40)
    async with served.connect("/artist/talk/") as ws:
        await ws.send_str('{"type":"question","text":"%s"}' % ("x" * 20))
        assert (await closed(ws))[0] == 1009


async def test_text_that_is_not_utf8(serve: Serve) -> None:
    """A text that is not UTF-8 closes with 1007."""
    served = await serve(TalkViewSet)
    async with served.connect("/artist/talk/") as ws:
        await ws.send_frame(b'"\xff"', WSMsgType.TEXT)
        assert (await closed(ws))[0] == 1007


class RaisingViewSet(BaseViewSet):
    @action(detail=False)
    async def talk(self, what: str, socket: Socket[str, str], log: Transaction) -> None:
        await socket.send("hello")
        raise {
            "denied": PermissionDenied("Süß: " + "ü" * 100),
            "unknown": KeyError("a secret"),
            "mapped": LookupError("a secret"),
            "failed": APIException("a secret"),
            "aiohttp": web.HTTPNotFound(),
            "database": ConnectionResetError("a secret"),
            "late": TimeoutError("a secret"),
        }[what]


@pytest.mark.parametrize(
    ("what", "code", "reason", "is_logged"),
    [
        ("denied", 1008, "Süß: " + "ü" * 58, False),
        ("unknown", 1011, "", True),
        ("mapped", 1008, "", False),
        ("failed", 1011, "", True),
        ("aiohttp", 1008, "", False),
        ("database", 1011, "", True),
        ("late", 1011, "", True),
    ],
)
async def test_exception(
    serve: Serve,
    caplog: pytest.LogCaptureFixture,
    what: str,
    code: int,
    reason: str,
    is_logged: bool,
) -> None:
    """An exception closes with what is for the client of it; what is unknown is logged as a 500 is."""
    handler = exception_handler(map={LookupError: NotFound, KeyError: APIException})
    served = await serve(RaisingViewSet, handler)
    async with served.connect(f"/artist/talk/?what={what}") as ws:
        assert await ws.receive_json() == "hello"
        assert await closed(ws) == (code, reason)
    assert served.log.words[-1].startswith("rolled back: ")
    assert len(caplog.records) == is_logged
    if is_logged:
        assert caplog.messages == ["GET /artist/talk/: 500 (request -)"]
        assert caplog.records[0].exc_info


async def test_exception_passes_no_middleware(serve: Serve) -> None:
    """A middleware sees the response of a talk that is over, whatever ended it."""
    seen: list[Any] = []

    @web.middleware
    async def look(request: web.Request, handler: Any) -> web.StreamResponse:
        response: web.StreamResponse = await handler(request)
        seen.append(response.status)
        return response

    served = await serve(RaisingViewSet, api_exception_handler, look)
    async with served.connect("/artist/talk/?what=unknown") as ws:
        await ws.receive_json()
        assert (await closed(ws))[0] == 1011
    async with served.request("GET", "/artist/talk/") as response:
        assert response.status == 422
    assert seen == [101]


class WaitingViewSet(BaseViewSet):
    """Each waits for ever, in another place."""

    @action(detail=False)
    async def receiving(self, socket: Socket[str, str], log: Transaction) -> None:
        await self.waiting(socket.receive(), log)

    @action(detail=False)
    async def elsewhere(self, socket: Socket[str, str], log: Transaction) -> None:
        await self.waiting(asyncio.Event().wait(), log)

    @action(detail=False)
    async def sending(self, socket: Socket[str, str], log: Transaction) -> None:
        async def send() -> None:
            while True:
                await socket.send("x" * 10000)
                log.sent += 1

        await self.waiting(send(), log)

    @action(detail=False)
    async def stubborn(self, socket: Socket[str, str], log: Transaction) -> None:
        try:
            await self.waiting(asyncio.Event().wait(), log)
        except asyncio.CancelledError:
            async for _ in socket:
                raise AssertionError from None
            await socket.send("I go on")

    async def waiting(self, something: Awaitable[Any], log: Log) -> None:
        log.add("waits")
        try:
            await something
        finally:
            await asyncio.sleep(0)
            log.add("closed")


@pytest.mark.parametrize("where", ["receiving", "elsewhere", "stubborn"])
async def test_stop(serve: Serve, caplog: pytest.LogCaptureFixture, where: str) -> None:
    """A server that stops closes its sockets with 1001, wherever they wait, and rolls back."""
    served = await serve(WaitingViewSet, api_exception_handler)
    async with served.connect(f"/artist/{where}/") as ws:
        await served.log.until("waits")
        stopping = asyncio.create_task(served.stop())
        assert await closed(ws) == (1001, "")
        await stopping
    assert served.log.words == ["begun", "waits", "closed", "rolled back: ConnectionResetError"]
    assert not caplog.records


async def unread(served: Served, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a socket of which nothing is read, not even by the machine beyond some kilobytes."""
    reader, writer = await asyncio.open_connection(served.host, served.port, limit=2**24)
    writer.write(
        b"GET %s HTTP/1.1\r\nHost: a\r\n" % path.encode() + ENOUGH + KEY + b"\r\n",
    )
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # it reads, too
    return reader, writer


async def test_slow_client(
    serve: Serve, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a client does not read lets `send` wait: it is not kept, and holds no stop up."""
    monkeypatch.setattr(_socket, "_CLOSES_WITHIN", 0.5)
    served = await serve(WaitingViewSet, api_exception_handler)
    _, writer = await unread(served, "/artist/sending/")
    await served.log.until("waits")
    sent = -1
    while sent != served.log.sent:
        sent = served.log.sent
        await asyncio.sleep(0.3)
    assert 10 < sent < 2000  # 20 MB, most of them in the system's buffers
    await served.stop()
    assert served.log.words[-1] == "rolled back: ConnectionResetError"
    writer.close()
    assert not caplog.records


class HastyViewSet(BaseViewSet):
    @action(detail=False)
    async def talk(self, socket: Socket[str, str], log: Transaction) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                while True:
                    await socket.send("x" * 10000)


async def test_slow_client_of_a_talk_that_is_over(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that does not read is not kept when a talk is over, either."""
    monkeypatch.setattr(_socket, "_CLOSES_WITHIN", 0.5)
    served = await serve(HastyViewSet)
    _, writer = await unread(served, "/artist/talk/")
    await served.log.until("committed")
    server = served.runner.server
    assert server is not None
    for _ in range(100):
        if not server.connections:
            break
        await asyncio.sleep(0.05)
    assert not server.connections
    writer.close()
    assert not caplog.records


class BusyViewSet(BaseViewSet):
    @action(detail=False)
    async def talk(self, socket: Socket[str, int]) -> None:
        others: list[int] = []
        asyncio.get_running_loop().call_soon(others.append, 1)
        count = 0
        while not others:
            await socket.send(0)
            count += 1
        await socket.send(count)


async def test_turns(serve: Serve) -> None:
    """An action that only sends lets others have their turn, though its client reads all at once."""
    served = await serve(BusyViewSet)
    async with served.connect("/artist/talk/") as ws:
        while not (count := await ws.receive_json()):
            pass
    assert count < 100


class PatientViewSet(BaseViewSet):
    @action(detail=False)
    async def talk(self, socket: Socket[str, str], log: Transaction) -> None:
        async def send() -> None:
            while log.sent >= 0:
                await socket.send("x" * 10000)
                log.sent += 1
            log.add("sent")

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(send()) for _ in range(2)]
            for hurried in (False, True):
                done, _ = await asyncio.wait(tasks, timeout=0.3)
                assert not done
                if hurried:
                    tasks.pop().cancel()
            log.add("waits")
            await asyncio.wait(tasks)
        await socket.send("end")


async def test_one_of_many_that_wait(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """Who is cancelled while he waits for a slow client disturbs no other that waits for it."""
    served = await serve(PatientViewSet)
    reader, writer = await unread(served, "/artist/talk/")
    await served.log.until("waits")
    await asyncio.sleep(0.1)
    before, served.log.sent = served.log.sent, -10
    assert before < 2000
    writer.transport.resume_reading()  # type: ignore[attr-defined]  # it reads, too
    async with asyncio.timeout(SOON):
        await reader.readuntil(b'"end"')
        await served.log.until("sent")
    writer.close()
    await served.log.until("committed")
    assert not caplog.records


async def test_begun_while_stopping(serve: Serve) -> None:
    """A handshake while the server stops is a 503."""
    served = await serve(WaitingViewSet)
    served.app[streams._streams.KEY].stop()
    assert await served.refusal("/artist/receiving/") == 503


class LeavingViewSet(BaseViewSet):
    @action(detail=False)
    async def iterating(self, socket: Socket[str, str], log: Transaction) -> None:
        async for each in socket:
            log.add(each)
        log.add("over")

    @action(detail=False)
    async def receiving(self, socket: Socket[str, str], log: Transaction) -> None:
        await socket.receive()

    @action(detail=False)
    async def sending(self, socket: Socket[str, str], log: Transaction) -> None:
        async for _ in socket:
            pass
        with pytest.raises(ConnectionResetError):
            await socket.receive()
        await socket.send("to nobody")

    @action(detail=False)
    async def working(self, socket: Socket[str, str], log: Transaction) -> None:
        async for each in socket:
            await asyncio.sleep(0.3)
            log.add(each)

    @action(detail=False)
    async def pushing(self, socket: Socket[str, str], log: Transaction) -> None:
        await asyncio.Event().wait()


@pytest.mark.parametrize("is_cut", [False, True])
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("iterating", ["1", "2", "over", "committed"]),
        ("receiving", ["committed"]),
        ("sending", ["rolled back: ClientConnectionResetError"]),
        ("working", ["1", "2", "committed"]),
    ],
)
async def test_client_that_goes(
    serve: Serve, caplog: pytest.LogCaptureFixture, path: str, words: list[str], is_cut: bool
) -> None:
    """What was sent is received to its end, then an iteration ends, and sending raises.

    It is no error of the server.
    """
    served = await serve(LeavingViewSet, api_exception_handler)
    async with ClientSession() as session:
        ws = await session.ws_connect(f"http://{served.host}:{served.port}/artist/{path}/")
        await ws.send_json("1")
        await ws.send_json("2")
        if not is_cut:
            await ws.close()
    await served.log.until(words[-1])
    assert served.log.words == ["begun", *words]
    assert not caplog.records


async def test_client_that_goes_while_nobody_receives(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An action that waits for something else is ended some seconds after its client has gone."""
    monkeypatch.setattr(_talk, "_LOOK", 0.1)
    served = await serve(LeavingViewSet)
    ws = await served.connect("/artist/pushing/")
    await served.log.until("begun")
    await asyncio.sleep(0.3)
    assert served.log.words == ["begun"]  # the client is there
    await served.session.close()
    del ws
    await served.log.until("rolled back: ConnectionResetError")
    assert not caplog.records


async def test_client_that_does_not_answer(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that answers no ping is taken for gone."""
    monkeypatch.setattr(_talk, "_HEARTBEAT", 0.2)
    served = await serve(LeavingViewSet)
    async with served.connect("/artist/iterating/", autoping=False) as ws:
        async with asyncio.timeout(SOON):
            assert (await ws.receive()).type is WSMsgType.PING
        await served.log.until("over")
    async with served.connect("/artist/iterating/") as ws:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await ws.receive()
        await ws.close()
    assert not caplog.records


class RoomViewSet(BaseViewSet):
    async def get_object(self, id: int) -> Reply | None:
        return Reply("a room") if id == 1 else None

    async def detail(self, id: int) -> Reply:
        return Reply("a room")


class SeatViewSet(BaseViewSet):
    async def before(self) -> None:
        self.request = self.request.clone(rel_url="/another/")

    @action(detail=True)
    async def talk(self, room_id: int, id: int, socket: Socket[str, str], log: Transaction) -> None:
        await socket.send(f"{self.parent.text}, {room_id}, {id}, {self.request.path}, {log}")


async def test_parent_override_and_another_request() -> None:
    """A parent is asked first; a function may be overridden; and `before` may set another request."""
    router = SimpleRouter()
    router.register(RoomViewSet, basename="room")
    router.register(SeatViewSet, basename="seat", parent=RoomViewSet)
    app = web.Application()
    app.add_routes(router.routespatters)
    async with TestClient(TestServer(app)) as client:
        with overriding(app, transaction, lambda: "no log"):
            with pytest.raises(WSServerHandshakeError) as caught:
                await client.ws_connect("/room/2/seat/7/talk/")
            assert caught.value.status == 404
            async with client.ws_connect("/room/1/seat/7/talk/") as ws:
                assert await ws.receive_json() == "a room, 1, 7, /another/, no log"
                assert await closed(ws) == (1000, "")


class HookedViewSet(BaseViewSet):
    async def before(self) -> None:
        self.request.app[LOG].add("before")

    async def after(self, response: web.StreamResponse) -> None:
        self.request.app[LOG].add(f"after {response.status} {response.prepared}")
        response.headers["X-After"] = "1"
        response.set_cookie("seen", "1")

    @action(detail=False)
    async def talk(self, socket: Socket[str, str], log: Transaction) -> None:
        log.add(await socket.receive())


async def test_order(serve: Serve) -> None:
    """`before`, functions, `after` with the handshake, the talk, what follows `yield`, the end."""
    served = await serve(HookedViewSet)
    async with served.connect("/artist/talk/") as ws:
        headers = ws._response.headers
        assert headers["X-After"] == "1"
        assert "seen=1" in headers["Set-Cookie"]
        assert served.log.words == ["before", "begun", "after 101 False"]
        await ws.send_json("talk")
        assert (await closed(ws))[0] == 1000
        assert served.log.words[3:] == ["talk", "committed"]
    async with served.request("GET", "/artist/talk/") as response:
        assert response.status == 426
        assert served.log.words[5:] == ["before", "begun", "rolled back: UpgradeRequired"]


async def failing() -> AsyncIterator[None]:
    yield
    raise ValueError("a secret")


class FailingViewSet(BaseViewSet):
    @action(detail=False)
    async def talk(self, socket: Socket[str, str], _: Annotated[None, Depends(failing)]) -> None:
        await socket.send("hello")


async def test_end_that_fails(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """A talk closes with 1000 when what follows `yield` is done, too."""
    served = await serve(FailingViewSet)
    async with served.connect("/artist/talk/") as ws:
        await ws.receive_json()
        assert await closed(ws) == (1011, "")
    assert len(caplog.records) == 1


class ClosingViewSet(BaseViewSet):
    @action(detail=False)
    async def talk(self, code: int, reason: str, socket: Socket[str, str]) -> None:
        try:
            await socket.close(code, reason)
        except ValueError:
            await socket.close(4999, "no such code")
        await socket.close(4001)
        async for _ in socket:
            raise AssertionError
        with pytest.raises(ConnectionResetError):
            await socket.send("more")


@pytest.mark.parametrize("code", [1000, 1001, 1014, 3000, 4000, 4999])
async def test_close(serve: Serve, code: int) -> None:
    """An action closes with a code and a reason; of one too long the beginning is sent."""
    served = await serve(ClosingViewSet)
    reason = "ü" * 70
    async with served.connect(f"/artist/talk/?code={code}&reason={reason}") as ws:
        assert await closed(ws) == (code, "ü" * 61)


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000])
async def test_code_that_cannot_be_sent(serve: Serve, code: int) -> None:
    """A code that stands for nothing, or for what is never sent, is refused."""
    served = await serve(ClosingViewSet)
    async with served.connect(f"/artist/talk/?code={code}&reason=") as ws:
        assert await closed(ws) == (4999, "no such code")


class MisfitViewSet(BaseViewSet):
    @action(detail=False)
    async def talk(self, socket: Socket[str, Reply]) -> None:
        await socket.send(Reply(1))  # type: ignore[arg-type]  # is found out

    @action(detail=False)
    async def unwritable(self, socket: Socket[str, Reply]) -> None:
        await socket.send(object())  # type: ignore[arg-type]  # is found out


@pytest.mark.parametrize("path", ["talk", "unwritable"])
async def test_message_that_does_not_fit(
    serve: Serve, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """What is sent is compared with its type where results are."""
    served = await serve(MisfitViewSet, check_results=True)
    async with served.connect(f"/artist/{path}/") as ws:
        assert await closed(ws) == (1011, "")
    assert f"MisfitViewSet.{path}, parameter 'socket'" in caplog.text


class CrowdViewSet(BaseViewSet):
    members: set[Socket[str, str]] = set()

    @action(detail=False)
    async def talk(self, socket: Socket[str, str]) -> None:
        self.members.add(socket)
        try:
            async for each in socket:
                async with asyncio.TaskGroup() as group:
                    for member in self.members:
                        group.create_task(member.send(each))
        finally:
            self.members.discard(socket)


async def test_many_that_talk_at_once(serve: Serve) -> None:
    """A socket may be sent to by others, all at once."""
    served = await serve(CrowdViewSet)
    sockets = [await served.connect("/artist/talk/") for _ in range(20)]
    await asyncio.gather(*(ws.send_json(str(each)) for each, ws in enumerate(sockets)))
    for ws in sockets:
        got = {await ws.receive_json() for _ in sockets}
        assert got == {str(each) for each in range(20)}
    for ws in sockets:
        await ws.close()


async def answer(request: web.Request, handler: Any) -> web.StreamResponse:
    request.app[LOG].add("in")
    response: web.StreamResponse = await handler(request)
    request.app[LOG].add(f"out {response.status}")
    return response


class AroundViewSet(BaseViewSet):
    @action(detail=False, middlewares=[web.middleware(answer)], client_max_size=10)
    async def talk(self, request: web.Request, socket: Socket[str, str]) -> None:
        await socket.send(request.path)


async def test_middlewares_of_an_action(serve: Serve) -> None:
    """Middlewares are around the whole talk, and an action may take the request, too."""
    served = await serve(AroundViewSet)
    async with served.connect("/artist/talk/") as ws:
        assert await ws.receive_json() == "/artist/talk/"
        assert await closed(ws) == (1000, "")
    await served.log.until("out 101")
    assert served.log.words == ["in", "out 101"]


async def helper(socket: Socket[str, str]) -> None: ...


def _refused() -> list[tuple[type[BaseViewSet], str]]:
    class Post(BaseViewSet):
        @action(detail=False, method="post")
        async def talk(self, socket: Socket[str, str]) -> None: ...

    class Several(BaseViewSet):
        @action(detail=False, methods=["get", "head"])
        async def talk(self, socket: Socket[str, str]) -> None: ...

    class Body(BaseViewSet):
        @action(detail=False)
        async def talk(self, body: Reply, socket: Socket[str, str]) -> None: ...

    class Result(BaseViewSet):
        @action(detail=False)
        async def talk(self, socket: Socket[str, str]) -> str:
            return ""

    class Response(BaseViewSet):
        @action(detail=False)
        async def talk(self, socket: Socket[str, str]) -> web.Response:
            return web.Response()

    class Items(BaseViewSet):
        @action(detail=False)
        async def talk(self, socket: Socket[str, str]) -> AsyncIterator[str]:
            yield ""

    class Status(BaseViewSet):
        @action(detail=False, status=202)
        async def talk(self, socket: Socket[str, str]) -> None: ...

    class Headers(BaseViewSet):
        @action(detail=False, headers={"X-A": str})
        async def talk(self, socket: Socket[str, str]) -> None: ...

    class Produces(BaseViewSet):
        @action(detail=False, produces=["text/csv"])
        async def talk(self, socket: Socket[str, str]) -> None: ...

    class Consumes(BaseViewSet):
        @action(detail=False, consumes=["text/csv"])
        async def talk(self, socket: Socket[str, str]) -> None: ...

    class Renderers(BaseViewSet):
        @action(detail=False, renderers=[JSON(), CSV()])
        async def talk(self, socket: Socket[str, str]) -> None: ...

    class Idempotent(BaseViewSet):
        @idempotent(required=True)
        @action(detail=False)
        async def talk(self, socket: Socket[str, str]) -> None: ...

    class Two(BaseViewSet):
        @action(detail=False)
        async def talk(self, one: Socket[str, str], other: Socket[str, str]) -> None: ...

    class Untyped(BaseViewSet):
        @action(detail=False)
        async def talk(self, socket: Socket) -> None: ...  # type: ignore[type-arg]  # refused

    class Optional(BaseViewSet):
        @action(detail=False)
        async def talk(self, socket: Socket[str, str] | None) -> None: ...

    class Unwritable(BaseViewSet):
        @action(detail=False)
        async def talk(self, socket: Socket[str, Served]) -> None: ...

    class Known(BaseViewSet):
        async def list(self, socket: Socket[str, str]) -> None: ...

    class Helped(BaseViewSet):
        @action(detail=False)
        async def talk(
            self, socket: Socket[str, str], it: Annotated[None, Depends(helper)]
        ) -> None: ...

    return [
        (Post, "it takes a socket, and answers POST"),
        (Several, "it takes a socket, and answers GET, HEAD"),
        (Body, "it is the body, and GET has none"),
        (Result, "it takes a socket, and gives a result"),
        (Response, "it takes a socket, and gives a result"),
        (Items, "it takes a socket, and gives a result"),
        (Status, "status= is given"),
        (Headers, "headers= is given"),
        (Produces, "produces= is given"),
        (Consumes, "consumes= is given"),
        (Renderers, "renderers"),
        (Idempotent, "it is idempotent, and answers GET"),
        (Two, "it takes two sockets, 'one' and 'other'"),
        (Untyped, "it does not say which messages come and which go"),
        (Optional, "it does not say which messages come and which go"),
        (Unwritable, "what goes"),
        (Known, "it takes a socket, and 'list' is an action with an answer"),
        (Helped, "it is a socket, which only an action has"),
    ]


@pytest.mark.parametrize(("viewset", "what"), _refused(), ids=lambda each: str(each)[-20:])
def test_refused_at_registration(viewset: type[BaseViewSet], what: str) -> None:
    """What no socket could be, or what would do nothing, is refused."""
    with pytest.raises(ImproperlyConfigured, match=what):
        SimpleRouter().register(viewset, basename="artist")


class RenderedViewSet(TalkViewSet):
    renderers = (JSON(), CSV())
    etag = "id"

    async def list(self) -> list[Reply]:
        return []


async def test_viewset_with_representations(serve: Serve) -> None:
    """What a viewset says of its answers is nothing to its sockets."""
    served = await serve(RenderedViewSet)
    async with served.connect("/artist/talk/", headers={"Accept": "text/csv"}) as ws:
        await ws.send_str('{"type": "bye"}')
        assert (await ws.receive_json())["type"] == "bye"


def test_document() -> None:
    """The document has the handshake, and its errors."""
    app = web.Application(middlewares=[api_exception_handler])
    router = SimpleRouter()
    router.register(GuardedViewSet, basename="artist")
    app.add_routes(router.routespatters)
    openapi.setup(app, title="Sockets", swagger=False)
    document = openapi.document_of(app)
    asked = document["paths"]["/artist/asked/"]["get"]
    assert [*asked["responses"]] == ["101", "400", "401", "422", "426"]
    assert asked["responses"]["101"] == {"description": "Switching Protocols"}
    assert asked["responses"]["426"]["headers"] == {"Upgrade": {"schema": {"type": "string"}}}
    assert [each["name"] for each in asked["parameters"]] == ["limit", "X-Trace", "colour"]
