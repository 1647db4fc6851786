import asyncio
import contextlib
import functools
import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, make_mocked_request
from msgspec import Struct
from pytest_aiohttp import AiohttpClient
from sqlalchemy import ForeignKey, MetaData, func, insert, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from webaio import conditions, openapi, sqlalchemy
from webaio.authentication import BaseAuthentication, CurrentUser, Identity
from webaio.conditions import (
    Answered,
    Claim,
    IdempotencyStore,
    MemoryIdempotencyStore,
    RedisIdempotencyStore,
    idempotent,
)
from webaio.decorators import action
from webaio.exceptions import Conflict, ImproperlyConfigured, ValidationError
from webaio.middlewares import api_exception_handler, request_id_middleware
from webaio.parameters._overrides import overriding
from webaio.permissions import IsAuthenticated
from webaio.results import Answer
from webaio.routers import SimpleRouter
from webaio.sqlalchemy import DATABASE, DatabaseIdempotencyStore, ModelViewSet, Session
from webaio.viewsets import BaseViewSet

DEADLINE: Final = 60
KEY: Final = "8e03978e-40d5-43dd-bc93-6894a57f9324"
OTHER_KEY: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
REPLAYED: Final = "Idempotent-Replayed"

RedisServer = Any  # of conftest.py
Client = TestClient[web.Request, web.Application]
Serve = Callable[..., Awaitable[Client]]


class Token(BaseAuthentication):
    scheme_name = "token"
    challenge = "Token"
    security_scheme = {"type": "apiKey", "in": "header", "name": "X-User"}

    def credentials(self, request: web.Request) -> str | None:
        return request.headers.get("X-User")

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        return Identity(credentials, credentials)


class PaymentIn(Struct):
    amount: int


class Payment(Struct):
    id: int
    amount: int
    user: str


class PaymentViewSet(BaseViewSet):
    """Each test has a class of its own, with what was made, and what is done first."""

    authentication = (Token(),)
    permissions = IsAuthenticated()
    made: list[Payment]

    async def work(self) -> None: ...

    @idempotent(required=True)
    async def create(self, body: PaymentIn, user: CurrentUser[str]) -> Payment:
        await self.work()
        self.made.append(Payment(len(self.made) + 1, body.amount, user))
        return self.made[-1]

    async def detail(self, id: int) -> Payment:
        return self.made[id - 1]

    @action(detail=False, method="post")
    @idempotent()
    async def refund(self, body: PaymentIn, user: CurrentUser[str]) -> Payment:
        self.made.append(Payment(len(self.made) + 1, -body.amount, user))
        return self.made[-1]

    @action(detail=False, method="post")
    async def note(self, body: PaymentIn) -> int:
        self.made.append(Payment(0, body.amount, ""))
        return len(self.made)

    @idempotent()
    @action(detail=False, method="post")
    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.made.append(Payment(0, 0, ""))
        return await self.answered(request)

    async def answered(self, request: web.Request) -> web.StreamResponse:
        raise NotImplementedError


def payments(**members: Any) -> Any:
    return type("PaymentViewSet", (PaymentViewSet,), {"made": [], **members})


def application(viewset: type[BaseViewSet], *, handles_errors: bool = True) -> web.Application:
    router = SimpleRouter()
    router.register(viewset, basename="payment")
    app = web.Application(middlewares=[api_exception_handler] if handles_errors else [])
    app.add_routes(router.routespatters)
    return app


class Backend:
    """A kind of store, and what an application needs for it."""

    def __init__(self, kind: str, url: str) -> None:
        self.kind = kind
        self.url = url
        self.metadata = MetaData()

    def store(self) -> IdempotencyStore:
        if self.kind == "memory":
            return MemoryIdempotencyStore()
        if self.kind == "redis":
            return RedisIdempotencyStore(self.url)
        return DatabaseIdempotencyStore(self.metadata)

    def set_up(self, app: web.Application, **options: Any) -> IdempotencyStore:
        store = self.store()
        if self.kind in ("sqlite", "postgresql"):
            sqlalchemy.setup(app, self.url)
            app.on_startup.append(functools.partial(create_tables, self.metadata))
        conditions.setup(app, store=store, **options)
        return store


async def create_tables(metadata: MetaData, app: web.Application) -> None:
    async with app[DATABASE].engine.begin() as connection:
        await connection.run_sync(metadata.create_all)


def backend_of(kind: str, request: pytest.FixtureRequest, database_of: Any) -> Backend:
    if kind == "memory":
        return Backend(kind, "")
    if kind == "redis":
        return Backend(kind, request.getfixturevalue("redis").url)
    return Backend(kind, database_of(kind))


