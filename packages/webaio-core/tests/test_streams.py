"""Results that go out item by item: JSON lines, server-sent events, bytes; how they begin and end."""

import asyncio
import gc
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
)
from contextlib import aclosing
from typing import Annotated, Any
from urllib.request import urlopen

import aiohttp
import msgspec
import pytest
from aiohttp import ClientSession, hdrs, web
from aiohttp.abc import AbstractAccessLogger

from webaio import cors, streams
from webaio.authentication import BaseAuthentication, Identity
from webaio.decorators import action, operation
from webaio.exceptions import ImproperlyConfigured
from webaio.middlewares import api_exception_handler, request_id_middleware
from webaio.parameters import Depends, Header
from webaio.permissions import IsAuthenticated
from webaio.results import Event
from webaio.results._bytes import Bytes
from webaio.routers import SimpleRouter
from webaio.streams._streams import KEY
from webaio.viewsets import BaseViewSet

KINDS = ["lines", "events", "bytes"]
SOON = 5.0


class Artist(msgspec.Struct):
    id: int
    name: str = "Gus"


class Log:
    """What happened in a test, in its order."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._changed = asyncio.Event()

    def add(self, word: str) -> None:
        self.words.append(word)
        self._changed.set()

    async def until(self, word: str) -> None:
        async with asyncio.timeout(SOON):
            while word not in self.words:
                self._changed.clear()
                await self._changed.wait()


LOG = web.AppKey("LOG", Log)


async def transaction(request: web.Request) -> AsyncIterator[None]:
    try:
        yield
        request.app[LOG].add("committed")
    except ConnectionResetError:
        request.app[LOG].add("rolled back")
        raise
    except asyncio.CancelledError:
        request.app[LOG].add("rolled back, cancelled")
        raise


Transaction = Annotated[None, Depends(transaction)]


class WaitingViewSet(BaseViewSet):
    """Each gives one item, and waits for ever for the next one."""

    async def after(self, response: web.StreamResponse) -> None:
        response.headers["X-After"] = "1"

    @action(detail=False)
    async def lines(self, session: Transaction) -> AsyncIterator[int]:
        async with aclosing(waiting(self.request)) as numbers:
            async for each in numbers:
                yield each

    @action(detail=False)
    async def events(self, session: Transaction) -> AsyncIterator[Event[int]]:
        async with aclosing(waiting(self.request)) as numbers:
            async for each in numbers:
                yield Event(each)

    @action(detail=False)
    async def bytes(self, session: Transaction) -> AsyncIterator[bytes]:
        async with aclosing(waiting(self.request)) as numbers:
            async for each in numbers:
                yield b"%d\n" % each


async def waiting(request: web.Request) -> AsyncGenerator[int, None]:
    log = request.app[LOG]
    try:
        if "silent" not in request.query:
            yield 1
        log.add("waits")
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        if "stubborn" not in request.query:
            raise
        yield 2
        yield 3
    finally:
        await asyncio.sleep(0)
        log.add("closed")


def application(
    *viewsets: type[BaseViewSet], check_results: bool | None = None, **options: Any
) -> web.Application:
    app = web.Application(**options)
    app[LOG] = Log()
    for viewset in viewsets:
        router = SimpleRouter(check_results=check_results)
        router.register(viewset, basename="artist")
        app.add_routes(router.routespatters)
    return app


class Served:
    """An application on a server as it is in production, where nobody cancels a handler."""

    def __init__(self, app: web.Application, runner: web.AppRunner) -> None:
        self.app, self.runner, self.log = app, runner, app[LOG]
        self.host, self.port = runner.addresses[0]
        self.session = ClientSession(f"http://{self.host}:{self.port}")
        self.get, self.head = self.session.get, self.session.head

    async def stop(self) -> None:
        async with asyncio.timeout(SOON):
            await self.runner.cleanup()


@pytest.fixture
async def serve(
    run_app: Callable[..., Awaitable[web.AppRunner]],
) -> AsyncIterator[Callable[..., Awaitable[Served]]]:
    """Serve viewsets as `artist`, with the set-up of streams where nothing else is said."""
    served: list[Served] = []

    async def serve(
        *viewsets: type[BaseViewSet],
        keep_alive: float | None = 15,
        runner: Mapping[str, Any] | None = None,
        prepare: Callable[[web.Application], None] | None = None,
        **options: Any,
    ) -> Served:
        app = application(*viewsets, **options)
        if prepare is not None:
            prepare(app)
        if keep_alive is not None:
            streams.setup(app, keep_alive=keep_alive)
        served.append(Served(app, await run_app(app, **(runner or {}))))
        return served[-1]

    yield serve
    for each in served:
        await each.session.close()


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture(autouse=True)
async def nothing_is_left(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Each test ends every task that it began, and no loop complains of a generator."""
    yield
    gc.collect()
    await asyncio.sleep(0)
    for complaint in (
        "Task was destroyed",
        "Task exception was never retrieved",
        "asynchronous gen",
    ):
        assert complaint not in caplog.text


class EventsViewSet(BaseViewSet):
    async def list(
        self, last: Annotated[str | None, Header("Last-Event-ID")] = None
    ) -> AsyncIterator[Event[Artist | None]]:
        yield Event(Artist(1), id="a 1", event="changed", retry=50)
        yield Event(None if last is None else Artist(2, last))

    async def detail(self, id: int) -> AsyncIterable[Event[msgspec.Raw]]:
        yield Event(msgspec.Raw(b'{"a":\r\n1,\r"b":\n2}'))

    @action(detail=False)
    async def misfit(self) -> AsyncIterator[Event[Artist]]:
        yield Event(Artist("x"))  # type: ignore[arg-type]  # is found out

    @action(detail=False)
    async def bare(self) -> AsyncIterator[Event[Artist]]:
        yield Artist(1)  # type: ignore[misc]  # is found out

    @action(detail=False)
    async def late(self) -> AsyncIterator[Event[Artist]]:
        yield Event(Artist(1))
        raise KeyError("x")

    @action(detail=False)
    async def nothing(self) -> AsyncIterator[Event[Artist]]:
        return None  # type: ignore[return-value]  # is found out


async def test_events(serve: Serve) -> None:
    """Each event is its fields, the data as JSON in one line, and an empty line."""
    client = await serve(EventsViewSet)
    response = await client.get("/artist/", headers={"Last-Event-ID": "a 1"})
    assert response.status == 200
    assert response.headers[hdrs.CONTENT_TYPE] == "text/event-stream"
    assert response.headers[hdrs.CACHE_CONTROL] == "no-store"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert await response.text() == (
        'id: a 1\nevent: changed\nretry: 50\ndata: {"id":1,"name":"Gus"}\n\n'
        'data: {"id":2,"name":"a 1"}\n\n'
    )
    assert (await (await client.get("/artist/")).text()).endswith("\n\ndata: null\n\n")


async def test_lines_in_the_data_of_an_event(serve: Serve) -> None:
    """JSON that was written elsewhere may have lines: none of them is taken for a field."""
    client = await serve(EventsViewSet)
    text = await (await client.get("/artist/1/")).text()
    assert text == 'data: {"a":\ndata: 1,\ndata: "b":\ndata: 2}\n\n'


@pytest.mark.parametrize("path", ["misfit", "bare", "late"])
async def test_error_in_events(path: str, serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """The head of events is sent at once, and so each error of theirs cuts the connection."""
    client = await serve(EventsViewSet, check_results=True)
    response = await client.get(f"/artist/{path}/")
    assert response.status == 200
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    assert {"bare": "an Event is declared", "misfit": "as declared", "late": "KeyError"}[
        path
    ] in caplog.text


async def test_no_events(connect: Any) -> None:
    """What is no iterator at all is a 500, before the head."""

    class Nothing(BaseViewSet):
        async def list(self) -> AsyncIterator[Event[int]]:
            return None  # type: ignore[return-value]  # is found out

    assert (await (await connect(Nothing)).get("/artist/")).status == 500


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"id": "a\nb"}, "the id of an event is 'a\\\\nb'"),
        ({"id": "a\rb"}, "the id of an event"),
        ({"id": "a\0b"}, "the id of an event"),
        ({"event": "a\nb"}, "the event of an event"),
        ({"event": "a\rb"}, "the event of an event"),
        ({"event": "a\0b"}, "the event of an event"),
        ({"id": "\ud800"}, "the id of an event is '\\\\ud800'"),
        ({"id": 5}, "must be a str"),
        ({"retry": -1}, "no whole number"),
        ({"retry": True}, "no whole number"),
        ({"retry": 1.5}, "no whole number"),
    ],
)
def test_what_no_event_can_have(fields: dict[str, Any], error: str) -> None:
    """A text that would end its line is refused where the event is made."""
    with pytest.raises((TypeError, ValueError), match=error):
        Event(1, **fields)