@pytest.fixture(params=["memory", "redis", "sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest, database_of: Any) -> Backend:
    return backend_of(request.param, request, database_of)


@pytest.fixture(params=["redis", "sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, database_of: Any) -> Backend:
    """Give a store that several processes have."""
    return backend_of(request.param, request, database_of)


@pytest.fixture(params=[True, False], ids=["middleware", "alone"])
def handles_errors(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def serve(aiohttp_client: AiohttpClient, backend: Backend) -> Serve:
    async def serve(viewset: Any, *, handles_errors: bool = True, **options: Any) -> Client:
        app = application(viewset, handles_errors=handles_errors)
        backend.set_up(app, **options)
        return await aiohttp_client(app)

    return serve


class Got(Struct):
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def is_replayed(self) -> bool:
        return self.headers.get(REPLAYED) == "true"

    @property
    def problem(self) -> Any:
        return json.loads(self.body)


async def send(
    client: Client | ClientSession,
    path: str = "/payment/",
    body: Any = None,
    *,
    key: str | None = KEY,
    user: str | None = "ann",
    method: str = "POST",
    **headers: str,
) -> Got:
    if key is not None:
        headers["Idempotency-Key"] = key
    if user is not None:
        headers["X-User"] = user
    data = body if isinstance(body, bytes) else json.dumps(body or {"amount": 5}).encode()
    headers = {"Content-Type": "application/json", **headers}
    async with client.request(method, path, data=data, headers=headers) as response:
        return Got(response.status, await response.read(), response.headers.copy())


async def statuses(awaitables: Iterable[Awaitable[Got]]) -> Counter[int]:
    return Counter(each.status for each in await asyncio.gather(*awaitables))


# Requests


async def test_replayed(serve: Serve, handles_errors: bool) -> None:
    """A repeated request gets the first answer, and nothing is done again."""
    viewset = payments()
    client = await serve(viewset, handles_errors=handles_errors)
    first = await send(client)
    again = [await send(client), await send(client, key=f'"{KEY}"')]
    assert (first.status, first.is_replayed) == (201, False)
    assert first.headers["Location"] == "/payment/1/"
    assert "private" in first.headers["Cache-Control"]
    for each in again:
        assert (each.status, each.body, each.is_replayed) == (201, first.body, True)
        own = {name: value for name, value in each.headers.items() if name != REPLAYED}
        assert {**own, "Date": ""} == {**first.headers, "Date": ""}
    assert len(viewset.made) == 1


@pytest.mark.parametrize(
    ("path", "body", "media_type"),
    [
        ("/payment/", {"amount": 6}, "application/json"),
        ("/payment/?dry=1", {"amount": 5}, "application/json"),
        ("/payment/", {"amount": 5}, "application/payment+json"),
    ],
    ids=["body", "query", "media type"],
)
async def test_other_request(serve: Serve, path: str, body: Any, media_type: str) -> None:
    """A key is for one request: another one with it is a 422 that names the header."""
    viewset = payments()
    client = await serve(viewset)
    assert (await send(client)).status == 201
    other = await send(client, path, body, **{"Content-Type": media_type})
    assert other.status == 422
    assert other.problem["code"] == "idempotency_key_reused"
    (fault,) = other.problem["errors"]
    assert (fault["in"], fault["pointer"]) == ("header", "/Idempotency-Key")
    assert len(viewset.made) == 1


async def test_apart(serve: Serve) -> None:
    """Users, routes and keys have answers of their own."""
    viewset = payments()
    client = await serve(viewset)
    sent: list[dict[str, Any]] = [
        {},
        {"user": "bob"},
        {"key": OTHER_KEY},
        {"path": "/payment/refund/"},
    ]
    first = [await send(client, **each) for each in sent]
    assert [(each.status, each.is_replayed) for each in first] == [(201, False)] * 3 + [
        (200, False)
    ]
    again = [await send(client, **each) for each in sent]
    assert [each.body for each in again] == [each.body for each in first]
    assert [each.user for each in viewset.made] == ["ann", "bob", "ann", "ann"]


async def test_at_once(serve: Serve, handles_errors: bool) -> None:
    """Of 20 at once one runs, and the others are told to come again."""
    told = asyncio.Event()

    async def work(self: Any) -> None:
        await told.wait()

    viewset = payments(work=work)
    client = await serve(viewset, handles_errors=handles_errors)
    tasks = {asyncio.create_task(send(client)) for _ in range(20)}
    done = set[asyncio.Task[Got]]()
    async with asyncio.timeout(DEADLINE):
        while len(done) < 19:
            more, _ = await asyncio.wait(tasks - done, return_when=asyncio.FIRST_COMPLETED)
            done |= more
    told.set()
    (last,) = tasks - done
    assert (await last).status == 201
    for each in done:
        assert (each.result().status, each.result().headers["Retry-After"]) == (409, "1")
        assert each.result().problem["code"] == "idempotency_key_in_use"
    assert len(viewset.made) == 1
    assert (await send(client)).is_replayed


class Failing(Struct):
    """What happens to an action first, and not the second time."""

    error: BaseException | type[BaseException]
    status: int


@pytest.mark.parametrize(
    "failing",
    [
        Failing(RuntimeError, 500),
        Failing(Conflict, 409),
        Failing(ValidationError, 422),
        Failing(web.HTTPNotFound, 404),
        Failing(asyncio.CancelledError, 0),
    ],
    ids=lambda each: str(each.status),
)
async def test_failed(serve: Serve, failing: Failing) -> None:
    """What ends by an exception is not done: its key is free at once."""
    failures = [failing.error]

    async def work(self: Any) -> None:
        if failures:
            raise failures.pop()

    viewset = payments(work=work)
    client = await serve(viewset)
    if failing.status:
        assert (await send(client)).status == failing.status
    else:
        with pytest.raises(Exception, match="disconnected"):
            await send(client)
    again = await send(client)
    assert (again.status, again.is_replayed) == (201, False)
    assert len(viewset.made) == 1


BAD_KEYS: Final = {
    "empty": b"",
    "8": b"aaaaaaaa",
    "15": b"a" * 15,
    "256": b"a" * 256,
    "blank and tab": b"a b\tcccccccccccccccc",
    "DEL": b"aaaaaaaaaaaaaaaa\x7f",
    "beyond ASCII": "aaaaaaaaaaaaaaaé".encode(),
    "no UTF-8": b"aaaaaaaaaaaaaaaa\xff",
    "list": b"aaaaaaaaaaaaaaaa,bbbbbbbbbbbbbbbb",
    "one quote": b'"aaaaaaaaaaaaaaaa',
    "quote within": b'"aaaaaaaa"aaaaaaaa"',
    "escape": b'"aaaaaaaa\\"aaaaaaaa"',
    "empty String": b'""',
    "parameter": b'"aaaaaaaaaaaaaaaa";a=1',
    "twice": b"aaaaaaaaaaaaaaaa\r\nIdempotency-Key: aaaaaaaaaaaaaaaa",
}


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS)
async def test_bad_key(aiohttp_client: AiohttpClient, handles_errors: bool, key: bytes) -> None:
    """What is no key is a 400, and nothing is done."""
    viewset = payments()
    client = await aiohttp_client(application(viewset, handles_errors=handles_errors))
    for path in (b"/payment/", b"/payment/refund/"):
        assert await status_of(client, path, b"Idempotency-Key: " + key) == 400
    assert viewset.made == []


async def status_of(client: Client, path: bytes, *lines: bytes) -> int:
    """Send a payment as bytes."""
    body = b'{"amount": 5}'
    head = [
        b"POST %s HTTP/1.1" % path,
        *(b"Host: x", b"X-User: ann", b"Content-Type: application/json", b"Connection: close"),
        b"Content-Length: %d" % len(body),
        *lines,
    ]
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(b"\r\n".join([*head, b"", body]))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(answer.split()[1])


@pytest.mark.parametrize(
    "key", ["a" * 16, "a" * 255, f'"{"a" * 255}"', "!#$%&'()*+-./:;<=>?@[]^_`{|}~", OTHER_KEY]
)
async def test_good_key(aiohttp_client: AiohttpClient, key: str) -> None:
    """A key is any text of 16 to 255 visible characters, bare or quoted."""
    client = await aiohttp_client(application(payments()))
    assert [(await send(client, key=key)).is_replayed for _ in range(2)] == [False, True]


async def test_missing_key(aiohttp_client: AiohttpClient) -> None:
    """A key that is required is a 400 where it is missing; else the action runs as ever."""
    viewset = payments()
    client = await aiohttp_client(application(viewset))
    missing = await send(client, key=None)
    assert (missing.status, missing.problem["code"]) == (400, "idempotency_key_required")
    for _ in range(2):
        assert (await send(client, "/payment/refund/", key=None)).status == 200
    assert len(viewset.made) == 2


async def test_key_of_a_browser(aiohttp_client: AiohttpClient) -> None:
    """An action that takes no key does not look at one, such as Firefox sends by itself."""
    viewset = payments()
    client = await aiohttp_client(application(viewset))
    for key in ("12345678901234567890", "", "12345678901234567890"):
        answer = await send(client, "/payment/note/", key=key)
        assert (answer.status, answer.is_replayed) == (200, False)
    assert len(viewset.made) == 3


async def test_after_its_time(serve: Serve) -> None:
    """After its seconds an answer is gone, and the request runs again."""
    viewset = payments(idempotency={"create": idempotent(ttl=0.5)})
    client = await serve(viewset)
    found = [await send(client), await send(client)]
    await asyncio.sleep(0.6)
    found.append(await send(client))
    assert [(each.status, each.is_replayed) for each in found] == [
        (201, False),
        (201, True),
        (201, False),
    ]


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_client_goes(backend: Backend, is_cancelled: bool) -> None:
    """A client that goes in flight gets the answer when it comes again, or, cancelled, a new one."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(self: Any) -> None:
        begun.set()
        await go_on.wait()

    viewset = payments(work=work)
    app = application(viewset)
    backend.set_up(app)
    runner = web.AppRunner(app, handler_cancellation=is_cancelled)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/payment/"
    async with asyncio.timeout(DEADLINE), ClientSession() as session:
        first = asyncio.create_task(send(session, url))
        await begun.wait()
        if not is_cancelled:
            assert (await send(session, url)).status == 409
        first.cancel()
        await asyncio.sleep(0.2)
        go_on.set()
        again = await send(session, url)
        while again.status == 409:
            again = await send(session, url)
    await runner.cleanup()
    assert (again.status, again.is_replayed) == (201, not is_cancelled)
    assert len(viewset.made) == 1


async def test_who_may_not(serve: Serve) -> None:
    """Who may not gets no answer of another: the guard comes first."""
    client = await serve(payments())
    assert (await send(client)).status == 201
    nobody = await send(client, user=None)
    assert (nobody.status, nobody.is_replayed) == (401, False)


async def test_fault_in_the_body(serve: Serve) -> None:
    """A body that is refused does not use its key up."""
    viewset = payments()
    client = await serve(viewset)
    assert (await send(client, body={"amount": "five"})).status == 422
    assert (await send(client)).status == 201
    assert len(viewset.made) == 1


async def test_renewed(serve: Serve) -> None:
    """A request that runs longer than its lease keeps its key."""

    async def work(self: Any) -> None:
        await asyncio.sleep(2.5)

    viewset = payments(work=work)
    client = await serve(viewset, lease=1.0)
    first = asyncio.create_task(send(client))
    await asyncio.sleep(2)
    assert (await send(client)).status == 409
    assert (await first).status == 201
    assert (await send(client)).is_replayed
    assert len(viewset.made) == 1


async def test_swallowed_cancellation(aiohttp_client: AiohttpClient) -> None:
    """A request ends though its store swallows that a renewal is cancelled, as a client of one may."""

    class Swallowing(MemoryIdempotencyStore):
        async def renew(self, claim: Claim) -> bool:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(DEADLINE)
            return True

    async def work(self: Any) -> None:
        await asyncio.sleep(0.3)

    app = application(payments(work=work))
    conditions.setup(app, store=Swallowing(), lease=0.3)
    async with asyncio.timeout(5):
        assert (await send(await aiohttp_client(app))).status == 201


# Answers


async def twice(client: Client, path: str = "/payment/answer/") -> list[Got]:
    return [await send(client, path) for _ in range(2)]


@pytest.mark.parametrize(
    ("response", "is_kept"),
    [
        (lambda: web.Response(status=204), True),
        (lambda: web.Response(status=202, text="später"), True),
        (lambda: web.Response(body=b"\0\xff", headers={"X-Own": "1", "ETag": '"1"'}), True),
        (lambda: web.Response(status=409, text="no"), True),
        (lambda: web.Response(status=422, text="no"), False),
        (lambda: web.Response(status=500, text="no"), False),
        (lambda: web.Response(headers={"Set-Cookie": "a=b"}), False),
        (lambda: web.Response(body=b"a" * 101), False),
        (lambda: web.Response(body=b"a" * 100), True),
    ],
    ids=["204", "text", "bytes", "409", "422", "500", "cookie", "large", "full"],
)
async def test_answers(serve: Serve, response: Any, is_kept: bool) -> None:
    """An answer is kept as it is; one that is not kept gives the key back."""

    async def answered(self: Any, request: web.Request) -> Any:
        return response()

    viewset = payments(answered=answered)
    first, again = await twice(await serve(viewset, max_size=100))
    assert (again.status, again.body) == (first.status, first.body)
    own = {name: value for name, value in again.headers.items() if name != REPLAYED}
    assert {**own, "Date": ""} == {**first.headers, "Date": ""}
    assert again.is_replayed == is_kept
    assert len(viewset.made) == 2 - is_kept


async def test_stream(serve: Serve) -> None:
    async def answered(self: Any, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"a")
        return response

    first, again = await twice(await serve(payments(answered=answered)))
    assert (first.body, again.body, again.is_replayed) == (b"a", b"a", False)


async def test_told_once(aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture) -> None:
    """That an action's answers are not kept is said once."""

    class SessionViewSet(BaseViewSet):
        @idempotent()
        async def create(self) -> Answer[str]:
            answer = Answer("in")
            answer.set_cookie("session", "1")
            return answer

    app = application(SessionViewSet)
    client = await aiohttp_client(app)
    found = [await send(client) for _ in range(3)]
    assert [each.is_replayed for each in found] == [False] * 3
    told = [each.message for each in caplog.records if each.name == "webaio.conditions"]
    (only,) = told
    assert only.endswith("create: a repeated request runs again: its answer sets a cookie.")


async def test_after(serve: Serve) -> None:
    """What `after` adds is kept; it does not run for an answer of an action that did not run."""
    calls: list[int] = []

    async def after(self: Any, response: web.StreamResponse) -> None:
        calls.append(1)
        response.headers["X-Total"] = str(len(self.made))

    viewset = payments(after=after)
    client = await serve(viewset)
    found = [await send(client), await send(client)]
    assert [each.headers["X-Total"] for each in found] == ["1", "1"]
    assert len(calls) == 1


async def test_headers_of_the_moment(aiohttp_client: AiohttpClient) -> None:
    """The id of a request is its own, and so is what its origin may read."""
    viewset = payments(middlewares=[allow])
    app = application(viewset)
    app.middlewares.insert(0, request_id_middleware)
    client = await aiohttp_client(app)
    found = [await send(client, Origin=each) for each in ("https://a", "https://b")]
    assert found[1].is_replayed
    assert found[0].headers["X-Request-ID"] != found[1].headers["X-Request-ID"]
    assert found[1].headers["Access-Control-Allow-Origin"] == "https://b"


async def allow(request: web.Request, handler: Any) -> web.StreamResponse:
    response: web.StreamResponse = await handler(request)
    response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
    return response


async def test_limited_body(aiohttp_client: AiohttpClient) -> None:
    """The body is compared, too, where an action has a limit of its own, and no length is told."""

    class LimitedViewSet(BaseViewSet):
        @idempotent()
        @action(detail=False, method="post", client_max_size=100)
        async def echo(self, body: PaymentIn) -> PaymentIn:
            return body

    client = await aiohttp_client(application(LimitedViewSet))

    async def chunks(text: bytes) -> AsyncIterator[bytes]:
        yield text

    headers = {"Idempotency-Key": KEY, "Content-Type": "application/json"}
    found = [
        (await client.post("/payment/echo/", data=chunks(body), headers=headers)).status
        for body in (b'{"amount": 1}', b'{"amount": 1}', b'{"amount": 2}')
    ]
    assert found == [200, 200, 422]


async def test_overridden(aiohttp_client: AiohttpClient) -> None:
    """A dependency that a test replaces takes nothing away."""
    viewset = payments()
    app = application(viewset)
    client = await aiohttp_client(app)
    from webaio.authentication import current_user

    with overriding(app, current_user, lambda: "tim"):
        assert [(await send(client)).is_replayed for _ in range(2)] == [False, True]
    assert [each.user for each in viewset.made] == ["tim"]


# Processes that die


SERVER: Final = """
import asyncio, functools, os, signal, sys
from aiohttp import web
from msgspec import Struct
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from webaio import conditions, sqlalchemy
from webaio.conditions import RedisIdempotencyStore, idempotent
from webaio.routers import SimpleRouter
from webaio.sqlalchemy import DATABASE, DatabaseIdempotencyStore, Session
from webaio.viewsets import BaseViewSet

kind, url, dies, lease = sys.argv[1:]

class Base(DeclarativeBase):
    pass

class Payment(Base):
    __tablename__ = "payment"
    id: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int]

class PaymentIn(Struct):
    amount: int

def die():
    os.kill(os.getpid(), signal.SIGKILL)

class Dying(DatabaseIdempotencyStore):
    async def complete(self, claim, answer):
        if dies == "before":
            die()
        found = await super().complete(claim, answer)
        if dies == "after":
            die()
        return found

class PaymentViewSet(BaseViewSet):
    @idempotent()
    async def create(self, body: PaymentIn) -> int:
        if dies == "within":
            die()
        await asyncio.sleep(0.3)
        return body.amount

class StoredPaymentViewSet(BaseViewSet):
    @idempotent()
    async def create(self, body: PaymentIn, session: Session) -> int:
        session.add(Payment(amount=body.amount))
        await session.flush()
        if dies == "within":
            die()
        await asyncio.sleep(0.3)
        return body.amount

async def create_tables(app):
    async with app[DATABASE].engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

async def main():
    app, router = web.Application(), SimpleRouter()
    if kind == "redis":
        store = RedisIdempotencyStore(url)
        router.register(PaymentViewSet, basename="payment")
    else:
        store = Dying(Base.metadata)
        sqlalchemy.setup(app, url)
        app.on_startup.append(create_tables)
        router.register(StoredPaymentViewSet, basename="payment")
    conditions.setup(app, store=store, lease=float(lease))
    app.add_routes(router.routespatters)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()

asyncio.run(main())
"""


class Process:
    """A server in a process of its own, which may kill itself."""

    def __init__(self, backend: Backend, dies: str, lease: float) -> None:
        self._arguments = [backend.kind, backend.url, dies, str(lease)]

    async def __aenter__(self) -> str:
        command = [sys.executable, "-W", "error", "-c", SERVER, *self._arguments]
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        return f"http://127.0.0.1:{int(await self._process.stdout.readline())}/payment/"

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


LEASE: Final = 3.0


async def test_killed(shared: Backend) -> None:
    """While the claim of a dead process holds it is a 409; then one of those that retry runs."""
    async with asyncio.timeout(DEADLINE), ClientSession() as session:
        async with Process(shared, "within", LEASE) as url:
            with pytest.raises(Exception, match=r"disconnected|reset"):
                await send(session, url)
        async with Process(shared, "never", LEASE) as one:
            begin = time.monotonic()
            while (first := await send(session, one)).status == 409:
                assert first.headers["Retry-After"] == "1"
                assert time.monotonic() < begin + DEADLINE
                await asyncio.sleep(0.02)
            assert (first.status, first.is_replayed) == (201, False)


async def test_killed_and_many(shared: Backend) -> None:
    """Of many in two processes that find the claim of a dead one, one runs."""
    async with asyncio.timeout(DEADLINE), ClientSession() as session:
        async with Process(shared, "within", 0.5) as url:
            with pytest.raises(Exception, match=r"disconnected|reset"):
                await send(session, url)
        await asyncio.sleep(0.5)
        async with Process(shared, "never", LEASE) as one, Process(shared, "never", LEASE) as other:
            found = await asyncio.gather(*(send(session, url) for url in [one, other] * 10))
            first, *rest = sorted(found, key=lambda each: (each.status, each.is_replayed))
            assert (first.status, first.is_replayed) == (201, False)
            assert all(each.status == 409 or each.is_replayed for each in rest)
            again = [await send(session, url) for url in (one, other)]
            assert [each.is_replayed for each in again] == [True, True]


@pytest.mark.parametrize("dies", ["before", "after"])
async def test_killed_at_the_end(database_url: str, dies: str) -> None:
    """What dies between its write and the end of its claim has done nothing, and runs again."""
    shared = Backend("database", database_url)
    async with asyncio.timeout(DEADLINE), ClientSession() as session:
        async with Process(shared, dies, 1.0) as url:
            with pytest.raises(Exception, match=r"disconnected|reset"):
                await send(session, url)
        assert await count_of(database_url) == 0
        await asyncio.sleep(1.0)
        async with Process(shared, "never", LEASE) as url:
            found = [await send(session, url) for _ in range(2)]
    assert [(each.status, each.is_replayed) for each in found] == [(201, False), (201, True)]
    assert await count_of(database_url) == 1


async def count_of(url: str) -> int:
    engine = sqlalchemy.create_engine(url)
    async with engine.connect() as connection:
        found = await connection.scalar(text("SELECT count(*) FROM payment"))
    await engine.dispose()
    return int(found)


# The application's own database


class Base(DeclarativeBase): ...


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)


class Transfer(Base):
    __tablename__ = "transfer"
    id: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int]
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", deferrable=True, initially="DEFERRED")
    )


class TransferIn(Struct):
    amount: int
    account_id: int | None = None


class TransferOut(Struct):
    id: int
    amount: int
    account_id: int | None


class TransferViewSet(ModelViewSet[Transfer, TransferOut, TransferIn]):
    idempotency = {"create": idempotent(), "partial_update": idempotent()}

    @idempotent()
    @action(detail=False, method="post")
    async def order(self, body: TransferIn, session: Session) -> int:
        made = Transfer(amount=body.amount, account_id=body.account_id)
        session.add(made)
        await session.flush()
        return made.id


STORE: Final = DatabaseIdempotencyStore(Base.metadata)


@pytest.fixture(params=["database", "memory"])
def transfer_store(request: pytest.FixtureRequest) -> IdempotencyStore:
    return STORE if request.param == "database" else MemoryIdempotencyStore()


@pytest.fixture
def transfers(aiohttp_client: AiohttpClient, database_url: str) -> Serve:
    async def transfers(
        store: IdempotencyStore = STORE, viewset: Any = TransferViewSet, **options: Any
    ) -> Client:
        app = application(viewset)
        sqlalchemy.setup(app, database_url)
        app.on_startup.append(functools.partial(create_tables, Base.metadata))
        conditions.setup(app, store=store, **options)
        return await aiohttp_client(app)

    return transfers


async def rows_of(client: Client, entity: Any = Transfer) -> int:
    async with client.app[DATABASE].session() as session:
        found = await session.scalar(select(func.count()).select_from(entity))
        return int(found or 0)


@pytest.mark.parametrize("path", ["/payment/", "/payment/order/"])
async def test_rows(transfers: Serve, transfer_store: IdempotencyStore, path: str) -> None:
    """Generated actions and those with a session write once."""
    client = await transfers(transfer_store)
    first, again = await twice(client, path)
    assert first.status in (200, 201)
    assert (again.body, again.is_replayed) == (first.body, True)
    assert await rows_of(client) == 1


@pytest.mark.parametrize("path", ["/payment/", "/payment/order/"])
async def test_refused_at_commit(
    transfers: Serve, transfer_store: IdempotencyStore, path: str
) -> None:
    """What a COMMIT refuses is not done: its key is free."""
    client = await transfers(transfer_store)
    body = {"amount": 5, "account_id": 7}
    refused = await send(client, path, body)
    assert (refused.status, refused.problem["code"]) == (409, "reference")
    async with client.app[DATABASE].session.begin() as session:
        session.add(Account(id=7))
    again = await send(client, path, body)
    assert (again.status, again.is_replayed) in [(200, False), (201, False)]
    assert await rows_of(client) == 1


@pytest.mark.parametrize("path", ["/payment/", "/payment/order/"])
async def test_lost(transfers: Serve, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """A request that has lost its claim to another is undone, though it is a single statement."""
    client = await transfers()

    async def lost(claim: Claim, answer: bytes) -> bool:
        return False

    monkeypatch.setattr(STORE, "complete", lost)
    found = await send(client, path)
    assert (found.status, found.problem["code"]) == (409, "idempotency_key_in_use")
    assert await rows_of(client) == 0


async def test_returned_error(transfers: Serve, transfer_store: IdempotencyStore) -> None:
    """An error that is returned is kept like another answer, and what was written is not."""

    class RefusingViewSet(TransferViewSet):
        @idempotent()
        @action(detail=False, method="post")
        async def refuse(self, request: web.Request) -> web.Response:
            self.session.add(Transfer(amount=5))
            await self.session.flush()
            return web.Response(status=409, text="no")

    client = await transfers(transfer_store, RefusingViewSet)
    first, again = await twice(client, "/payment/refuse/")
    assert (first.status, first.body) == (409, b"no")
    assert (again.body, again.is_replayed) == (b"no", True)
    assert await rows_of(client) == 0


async def test_begun_before(transfers: Serve) -> None:
    """A transaction that began before the key was claimed does not wait for itself."""

    class BeginningViewSet(TransferViewSet):
        async def before(self) -> None:
            if self.action != "list":
                self.session.add(Account())
                await self.session.flush()

    client = await transfers(viewset=BeginningViewSet)
    async with asyncio.timeout(4):
        first, again = await twice(client, "/payment/")
        assert (first.status, again.status, again.is_replayed) == (201, 201, True)
        refused = await send(client, body={"amount": 5, "account_id": 77}, key=OTHER_KEY)
        assert refused.status == 409
        found = await statuses(send(client, key="x" * 20) for _ in range(5))
    assert found[201] >= 1
    assert found[201] + found[409] == 5
    assert await rows_of(client) == 2


async def test_old_rows(transfers: Serve) -> None:
    """Old rows go by and by, and neither answers nor claims that are not over for long."""
    client = await transfers()
    table = Base.metadata.tables["idempotency_key"]
    ends = {"old": 0.0, "older": 1.0, "new": time.time() - 60}
    rows = [
        {"key": f"{name}-{number}", "fingerprint": "", "ends": end}
        for name, end in ends.items()
        for number in range(60)
    ]
    async with client.app[DATABASE].session.begin() as session:
        await session.execute(insert(table), rows)
    for number in range(20):
        assert (await send(client, key=f"{number:020}")).status == 201
    async with client.app[DATABASE].session() as session:
        left = [*await session.scalars(select(table.c.key))]
    assert Counter(each.partition("-")[0] for each in left if "-" in each) == {"new": 60}
    assert len(left) == 80


@pytest.mark.parametrize("metadata", [None, Base, "twice"])
def test_table_refused(metadata: Any) -> None:
    """A table is made once, in metadata."""
    if metadata == "twice":
        metadata = MetaData()
        DatabaseIdempotencyStore(metadata)
    with pytest.raises(ImproperlyConfigured, match=r"DatabaseIdempotencyStore"):
        DatabaseIdempotencyStore(metadata)


# Stores


@pytest.fixture
async def opened(
    shared: Backend, aiohttp_client: AiohttpClient
) -> tuple[IdempotencyStore, web.Application]:
    """Give a store of several processes that is open."""
    app = web.Application()
    store = shared.set_up(app)
    await aiohttp_client(app)
    return store, app


def claim_of(app: web.Application, owner: str, lease: float = 60) -> Claim:
    request = make_mocked_request("POST", "/", app=app)
    request.match_info.add_app(app)
    return Claim(request, "k" * 64, "f" * 64, owner, lease, 60)


async def test_owner(opened: tuple[IdempotencyStore, web.Application]) -> None:
    """Who has lost a claim changes nothing of that of another."""
    store, app = opened
    late, new = claim_of(app, "late", lease=0.2), claim_of(app, "new")
    assert await store.claim(late) is None
    assert await store.claim(new) == Answered("f" * 64)
    await asyncio.sleep(0.3)
    assert await store.claim(new) is None
    await store.release(late)
    assert not await store.renew(late)
    assert not await store.complete(late, b"late")
    assert await store.claim(late) == Answered("f" * 64)
    assert await store.renew(new)
    assert await store.complete(new, b"new")
    await store.release(new)
    assert await store.claim(late) == Answered("f" * 64, b"new")


async def test_dead_owner(opened: tuple[IdempotencyStore, web.Application]) -> None:
    """Of many that find a claim whose owner has died, exactly one has it."""
    store, app = opened
    for _ in range(5):
        dead = claim_of(app, "dead", lease=0.05)
        assert await store.claim(dead) is None
        await asyncio.sleep(0.1)
        claims = [claim_of(app, str(number)) for number in range(20)]
        found = await asyncio.gather(*map(store.claim, claims))
        assert found.count(None) == 1
        await store.release(claims[found.index(None)])


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


REQUEST: Final = make_mocked_request("POST", "/")


def memory_claim(key: str, ttl: float = 60) -> Claim:
    return Claim(REQUEST, key, "f", "o", 60, ttl)


async def kept(store: MemoryIdempotencyStore, *keys: str) -> list[str]:
    """Tell which keys have an answer."""
    found = []
    for key in keys:
        there = await store.claim(claim := memory_claim(key))
        if there is None:
            await store.release(claim)
        elif there.answer is not None:
            found.append(key)
    return found


async def fill(store: MemoryIdempotencyStore, *keys: str, size: int = 1, ttl: float = 60) -> None:
    for key in keys:
        claim = memory_claim(key, ttl)
        assert await store.claim(claim) is None
        assert await store.complete(claim, b"a" * size)


@pytest.mark.parametrize("options", [{"capacity": 3}, {"max_bytes": 39}])
async def test_memory_is_bounded(options: Any) -> None:
    """The oldest answers go first, and no claim ever."""
    store = MemoryIdempotencyStore(**options)
    running = memory_claim("running")
    assert await store.claim(running) is None
    await fill(store, *"abcde", size=10)
    assert await kept(store, *"abcde") == ["c", "d", "e"]
    assert await store.claim(memory_claim("running")) == Answered("f")
    assert await store.complete(running, b"a" * 10)
    assert await kept(store, "c", "running") == ["running"]


@pytest.mark.parametrize("options", [{"capacity": 0}, {"max_bytes": -1}])
def test_memory_refused(options: Any) -> None:
    """A store that could keep nothing is refused."""
    with pytest.raises(ImproperlyConfigured, match="keep nothing"):
        MemoryIdempotencyStore(**options)


async def test_memory_forgets() -> None:
    """What is over goes when others come."""
    clock = Clock()
    store = MemoryIdempotencyStore(clock=clock)
    await fill(store, *"abc", ttl=10)
    clock.now = 10
    assert await kept(store, *"abc") == []
    await fill(store, *"abc", ttl=10)
    clock.now = 20
    await fill(store, *"de")
    assert [*store._kept] == ["d", "e"]
    assert store._bytes == 2


async def test_memory_costs_the_same() -> None:
    """A claim among 100 000 answers walks over none of the others."""
    store = MemoryIdempotencyStore()

    async def seconds(numbers: Iterable[int]) -> float:
        keys = [str(each) for each in numbers]
        begin = time.process_time()
        await fill(store, *keys)
        return time.process_time() - begin

    few = await seconds(range(2_000))
    await seconds(range(2_000, 110_000))
    assert await seconds(range(110_000, 112_000)) < 20 * few


# Outages


async def test_redis_is_down(redis: RedisServer, aiohttp_client: AiohttpClient) -> None:
    """Without its store an action with a key does not run; one request waits, and no other."""
    viewset = payments()
    app = application(viewset)
    store = RedisIdempotencyStore(redis.url, timeout=0.2, pause=0.5)
    conditions.setup(app, store=store)
    client = await aiohttp_client(app)
    assert (await send(client)).status == 201
    redis.hang()
    begin = time.monotonic()
    found = [await send(client, key=OTHER_KEY) for _ in range(5)]
    assert time.monotonic() - begin < 1
    redis.go_on()
    assert [(each.status, each.headers["Retry-After"]) for each in found] == [(503, "1")] * 5
    assert (await send(client, "/payment/refund/", key=None)).status == 200
    await asyncio.sleep(0.6)
    assert (await send(client)).is_replayed
    assert len(viewset.made) == 2


async def test_redis_goes_in_flight(
    redis: RedisServer, aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    """What is done is answered, though its answer cannot be kept."""

    async def work(self: Any) -> None:
        await asyncio.to_thread(redis.stop)

    app = application(payments(work=work))
    conditions.setup(app, store=RedisIdempotencyStore(redis.url, timeout=0.2))
    client = await aiohttp_client(app)
    assert (await send(client)).status == 201
    assert any("could not be kept" in each for each in caplog.messages)


async def test_database_is_down(aiohttp_client: AiohttpClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql+asyncpg://x@127.0.0.1:{taken.getsockname()[1]}/x"
    viewset = payments()
    app = application(viewset)
    sqlalchemy.setup(app, url)
    conditions.setup(app, store=DatabaseIdempotencyStore(MetaData()))
    client = await aiohttp_client(app)
    found = await send(client)
    assert (found.status, found.headers["Retry-After"], viewset.made) == (503, "1", [])


async def test_lost_in_flight(
    redis: RedisServer, aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A claim that is lost is told, and ends its renewal; the answer goes out, and is not kept."""

    async def work(self: Any) -> None:
        redis.flush()
        await asyncio.sleep(0.5)

    app = application(payments(work=work))
    conditions.setup(app, store=RedisIdempotencyStore(redis.url), lease=0.3)
    client = await aiohttp_client(app)
    assert [(await send(client)).is_replayed for _ in range(2)] == [False, False]
    assert caplog.messages.count("The claim of a running request was lost to another one.") == 2


# What is refused


def plain() -> Any:
    async def plain(self: Any) -> str:
        return ""

    return plain


async def stream(self: Any) -> AsyncIterator[str]:
    yield ""


MARK: Final = idempotent()


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"list": MARK(plain())}, r"list: it is idempotent, and answers GET"),
        ({"detail": plain(), "idempotency": {"detail": MARK}}, "answers GET"),
        ({"x": MARK(action(detail=False, methods=["get", "post"])(plain()))}, "answers GET"),
        ({"create": MARK(stream)}, "streams its result"),
        ({"create": plain(), "idempotency": {"creat": MARK}}, "'creat' is no action"),
        ({"create": plain(), "helper": MARK(plain())}, "'helper' is no action"),
        ({"create": plain(), "idempotency": {"create": True}}, "it is True"),
        ({"create": plain(), "idempotency": MARK}, "is no dict"),
    ],
)
def test_registration_refused(members: dict[str, Any], message: str) -> None:
    """What no key can be for is refused when the viewset is registered."""
    viewset = type("OddViewSet", (BaseViewSet,), members)
    with pytest.raises(ImproperlyConfigured, match=message):
        SimpleRouter().register(viewset, basename="odd")


@pytest.mark.parametrize(
    "options",
    [
        *({"ttl": each} for each in (0, -1, True, None, "60", float("inf"), float("nan"))),
        {"required": "yes"},
    ],
)
def test_mark_refused(options: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="@idempotent"):
        idempotent(**options)


def test_mark_on_no_function() -> None:
    for wrong in (5, BaseViewSet):
        with pytest.raises(ImproperlyConfigured, match="@idempotent"):
            MARK(wrong)  # type: ignore[type-var]  # refused
    with pytest.raises(ImproperlyConfigured, match="parenthes"):
        idempotent(plain())  # type: ignore[call-arg]  # refused


async def test_bases(aiohttp_client: AiohttpClient) -> None:
    """A mark of a base holds for what overrides it, and the nearest class says it."""

    class Lower(PaymentViewSet):
        made: list[Payment] = []
        idempotency = {"refund": idempotent(required=True)}

        async def create(self, body: PaymentIn, user: CurrentUser[str]) -> Payment:
            return await super().create(body, user)

    client = await aiohttp_client(application(Lower))
    assert [(await send(client)).is_replayed for _ in range(2)] == [False, True]
    assert (await send(client, "/payment/refund/", key=None)).status == 400


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"store": "redis://localhost"}, "is no store"),
        ({"store": MemoryIdempotencyStore}, "is no store"),
        ({"lease": 0}, "no number of seconds"),
        ({"lease": True}, "no number of seconds"),
        ({"max_size": -1}, "no number of bytes"),
    ],
)
def test_setup_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        conditions.setup(web.Application(), **options)


def test_setup_twice() -> None:
    app = web.Application()
    conditions.setup(app)
    with pytest.raises(ImproperlyConfigured, match="Call it once"):
        conditions.setup(app)


@pytest.mark.parametrize("own", [False, True])
async def test_below(aiohttp_client: AiohttpClient, own: bool) -> None:
    """An application below keeps answers where its parent does, or where it says itself."""
    stores = [MemoryIdempotencyStore(), MemoryIdempotencyStore()]
    app, below = web.Application(), application(payments())
    conditions.setup(app, store=stores[0])
    if own:
        conditions.setup(below, store=stores[1])
    app.add_subapp("/sub", below)
    client = await aiohttp_client(app)
    assert [(await send(client, "/sub/payment/")).is_replayed for _ in range(2)] == [False, True]
    assert [len(each._kept) for each in stores] == ([0, 1] if own else [1, 0])


def test_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is missing, it is named."""
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    monkeypatch.delitem(sys.modules, "webaio.throttling._redis", raising=False)
    monkeypatch.delitem(sys.modules, "webaio.conditions._redis_claims", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"Install webaio-core\[redis\]"):
        RedisIdempotencyStore("redis://localhost")


def test_url_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="none of Redis"):
        RedisIdempotencyStore("localhost:6379")


def test_nothing_is_imported() -> None:
    """Who does not use Redis or a database does not import their clients."""
    code = "import sys, webaio.routers; sys.exit('redis' in sys.modules or 'sqlalchemy' in sys.modules)"
    assert subprocess.call([sys.executable, "-c", code]) == 0


# The document


def described(path: str, *, method: str = "post") -> Any:
    app = application(payments())
    openapi.setup(app, swagger=False)
    return openapi.document_of(app)["paths"][path][method]


def test_document() -> None:
    """The document tells of the key, and of the answers that follow, by itself."""
    for path, is_required in (("/payment/", True), ("/payment/refund/", False)):
        found = described(path)
        (key,) = [each for each in found["parameters"] if each["name"] == "Idempotency-Key"]
        assert (key["in"], key.get("required", False)) == ("header", is_required)
        assert key["schema"]["pattern"].startswith("^(")
        assert {"400", "409", "413", "422", "503"} <= found["responses"].keys()
        for status in ("409", "503"):
            assert "Retry-After" in found["responses"][status]["headers"], HTTPStatus(int(status))
        success = found["responses"]["201" if is_required else "200"]
        assert REPLAYED in success["headers"]
    assert "Location" in described("/payment/")["responses"]["201"]["headers"]
    assert "Idempotency-Key" not in json.dumps(described("/payment/note/"))