class BytesViewSet(BaseViewSet):
    async def list(self) -> AsyncIterator[bytes]:
        yield b"\0\1"
        yield b""
        yield memoryview(b"\2")  # type: ignore[misc]  # as some libraries give it

    @operation(produces=["text/csv; charset=utf-8"])
    async def detail(self, id: int) -> AsyncIterator[bytes]:
        if id == 0:
            raise self.not_found()
        yield b"id\n"
        yield b"%d\n" % id

    @action(detail=False)
    async def text(self) -> AsyncIterator[bytes]:
        yield "text"  # type: ignore[misc]  # is found out


async def test_bytes(serve: Serve) -> None:
    """Bytes go out as they are, of the media type that is said."""
    client = await serve(BytesViewSet)
    response = await client.get("/artist/")
    assert response.headers[hdrs.CONTENT_TYPE] == "application/octet-stream"
    assert await response.read() == b"\0\1\2"
    response = await client.get("/artist/7/")
    assert response.headers[hdrs.CONTENT_TYPE] == "text/csv; charset=utf-8"
    assert await response.read() == b"id\n7\n"
    assert (await client.get("/artist/0/")).status == 404
    assert (await client.get("/artist/text/")).status == 500


@pytest.mark.parametrize("as_given", [memoryview, lambda buffer: buffer], ids=["view", "itself"])
def test_buffer_that_is_filled_anew(as_given: Callable[[bytearray], bytes]) -> None:
    """What is given goes out as it was: of a slow client the transport keeps it for a while."""
    buffer = bytearray(b"first")
    chunk = Bytes("text/plain").sending(check=False).write(as_given(buffer))
    buffer[:] = b"other"
    assert chunk == b"first"


def misfits() -> dict[str, tuple[Any, str]]:
    class Misfits(BaseViewSet):
        async def of_what(self) -> AsyncIterator[Event]:  # type: ignore[type-arg]  # refused
            yield Event(1)

        async def several(self) -> AsyncIterator[Event[int] | Event[str]]:
            yield Event(1)

        async def alone(self) -> Event[int]:
            return Event(1)

        @operation(produces=["image/png", "image/gif"])
        async def images(self) -> AsyncIterator[bytes]:
            yield b""

        @operation(produces=["image/*"])
        async def image(self) -> AsyncIterator[bytes]:
            yield b""

        @operation(produces=["text/csv"])
        async def table(self) -> AsyncIterator[int]:
            yield 1

        @operation(produces=["text/csv"])
        async def event(self) -> AsyncIterator[Event[int]]:
            yield Event(1)

    says = {
        "of_what": "does not say of which type an event's data is",
        "several": "nothing can read",
        "alone": "nothing can read",
        "images": "does not say of which media type",
        "image": "does not say of which media type",
        "table": "has a media type of its own",
        "event": "has a media type of its own",
    }
    return {name: (vars(Misfits)[name], message) for name, message in says.items()}


@pytest.mark.parametrize(("function", "message"), misfits().values(), ids=misfits())
def test_refused(function: Any, message: str) -> None:
    """A stream that nobody could read is refused at registration."""
    viewset = type("Artists", (BaseViewSet,), {"list": function})
    with pytest.raises(ImproperlyConfigured, match=message):
        SimpleRouter().register(viewset, basename="artist")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("query", ["", "?silent"])
async def test_the_head_does_not_wait(kind: str, query: str, serve: Serve) -> None:
    """It is sent before the first item: of events at once, of the others after a second."""
    client = await serve(WaitingViewSet)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.timeout(SOON), client.get(f"/artist/{kind}/{query}") as response:
        took = loop.time() - begun
        assert response.status == 200
        assert response.headers["X-After"] == "1"
        if kind != "events" and query:
            assert took >= 1
        else:
            assert took < 1
        if not query:
            assert b"1" in await response.content.readline()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("query", ["", "?silent", "?stubborn"])
async def test_client_that_goes(kind: str, query: str, serve: Serve) -> None:
    """Who goes ends the stream, which waits for its next item; its dependencies see an error."""
    client = await serve(WaitingViewSet)
    log = client.log
    async with client.get(f"/artist/{kind}/{query}"):
        await log.until("waits")
    await log.until("closed")
    await log.until("rolled back")


async def test_client_that_goes_before_the_head(serve: Serve) -> None:
    """Who goes in the second in which the head waits is noticed, too."""
    client = await serve(WaitingViewSet)
    with pytest.raises(asyncio.TimeoutError):
        await client.get("/artist/lines/?silent", timeout=aiohttp.ClientTimeout(0.2))
    await client.log.until("rolled back")


async def test_client_of_a_request_that_was_changed(serve: Serve) -> None:
    """A middleware may give another request to the handler; the client is the same."""

    @web.middleware
    async def clone(request: web.Request, handler: Any) -> web.StreamResponse:
        response: web.StreamResponse = await handler(request.clone())
        return response

    client = await serve(WaitingViewSet, middlewares=[clone])
    async with client.get("/artist/events/"):
        await client.log.until("waits")
    await client.log.until("closed")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("query", ["", "?stubborn"])
async def test_server_that_stops(
    kind: str, query: str, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """A stop ends each stream: of events as if all were said, of others so that the end is missing."""
    client = await serve(WaitingViewSet)
    log = client.log
    async with client.get(f"/artist/{kind}/{query}") as response:
        await log.until("waits")
        stop = asyncio.create_task(client.stop())
        await log.until("closed")
        if kind == "events":
            assert await response.read() == b"data: 1\n\n"
            await log.until("committed")
        else:
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()
            await log.until("rolled back")
        await stop
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("query", ["?silent", "?silent&stubborn"])
async def test_server_that_stops_before_the_head(query: str, serve: Serve) -> None:
    """While the head waits for the first item, a stop is an answer: 503."""
    client = await serve(WaitingViewSet)
    asked = asyncio.create_task(client.get(f"/artist/lines/{query}"))
    await client.log.until("waits")
    stop = asyncio.create_task(client.stop())
    response = await asked
    assert (response.status, response.headers[hdrs.CONNECTION]) == (503, "close")
    assert (await response.json())["detail"] == "The server stops."
    await stop


@pytest.mark.parametrize("kind", KINDS)
async def test_stream_that_begins_while_the_server_stops(kind: str, serve: Serve) -> None:
    """It has no item: events have a head and an end, and a browser comes back; others are a 503."""
    client = await serve(WaitingViewSet)
    client.app[KEY].stop()
    response = await client.get(f"/artist/{kind}/")
    assert response.headers[hdrs.CONNECTION] == "close"
    assert response.status == (200 if kind == "events" else 503)
    if kind == "events":
        assert await response.read() == b""
    assert "waits" not in client.log.words


async def test_slow_client_of_a_server_that_stops(serve: Serve) -> None:
    """A client that does not read holds no stop up; nothing is added to what waits for it."""

    class Flood(BaseViewSet):
        async def list(self, session: Transaction) -> AsyncIterator[Event[str]]:
            while True:
                yield Event("x" * 100_000)

    client = await serve(Flood, keep_alive=0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port, limit=2**10)
    writer.write(b"GET /artist/ HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(1)  # longer than the silence after which there would be a comment
    await client.stop()
    received = await reader.read()
    writer.close()
    assert not received.endswith(b"0\r\n\r\n")
    assert b":\n\n" not in received
    assert client.log.words == ["rolled back"]


@pytest.mark.parametrize("keep_alive", [0, -1, True, "15", float("nan")])
def test_keep_alive_that_is_no_time(keep_alive: Any) -> None:
    """It is a number of seconds."""
    with pytest.raises(ImproperlyConfigured, match="is no number of seconds"):
        streams.setup(web.Application(), keep_alive=keep_alive)


def test_set_up_twice() -> None:
    """An application has one set-up."""
    app = web.Application()
    streams.setup(app)
    with pytest.raises(ImproperlyConfigured, match="Call it once"):
        streams.setup(app)


async def test_sub_application(serve: Serve) -> None:
    """The set-up of an application is that of those below it."""
    inner = application(WaitingViewSet)

    def prepare(app: web.Application) -> None:
        app.add_subapp("/inner/", inner)

    client = await serve(prepare=prepare)
    async with client.get("/inner/artist/events/"):
        await inner[LOG].until("waits")
        await client.stop()
        assert "committed" in inner[LOG].words


async def test_without_the_set_up(serve: Serve) -> None:
    """A stream that waits holds the stop up until its time is over, and is ended then."""
    client = await serve(WaitingViewSet, keep_alive=None, runner={"shutdown_timeout": 0.5})
    loop = asyncio.get_running_loop()
    async with client.get("/artist/events/"):
        await client.log.until("waits")
        begun = loop.time()
        await client.stop()
        assert loop.time() - begun >= 0.5
        await client.log.until("closed")


@pytest.mark.parametrize("kind", KINDS)
async def test_silence(kind: str, serve: Serve) -> None:
    """What is long silent has comments between its events; nothing is put between lines or bytes."""
    client = await serve(WaitingViewSet, keep_alive=0.1)
    async with client.get(f"/artist/{kind}/") as response:
        await asyncio.sleep(0.6)
        received = response.content.read_nowait()
    first, *comments = received.split(b"\n\n")
    if kind == "events":
        assert first == b"data: 1"
        assert comments[-1] == b""
        assert 2 <= comments.count(b":") <= 8
    else:
        assert received == b"1\n"


async def test_no_comments_between_events(serve: Serve) -> None:
    """Where events go out, no comments do."""

    class Ticking(BaseViewSet):
        async def list(self) -> AsyncIterator[Event[int]]:
            for number in range(12):
                yield Event(number)
                await asyncio.sleep(0.1)

    client = await serve(Ticking, keep_alive=0.8)
    assert b":\n\n" not in await (await client.get("/artist/")).read()


@pytest.mark.parametrize("kind", KINDS)
async def test_slow_client(kind: str, serve: Serve) -> None:
    """What gives the items waits for who reads them: nothing is collected in between."""
    given = 0

    async def chunks() -> AsyncIterator[str]:
        nonlocal given
        while True:
            given += 1
            yield "x" * 10_000

    class Flood(BaseViewSet):
        @action(detail=False)
        async def lines(self) -> AsyncIterator[str]:
            return chunks()

        @action(detail=False)
        async def events(self) -> AsyncIterator[Event[str]]:
            async for each in chunks():
                yield Event(each)

        @action(detail=False)
        async def bytes(self) -> AsyncIterator[bytes]:
            async for each in chunks():
                yield each.encode()

    client = await serve(Flood)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port, limit=2**10)
    writer.write(b"GET /artist/%s/ HTTP/1.1\r\nHost: x\r\n\r\n" % kind.encode())
    await reader.readline()
    await asyncio.sleep(0.5)
    before = given
    await asyncio.sleep(0.5)
    assert given == before < 2_000  # of 10 kB: what the kernel keeps for the two
    writer.close()


async def test_iterator_that_never_waits(serve: Serve) -> None:
    """Others have their turns while items go out to a client that reads as fast as they come."""

    class Flood(BaseViewSet):
        async def list(self) -> AsyncIterator[int]:
            for number in range(20_000):
                yield number

    client = await serve(Flood)
    url = f"http://{client.host}:{client.port}/artist/"

    def read() -> int:
        with urlopen(url) as response:
            return len(response.read().splitlines())

    reading, turns = asyncio.create_task(asyncio.to_thread(read)), 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += client.runner.server is not None and client.runner.server.requests_count > 0
    assert await reading == 20_000
    assert turns >= 500


@pytest.mark.parametrize("kind", KINDS)
async def test_old_client(kind: str, serve: Serve) -> None:
    """In HTTP/1.0 the end of the connection is the end of the stream."""
    client = await serve(WaitingViewSet)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(b"GET /artist/%s/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" % kind.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"chunked" not in head
    assert b"Connection: keep-alive" not in head
    assert b"1" in await reader.readline()
    stop = asyncio.create_task(client.stop())
    assert (await asyncio.wait_for(reader.read(), SOON)).strip() == b""
    writer.close()
    await stop


@pytest.mark.parametrize("kind", KINDS)
async def test_head(kind: str, serve: Serve) -> None:
    """HEAD has the headers and ends the iterator; the connection can be used again."""
    client = await serve(WaitingViewSet)
    for _ in range(2):
        response = await client.head(f"/artist/{kind}/")
        assert (response.status, response.headers["X-After"]) == (200, "1")
        assert await response.read() == b""
    await client.stop()
    assert client.log.words == (["committed"] if kind == "events" else ["closed", "committed"]) * 2


@pytest.mark.parametrize("kind", KINDS)
async def test_head_of_what_waits(kind: str, serve: Serve) -> None:
    """HEAD waits for no item longer than the head does."""
    client = await serve(WaitingViewSet)
    async with asyncio.timeout(SOON):
        assert (await client.head(f"/artist/{kind}/?silent")).status == 200
        await client.log.until("committed")


class RefusingViewSet(BaseViewSet):
    async def after(self, response: web.StreamResponse) -> None:
        raise web.HTTPForbidden

    async def list(self) -> AsyncIterator[int]:
        await asyncio.Event().wait()
        yield 1


async def test_hook_that_refuses_after_a_second(serve: Serve) -> None:
    """What the hook raises is an answer, too, where it runs before the first item."""
    client = await serve(RefusingViewSet)
    async with asyncio.timeout(SOON):
        assert (await client.get("/artist/")).status == 403


async def test_hook_that_refuses_as_the_first_item_comes(serve: Serve) -> None:
    """It is asked once, whatever comes meanwhile."""

    class Refusing(BaseViewSet):
        async def after(self, response: web.StreamResponse) -> None:
            self.request.app[LOG].add("asked")
            await asyncio.sleep(0.2)
            raise web.HTTPForbidden

        async def list(self) -> AsyncIterator[int]:
            await self.request.app[LOG].until("asked")
            yield 1

    client = await serve(Refusing)
    assert (await client.get("/artist/")).status == 403
    assert client.log.words == ["asked"]


async def test_handler_that_is_cancelled(serve: Serve) -> None:
    """A server with `handler_cancellation` ends it as well."""
    client = await serve(WaitingViewSet, runner={"handler_cancellation": True})
    async with client.get("/artist/lines/"):
        await client.log.until("waits")
    await client.log.until("closed")
    await client.log.until("rolled back, cancelled")


async def test_error_at_the_end_of_a_client(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """What an iterator raises when it is ended is not lost."""

    class Failing(BaseViewSet):
        async def list(self) -> AsyncIterator[Event[int]]:
            try:
                yield Event(1)
                await asyncio.Event().wait()
            finally:
                self.request.app[LOG].add("failed")
                raise KeyError("the end failed")

    client = await serve(Failing)
    async with client.get("/artist/") as response:
        await response.content.readline()
    await client.log.until("failed")
    await client.stop()
    assert "the end failed" in caplog.text


class Token(BaseAuthentication):
    scheme_name = "token"
    challenge = "Bearer"
    security_scheme = {"type": "http", "scheme": "bearer"}

    def credentials(self, request: web.Request) -> str | None:
        return request.headers.get("Authorization")

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        return Identity(credentials, credentials)


class GuardedViewSet(BaseViewSet):
    authentication = (Token(),)
    permissions = IsAuthenticated()

    async def list(self, limit: int = 1) -> AsyncIterator[Event[int]]:
        for number in range(limit):
            yield Event(number)


ANA = {"Authorization": "ana"}


async def test_refusals_before_events(serve: Serve) -> None:
    """Who may not, and who asks for what cannot be read, has an answer in place of events."""
    client = await serve(GuardedViewSet)
    assert (await client.get("/artist/")).status == 401
    response = await client.get("/artist/?limit=x", headers=ANA)
    assert (response.status, response.content_type) == (422, "application/problem+json")


async def test_what_stands_around_events(serve: Serve) -> None:
    """No shared cache keeps them, pages of other origins may read them, and the log has a line."""
    lines: list[str] = []

    class Lines(AbstractAccessLogger):
        def log(self, request: Any, response: Any, time: float) -> None:
            lines.append(f"{request.path} {response.status}")

    def prepare(app: web.Application) -> None:
        cors.setup(app, ["https://app.example"])

    client = await serve(
        GuardedViewSet,
        prepare=prepare,
        middlewares=[request_id_middleware, api_exception_handler],
        runner={"access_log_class": Lines},
    )
    headers = {**ANA, "Origin": "https://app.example"}
    response = await client.get("/artist/", headers=headers)
    body = await response.read()
    assert response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] == "https://app.example"
    assert response.headers[hdrs.CACHE_CONTROL] == "no-store"
    await client.stop()
    assert body == b"data: 0\n\n"
    assert lines == ["/artist/ 200"]
