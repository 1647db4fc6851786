import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientConnectionError, ClientSession, UnixConnector, web
from aiohttp.test_utils import TestClient
from msgspec import Struct
from pytest_aiohttp import AiohttpClient
from redis import Redis

from webaio import throttling
from webaio.authentication import BaseAuthentication, Identity
from webaio.exceptions import AuthenticationFailed, ImproperlyConfigured
from webaio.middlewares import api_exception_handler
from webaio.permissions import Permission
from webaio.routers import SimpleRouter
from webaio.throttling import Count, MemoryStore, Rate, RedisStore, Store
from webaio.throttling._failures import count_failure, require_few_failures
from webaio.throttling._limiter import limiter_of
from webaio.throttling._rate import claim
from webaio.viewsets import BaseViewSet

DEADLINE = 20

RedisServer = Any  # of conftest.py
Client = TestClient[web.Request, web.Application]
Serve = Callable[..., Awaitable[Client]]
Responses = Counter[int]


def handler(*rates: Rate) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Make a handler that counts who asks; the user says by a header who he is."""
    limit = limiter_of(rates)

    async def handle(request: web.Request) -> web.Response:
        await limit(request, request.headers.get("X-User"))
        return web.Response()

    return handle


def application(*rates: Rate) -> web.Application:
    app = web.Application(middlewares=[api_exception_handler])
    app.router.add_get("/", handler(*rates))
    return app


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return MemoryStore()
    return RedisStore(request.getfixturevalue("redis").url)


@pytest.fixture
def serve(aiohttp_client: AiohttpClient) -> Serve:
    async def serve(*rates: Rate, **options: Any) -> Client:
        app = application(*rates)
        throttling.setup(app, **options)
        return await aiohttp_client(app)

    return serve


async def ask(client: Client, times: int = 1, path: str = "/", **headers: str) -> Responses:
    """Ask one after the other, and count the statuses."""
    return Counter([(await client.get(path, headers=headers)).status for _ in range(times)])


async def ask_at_once(*clients: Client, times: int) -> Responses:
    each = [client.get("/") for client in clients for _ in range(times // len(clients))]
    return Counter(response.status for response in await asyncio.gather(*each))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def key_of(request: web.Request) -> str | None:
    return request.headers.get("X-Key")


async def key_later(request: web.Request) -> str | None:
    await asyncio.sleep(0)
    return key_of(request)


class Keys:
    def __call__(self, request: web.Request) -> str:
        return "all"


# Rates


@pytest.mark.parametrize(
    "text",
    [
        *("", "5", "5/", "/minute", "0/minute", "-5/minute", "05/minute", "5.0/minute", "1_0/day"),
        *(
            "5/min",
            "5/m",
            "5/minutes",
            "5/Minute",
            "5 / minute",
            "5/minute ",
            "5/week",
            "\u0665/minute",
        ),
        *("9999999999/day", 5, None, b"5/minute"),
    ],
)
def test_text_refused(text: Any) -> None:
    """There is one spelling of a rate, and what is not it is refused with how to write it."""
    with pytest.raises(ImproperlyConfigured, match=r"Write a whole number .*second.*'600/minute'"):
        Rate(text, by="address")


@pytest.mark.parametrize("by", ["ip", "", None, 5, lambda: "", lambda a, b: ""])
def test_by_refused(by: Any) -> None:
    """What is neither a word nor a function of a request counts nothing."""
    with pytest.raises(ImproperlyConfigured, match="takes the request"):
        Rate("5/minute", by=by, name="x")


@pytest.mark.parametrize("by", [lambda request: "", Keys()])
def test_name_needed(by: Any) -> None:
    """A function without a name of its own gives the Rate none that all processes have."""
    with pytest.raises(ImproperlyConfigured, match="name='log-in'"):
        Rate("5/minute", by=by)
    assert Rate("5/minute", by=by, name="log-in").name == "log-in"


@pytest.mark.parametrize("name", ["", "a b", "a:b", "é", 5])
def test_name_refused(name: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="is no name"):
        Rate("5/minute", by="user", name=name)


def test_names() -> None:
    """A Rate has the name of its words, the same in every process."""
    assert Rate("5/minute", by="address").name == "5/minute by address"
    assert Rate("5/minute", by=key_of).name == f"5/minute by {__name__}.key_of"
    assert repr(Rate("5/minute", by=key_of)) == "Rate('5/minute', by=key_of)"
    assert repr(Rate("5/minute", by=Keys(), name="all")).endswith(", name='all')")


def test_one_name() -> None:
    """Two Rates of one name would be one count by accident: the second is refused."""
    names: dict[str, Rate] = {}
    rate = Rate("5/minute", by="user")
    claim(names, [rate, rate])
    claim(names, [Rate("5/minute", by="user", name="other")])
    with pytest.raises(ImproperlyConfigured, match="use it in both places, or give this one"):
        claim(names, [Rate("5/minute", by="user")])


async def test_one_name_of_two_handlers(aiohttp_client: AiohttpClient) -> None:
    """What was not refused at the start does not become one count."""
    app = application(Rate("1/minute", by="address"))
    app.router.add_get("/other", handler(Rate("1/minute", by="address")))
    client = await aiohttp_client(app)
    assert await ask(client) == {200: 1}
    assert await ask(client, path="/other") == {500: 1}


@pytest.mark.parametrize("rates", [("5/minute",), (Rate("5/minute", by="user"),) * 2])
def test_rates_refused(rates: Any) -> None:
    """What is no Rate, and what would count twice, is refused where the limiter is made."""
    with pytest.raises(ImproperlyConfigured, match="throttles"):
        limiter_of(rates)


# Requests


async def test_limit(serve: Serve, store: Store) -> None:
    """As many as the rate says pass; the next is told when to come again."""
    client = await serve(Rate("5/minute", by="address"), store=store)
    assert await ask(client, 8) == {200: 5, 429: 3}
    response = await client.get("/")
    assert 50 <= int(response.headers["Retry-After"]) <= 60
    assert (await response.json())["code"] == "throttled"


async def test_retry_after(serve: Serve, store: Store) -> None:
    """Who waits as long as he is told gets in, and has the whole limit again."""
    client = await serve(Rate("2/second", by="address"), store=store)
    assert await ask(client, 3) == {200: 2, 429: 1}
    assert (response := await client.get("/")).headers["Retry-After"] == "1", response.status
    await asyncio.sleep(1)
    assert await ask(client, 3) == {200: 2, 429: 1}


async def test_parallel(serve: Serve, store: Store) -> None:
    """Of 300 requests at once exactly the limit passes."""
    client = await serve(Rate("50/hour", by="address"), store=store)
    assert await ask_at_once(client, times=300) == {200: 50, 429: 250}


async def test_users(serve: Serve, store: Store) -> None:
    """Each user has a count, and so has an address of nobody known; no user can be an address."""
    client = await serve(Rate("2/minute", by="user"), store=store)
    assert await ask(client, 3, **{"X-User": "127.0.0.1"}) == {200: 2, 429: 1}
    assert await ask(client, 3, **{"X-User": "ann"}) == {200: 2, 429: 1}
    assert await ask(client, 3) == {200: 2, 429: 1}


@pytest.mark.parametrize("function", [key_of, key_later])
async def test_function(serve: Serve, function: Any) -> None:
    """A function gives the key, at once or later; None is not counted."""
    client = await serve(Rate("2/minute", by=function))
    assert await ask(client, 3, **{"X-Key": "a"}) == {200: 2, 429: 1}
    assert await ask(client, 3, **{"X-Key": "b"}) == {200: 2, 429: 1}
    assert await ask(client, 3) == {200: 3}


async def test_any_key(serve: Serve, redis: RedisServer) -> None:
    """A key may be anything that a client wrote; each has a count, and none takes much room."""
    keys = iter(["", "é" * 9, "\udcff", "a" * 129, "a" * 8000, "a b\r\n:", "é" * 9])
    rate = Rate("1/minute", by=lambda request: next(keys), name="any")
    client = await serve(rate, store=RedisStore(redis.url))
    assert await ask(client, 7) == {200: 6, 429: 1}
    assert len(redis.found()) == 6
    assert all(len(key) < 200 and key.isascii() for key in redis.found())


async def test_no_text(serve: Serve) -> None:
    """A key that is no text is a mistake of the function's, and is not counted as another."""
    client = await serve(Rate("1/minute", by=lambda request: 7, name="x"))  # type: ignore[arg-type,return-value]
    assert await ask(client) == {500: 1}


async def test_all_are_asked_first(serve: Serve, store: Store) -> None:
    """A request that one rate refuses is counted by no other."""
    rates = [Rate("3/minute", by="address"), Rate("1/minute", by="user")]
    client = await serve(*rates, store=store)
    assert await ask(client, 9, **{"X-User": "ann"}) == {200: 1, 429: 8}
    assert await ask(client, 1, **{"X-User": "bob"}) == {200: 1}
    assert await ask(client, 1, **{"X-User": "eve"}) == {200: 1}
    assert await ask(client, 1, **{"X-User": "joe"}) == {429: 1}


async def test_one_rate_in_two_places(aiohttp_client: AiohttpClient) -> None:
    """A Rate that stands in two places has one count."""
    rate = Rate("3/minute", by="address")
    app = application(rate)
    app.router.add_get("/other", handler(rate))
    client = await aiohttp_client(app)
    assert await ask(client, 2) == {200: 2}
    assert await ask(client, 2, path="/other") == {200: 1, 429: 1}


@pytest.mark.parametrize("name", [None, "api"])
async def test_changed_limit(redis: RedisServer, serve: Serve, name: str | None) -> None:
    """A new limit, and one of another period, holds when the window that has begun is over."""
    for text in ("10/second", "5/second"):
        client = await serve(Rate(text, by="address", name=name), store=RedisStore(redis.url))
        await ask(client, 10)
    await asyncio.sleep(1)
    for text in ("5/second", "5/minute"):
        client = await serve(Rate(text, by="address", name=name), store=RedisStore(redis.url))
        assert await ask(client, 6) == {200: 5, 429: 1}


async def test_key_without_end(redis: RedisServer, serve: Serve) -> None:
    """A key that somebody has made to stay gets an end, and refuses nobody for ever."""
    client = await serve(Rate("1/second", by="address"), store=RedisStore(redis.url))
    assert await ask(client, 1) == {200: 1}
    with Redis(port=redis.port) as other:
        other.persist(redis.found()[0])
    assert await ask(client, 1) == {429: 1}
    await asyncio.sleep(1)
    assert await ask(client, 1) == {200: 1}


# The memory store


async def test_windows() -> None:
    """A window begins with the first hit, and is over after its period."""
    clock = Clock()
    store, count = MemoryStore(clock=clock), Count("a", limit=2, period=60)
    clock.now = 30.0
    assert [await store.hit([count]) for _ in range(2)] == [0, 0]
    clock.now = 89.75
    assert await store.hit([count]) == 0.25
    clock.now = 90.0
    assert [await store.hit([count]) for _ in range(3)] == [0, 0, 60]


async def test_asking_charges_nothing(store: Store) -> None:
    """Without a charge there is only an answer."""
    await store.open()
    count = Count("a", limit=1, period=60)
    assert [await store.hit([count], charge=False) for _ in range(2)] == [0, 0]
    assert await store.hit([count]) == 0
    assert 59 < await store.hit([count], charge=False) <= 60
    assert 59 < await store.hit([Count("b", 1, 60), count]) <= 60
    assert await store.hit([Count("b", 1, 60)]) == 0
    await store.close()


async def test_capacity() -> None:
    """The store forgets those first whose windows end first, and keeps no more than it may."""
    clock = Clock()
    store = MemoryStore(capacity=3, clock=clock)
    for key in "abcd":
        clock.now += 1
        await store.hit([Count(key, limit=1, period=60)])
    refused = [bool(await store.hit([Count(key, 1, 60)], charge=False)) for key in "abcd"]
    assert refused == [False, True, True, True]


async def test_renewed() -> None:
    """A window that begins again ends last, and is forgotten last."""
    clock = Clock()
    store = MemoryStore(capacity=2, clock=clock)
    for clock.now, key in ((0.0, "a"), (30.0, "b"), (61.0, "a"), (62.0, "c")):
        assert await store.hit([Count(key, limit=1, period=60)]) == 0
    assert await store.hit([Count("a", limit=1, period=60)]) == 59


async def test_periods_have_room_of_their_own() -> None:
    """Many short windows push no long one out."""
    store = MemoryStore(capacity=3)
    await store.hit([Count("a", limit=1, period=86400)])
    for number in range(9):
        await store.hit([Count(str(number), limit=1, period=1)])
    assert await store.hit([Count("a", limit=1, period=86400)])


async def test_hits_cost_the_same() -> None:
    """A hit among 100 000 addresses, new or known, walks over none of the others."""
    store = MemoryStore()

    async def seconds(numbers: Iterable[int]) -> float:
        counts = [[Count(f"10.{number}", 5, 3600)] for number in numbers]
        begin = time.process_time()
        for each in counts:
            await store.hit(each)
        return time.process_time() - begin

    few = await seconds(range(2_000))
    await seconds(range(2_000, 110_000))
    assert await seconds(range(110_000, 112_000)) < 20 * few
    assert await seconds(range(110_000, 112_000)) < 20 * few


# Addresses


async def forwarded(serve: Serve, *values: str, trusted: Iterable[str] = ()) -> Responses:
    """Ask with these values of X-Forwarded-For, one after the other, where two requests may pass."""
    client = await serve(Rate("2/minute", by="address"), trusted_proxies=trusted)
    found = Responses()
    for value in values:
        found += await ask(client, 1, **{"X-Forwarded-For": value})
    return found


async def test_untrusted_peer(serve: Serve) -> None:
    """Without trusted proxies, and from another peer than these, the header is nothing."""
    values = [f"203.0.113.{number}" for number in range(5)]
    assert await forwarded(serve, *values) == {200: 2, 429: 3}
    assert await forwarded(serve, *values, trusted=["10.0.0.0/8"]) == {200: 2, 429: 3}


async def test_trusted_peer(serve: Serve) -> None:
    """Behind a trusted proxy each client has a count."""
    values = [f"203.0.113.{number}" for number in range(5)]
    assert await forwarded(serve, *values, trusted=["127.0.0.0/8"]) == {200: 5}


ONE_CLIENT = [
    pytest.param([f"9.9.9.{number}, 203.0.113.9" for number in range(5)], id="left-made-up"),
    pytest.param(
        [f"9.9.9.{number}, 203.0.113.9, 10.1.2.{number}" for number in range(5)], id="two-proxies"
    ),
    pytest.param([f"2001:db8:1:2::{number}" for number in range(5)], id="one-64"),
    pytest.param(["::ffff:203.0.113.9", "203.0.113.9", "::FFFF:cb00:7109"], id="mapped"),
    pytest.param(["203.0.113.9:8080", "203.0.113.9:81", " 203.0.113.9\t"], id="port"),
    pytest.param(["[2001:db8::1]:443", "[2001:db8::2]", "2001:DB8:0::3"], id="port-of-ipv6"),
    pytest.param(["10.0.0.1, 10.0.0.2", "10.0.0.1", "::ffff:10.0.0.1"], id="only-proxies"),
    pytest.param(["", ",,,", "1.2.3.4.5", "a" * 18, "a" * 8000], id="malformed"),
    pytest.param(["1.1.1.1, x", "1.1.1.2, 1.2.3", "unknown", "1.1.1.1, _hidden"], id="right"),
    pytest.param(["203.0.113.9,", "9.9.9.9,203.0.113.9, ,", "203.0.113.9"], id="empty-members"),
    pytest.param(["0203.0.113.9", "203.0.113.9/32", "3405803785", "0xcb007109"], id="forms"),
    pytest.param(["10.0.0.1," * 800, ",10.0.0.1" * 800, "10.0.0.1"], id="many"),
]


@pytest.mark.parametrize("values", ONE_CLIENT)
async def test_one_client(serve: Serve, values: list[str]) -> None:
    """What the client may choose makes no other client of it, and never an error."""
    expected = {200: 2, 429: len(values) - 2}
    assert await forwarded(serve, *values, trusted=["127.0.0.0/8", "10.0.0.0/8"]) == expected


async def test_two_headers(serve: Serve) -> None:
    """Several headers are one list (RFC 9110, 5.3)."""
    client = await serve(Rate("1/minute", by="address"), trusted_proxies=["127.0.0.1"])
    for number, status in enumerate((200, 429)):
        values = [("X-Forwarded-For", f"9.9.9.{number}"), ("X-Forwarded-For", "203.0.113.9")]
        assert (await client.get("/", headers=values)).status == status


async def test_two_64s(serve: Serve) -> None:
    values = [f"2001:db8:1:{number}::1" for number in range(5)]
    assert await forwarded(serve, *values, trusted=["127.0.0.1"]) == {200: 5}


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [([], {200: 2, 429: 3}), (["10.0.0.0/8"], {200: 2, 429: 3}), (["unix"], {200: 5})],
)
async def test_unix_socket(trusted: list[str], expected: dict[int, int], tmp_path: Path) -> None:
    """A unix socket has no peer: all that comes by it is one client, or a trusted proxy."""
    app = application(Rate("2/minute", by="address"))
    throttling.setup(app, trusted_proxies=trusted)
    runner = web.AppRunner(app)
    await runner.setup()
    path = str(tmp_path / "socket")
    await web.UnixSite(runner, path).start()
    found = Responses()
    async with ClientSession(connector=UnixConnector(path)) as session:
        for number in range(5):
            headers = {"X-Forwarded-For": f"203.0.113.{number}"}
            async with session.get("http://x/", headers=headers) as response:
                found[response.status] += 1
    await runner.cleanup()
    assert found == expected


# setup


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trusted_proxies": "10.0.0.0/8"}, "one text"),
        ({"trusted_proxies": ["10.0.0.1/8"]}, "no network.*host bits"),
        ({"trusted_proxies": ["proxy"]}, "no network"),
        ({"trusted_proxies": [10]}, "no text"),
        ({"trusted_proxies": ["0.0.0.0/0"]}, "everybody is in it"),
        ({"trusted_proxies": ["::/0"]}, "everybody is in it"),
        ({"failures": "10 a minute"}, "no rate"),
        ({"failures": ""}, "no rate"),
        ({"store": "redis://localhost"}, "no store.*RedisStore"),
    ],
)
def test_setup_refused(options: dict[str, Any], message: str) -> None:
    """What cannot work is refused where it is written."""
    with pytest.raises(ImproperlyConfigured, match=message):
        throttling.setup(web.Application(), **options)


def test_setup_twice() -> None:
    app = web.Application()
    throttling.setup(app)
    with pytest.raises(ImproperlyConfigured, match="Call it once"):
        throttling.setup(app)


async def test_without_setup(aiohttp_client: AiohttpClient) -> None:
    """Each application counts by itself in memory, and those below it with it."""
    rate = Rate("2/minute", by="address")
    for _ in range(2):
        app = application(rate)
        app.add_subapp("/sub", application(rate))
        client = await aiohttp_client(app)
        assert await ask(client, path="/sub/") == {200: 1}
        assert await ask(client, 2) == {200: 1, 429: 1}
        assert await ask(client, path="/sub/") == {429: 1}


@pytest.mark.parametrize("below_by", ["prefix", "host"])
@pytest.mark.parametrize(("own", "expected"), [(False, {200: 2}), (True, {200: 1, 429: 1})])
async def test_below(
    aiohttp_client: AiohttpClient, own: bool, expected: dict[int, int], below_by: str
) -> None:
    """An application below counts with its parent's setup, here a proxy's, or with its own."""
    app, below = web.Application(), application(Rate("1/minute", by="address"))
    throttling.setup(app, trusted_proxies=["127.0.0.1"])
    if own:
        throttling.setup(below)
    path, headers = ("/sub/", {}) if below_by == "prefix" else ("/", {"Host": "music.example"})
    app.add_subapp("/sub", below) if path != "/" else app.add_domain("music.example", below)
    client = await aiohttp_client(app)
    found = [
        await ask(client, 1, path, **{"X-Forwarded-For": f"203.0.113.{number}"}, **headers)
        for number in range(2)
    ]
    assert found[0] + found[1] == expected


async def test_store_of_your_own(aiohttp_client: AiohttpClient) -> None:
    """A store of any kind is opened before the first request, and closed after the last."""
    said: list[object] = []

    class Noting:
        async def open(self) -> None:
            said.append("open")

        async def hit(self, counts: Iterable[Count], *, charge: bool = True) -> float:
            said.extend(counts)
            return 0.2

        async def close(self) -> None:
            said.append("close")

    app = application(Rate("7/hour", by="address", name="own"))
    throttling.setup(app, store=Noting())
    client = await aiohttp_client(app)
    response = await client.get("/")
    assert (response.status, response.headers["Retry-After"]) == (429, "1")
    await client.close()
    assert said == ["open", Count("own:address:127.0.0.1", 7, 3600), "close"]


# Failures


def guarded(**options: Any) -> web.Application:
    """Serve who has the token."""

    async def handle(request: web.Request) -> web.Response:
        await require_few_failures(request)
        await asyncio.sleep(0)
        if request.headers.get("X-Token") != "right":
            await count_failure(request)
            raise web.HTTPUnauthorized
        return web.Response()

    app = web.Application(middlewares=[api_exception_handler])
    app.router.add_get("/", handle)
    throttling.setup(app, **options)
    return app


async def test_failures(aiohttp_client: AiohttpClient, store: Store) -> None:
    """Right credentials are never counted; after too many wrong ones, they have to wait too."""
    client = await aiohttp_client(guarded(failures="10/minute", store=store))
    assert await ask(client, 20, **{"X-Token": "right"}) == {200: 20}
    assert await ask(client, 14) == {401: 10, 429: 4}
    assert await ask(client, 1, **{"X-Token": "right"}) == {429: 1}


async def test_failures_at_once(aiohttp_client: AiohttpClient, store: Store) -> None:
    """No more are told that they are wrong, when all come at the same time."""
    client = await aiohttp_client(guarded(failures="10/minute", store=store))
    assert await ask_at_once(client, times=50) == {401: 10, 429: 40}


async def test_no_failures(aiohttp_client: AiohttpClient) -> None:
    """Without a rate of them nothing is counted."""
    client = await aiohttp_client(guarded())
    assert await ask(client, 30) == {401: 30}


# Viewsets


class Token(BaseAuthentication):
    scheme_name = "token"
    challenge = "Token"
    security_scheme = {"type": "http", "scheme": "bearer"}

    def credentials(self, request: web.Request) -> str | None:
        return request.headers.get("X-Token")

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        return None if credentials == "wrong" else Identity(credentials, credentials)


class Artist(Struct):
    name: str


class ArtistViewSet(BaseViewSet):
    authentication = (Token(),)
    throttles = {
        "list": (Rate("3/minute", by="address"),),
        "create": (Rate("2/minute", by="user"),),
    }

    async def list(self) -> str:
        return "all"

    async def create(self, body: Artist) -> str:
        return "made"

    async def detail(self, id: int) -> int:
        return id


@pytest.fixture
async def viewset(aiohttp_client: AiohttpClient) -> Client:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    throttling.setup(app, failures="10/minute")
    return await aiohttp_client(app)


async def test_actions(viewset: Client) -> None:
    """An action is counted by its own rates; a URL's OPTIONS and an action without rates are not."""
    assert (await viewset.options("/artist/")).status == 204
    assert await ask(viewset, 5, "/artist/") == {200: 3, 429: 2}
    assert await ask(viewset, 5, "/artist/1/") == {200: 5}
    assert (await viewset.options("/artist/")).status == 204
    assert (await viewset.post("/artist/", json={"name": "Ann"})).status == 201


async def test_address_before_the_token(viewset: Client) -> None:
    """An address beyond its rate is not told whether its token is right."""
    assert await ask(viewset, 4, "/artist/", **{"X-Token": "ann"}) == {200: 3, 429: 1}
    assert await ask(viewset, 1, "/artist/", **{"X-Token": "wrong"}) == {429: 1}


async def test_user_before_the_body(viewset: Client) -> None:
    """Users are counted apart, and who is beyond the rate is told so before the body is read."""
    for user in ("ann", "bob"):
        answers = [
            await viewset.post("/artist/", data=b"{", headers={"X-Token": user}) for _ in range(3)
        ]
        assert [each.status for each in answers] == [415, 415, 429]


def test_two_rates_of_one_name() -> None:
    """Words that were copied would be one count: that is told at the registration."""

    def limited(rate: Rate) -> type[BaseViewSet]:
        async def create(self: Any) -> None: ...

        return type("Limited", (BaseViewSet,), {"create": create, "throttles": (rate,)})

    router, rate = SimpleRouter(), Rate("20/minute", by="address")
    router.register(limited(rate), basename="artist")
    router.register(limited(rate), basename="song")  # one count of both, as it is one object
    before = [*router.routespatters]
    with pytest.raises(ImproperlyConfigured, match="another Rate has the same name"):
        router.register(limited(Rate("20/minute", by="address")), basename="album")
    assert router.routespatters == before
    router.register(limited(Rate("20/minute", by="address", name="albums")), basename="album")

    app, other, apart = web.Application(), SimpleRouter(prefix="/v2"), SimpleRouter(prefix="/v3")
    app.add_routes(router.routespatters)
    other.register(limited(rate), basename="artist2")
    app.add_routes(other.routespatters)
    apart.register(limited(Rate("20/minute", by="address")), basename="artist3")
    with pytest.raises(ImproperlyConfigured, match="another Rate has the same name"):
        app.add_routes(apart.routespatters)
    web.Application().add_routes(apart.routespatters)


class IsAnn(Permission[str]):
    async def allows(self, user: str | None) -> bool:
        return user == "ann"


class WriterViewSet(BaseViewSet):
    authentication = (Token(),)
    permissions = IsAnn()
    throttles = (Rate("2/minute", by="address"), Rate("9/minute", by="user"))

    async def create(self, body: Artist) -> None: ...


@pytest.mark.parametrize(
    ("token", "body", "status"),
    [("wrong", "{}", 401), ("bob", "{}", 403), ("ann", "{", 400), ("ann", "{}", 422)],
)
async def test_refused_requests_count(
    aiohttp_client: AiohttpClient, token: str, body: str, status: int
) -> None:
    """A request counts whatever the answer is: who is refused has asked, too."""
    router = SimpleRouter()
    router.register(WriterViewSet, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    client = await aiohttp_client(app)
    words = {"X-Token": token, "Content-Type": "application/json"}
    answers = [await client.post("/artist/", data=body, headers=words) for _ in range(3)]
    assert [each.status for each in answers] == [status, status, 429]


class LogIn(Struct):
    name: str
    password: str


async def account_of(request: web.Request) -> str | None:
    found: dict[str, str] = await request.json()
    return found["name"]


class LogInViewSet(BaseViewSet):
    throttles = (Rate("5/minute", by=account_of),)

    async def create(self, body: LogIn) -> str:
        if body.password != "right":
            raise AuthenticationFailed
        return "a token"


async def test_log_in(aiohttp_client: AiohttpClient) -> None:
    """Guesses at one account are counted wherever they come from, and the right one waits, too."""
    clock, app, router = Clock(), web.Application(), SimpleRouter()
    router.register(LogInViewSet, basename="log-in")
    app.add_routes(router.routespatters)
    throttling.setup(app, store=MemoryStore(clock=clock), trusted_proxies=["127.0.0.1"])
    client = await aiohttp_client(app)

    async def log_in(name: str, password: str, address: int) -> int:
        body = {"name": name, "password": password}
        headers = {"X-Forwarded-For": f"203.0.113.{address}"}
        return (await client.post("/log-in/", json=body, headers=headers)).status

    wrong = [await log_in("ann", "wrong", address) for address in range(6)]
    assert wrong == [401] * 5 + [429]
    assert await log_in("ann", "right", 7) == 429
    assert await log_in("bob", "right", 1) == 201
    clock.now += 60
    assert await log_in("ann", "right", 7) == 201


async def test_wrong_tokens(viewset: Client) -> None:
    """Ten wrong tokens are told so, and then none, whatever the action."""
    assert await ask(viewset, 14, "/artist/1/", **{"X-Token": "wrong"}) == {401: 10, 429: 4}
    assert await ask(viewset, 1, "/artist/1/", **{"X-Token": "ann"}) == {429: 1}
    assert await ask(viewset, 1, "/artist/1/") == {200: 1}


# Redis


def test_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is missing, it is named."""
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    monkeypatch.delitem(sys.modules, "webaio.throttling._redis", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"Install webaio-core\[redis\]"):
        RedisStore("redis://localhost")


def test_nothing_is_imported() -> None:
    """Who does not use the store does not import its client."""
    code = "import sys, webaio.throttling; sys.exit('redis' in sys.modules)"
    assert subprocess.call([sys.executable, "-c", code]) == 0


@pytest.mark.parametrize(
    ("url", "options", "message"),
    [
        ("localhost:6379", {}, "none of Redis"),
        ("redis://localhost", {"on_outage": "shut"}, "'closed', 'local', 'open'"),
        ("redis://localhost", {"connections": 0}, "connections=0 nobody could ask"),
        ("redis://localhost", {"timeout": 0}, "timeout=0 and"),
    ],
)
def test_redis_store_refused(url: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        RedisStore(url, **options)


OTHER_PROCESS = """
import asyncio, os, signal, sys
from aiohttp import web
from webaio import throttling
from webaio.middlewares import api_exception_handler
from webaio.throttling import Rate, RedisStore
from webaio.throttling._limiter import limiter_of

limit = limiter_of([Rate("50/hour", by="address")])

async def handle(request):
    await limit(request, None)
    if "X-Die" in request.headers:
        os.kill(os.getpid(), signal.SIGKILL)
    return web.Response()

async def main():
    app = web.Application(middlewares=[api_exception_handler])
    app.router.add_get("/", handle)
    throttling.setup(app, store=RedisStore(sys.argv[1]))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()

asyncio.run(main())
"""


@contextlib.asynccontextmanager
async def other_process(redis: RedisServer) -> AsyncIterator[tuple[Process, str]]:
    """Serve in another process; give it, and its URL."""
    command = [sys.executable, "-W", "error", "-c", OTHER_PROCESS, redis.url]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    yield process, f"http://127.0.0.1:{int(await process.stdout.readline())}/"
    process.stdin.close()
    await process.wait()


async def test_two_processes(redis: RedisServer, serve: Serve) -> None:
    """Of 400 requests at once to two processes exactly the limit passes."""
    client = await serve(Rate("50/hour", by="address"), store=RedisStore(redis.url))

    async def ask_other(session: ClientSession, url: str) -> int:
        async with session.get(url) as response:
            return response.status

    async with other_process(redis) as (process, url), ClientSession() as session:
        assert await ask(client, 10) == {200: 10}
        here, there = await asyncio.gather(
            ask_at_once(client, times=200),
            asyncio.gather(*(ask_other(session, url) for _ in range(200))),
        )
    assert process.returncode == 0
    assert here + Counter(there) == {200: 40, 429: 360}


async def test_process_that_dies(redis: RedisServer, serve: Serve) -> None:
    """A request counts, though the process that served it was killed before it answered."""
    client = await serve(Rate("50/hour", by="address"), store=RedisStore(redis.url))
    async with other_process(redis) as (process, url), ClientSession() as session:
        with pytest.raises(ClientConnectionError):
            await session.get(url, headers={"X-Die": "now"})
    assert process.returncode == -signal.SIGKILL
    assert await ask(client, 50) == {200: 49, 429: 1}


# Outages


def impatient(server: RedisServer | str, **options: Any) -> RedisStore:
    url = server if isinstance(server, str) else server.url
    return RedisStore(url, **{"timeout": 0.2, "pause": 0.3, **options})


@pytest.mark.parametrize(
    ("on_outage", "expected"),
    [("local", {200: 5, 429: 3}), ("open", {200: 8}), ("closed", {503: 8})],
)
async def test_redis_refuses(
    redis: RedisServer,
    serve: Serve,
    on_outage: str,
    expected: dict[int, int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without Redis the process counts alone, unless the store is told to shut or to let pass."""
    redis.stop()
    store = impatient(redis, on_outage=on_outage, pause=60)
    client = await serve(Rate("5/minute", by="address"), store=store)
    begin = time.monotonic()
    assert await ask(client, 8) == expected
    assert time.monotonic() - begin < 10  # with retries each would take 3 s
    told = [each for each in caplog.records if each.name == "webaio.throttling"]
    assert [each.message.split(" (")[0] for each in told] == ["Redis does not count"]
    response = await client.get("/")
    assert "Retry-After" in response.headers or on_outage == "open"


async def test_redis_hangs(redis: RedisServer, serve: Serve) -> None:
    """One request waits for a Redis that hangs, and no other; then it is asked again."""
    store = impatient(redis, timeout=0.5, pause=1)
    client = await serve(Rate("5/minute", by="address"), store=store)
    assert await ask(client, 1) == {200: 1}
    redis.hang()
    begin = time.monotonic()
    assert await ask(client, 8) == {200: 5, 429: 3}
    assert 0.5 <= time.monotonic() - begin < 3  # each would take half a second
    redis.go_on()
    await asyncio.sleep(1)
    assert (await ask(client, 8))[429] in (4, 5)  # whether the hit that was not waited for counts


async def test_all_wait_once(redis: RedisServer, serve: Serve) -> None:
    """Requests that wait for a free connection do not each try a Redis that hangs."""
    store = impatient(redis, connections=2, pause=60, timeout=1)
    client = await serve(Rate("5/minute", by="address"), store=store)
    redis.hang()
    begin = time.monotonic()
    assert await ask_at_once(client, times=60) == {200: 5, 429: 55}
    assert time.monotonic() - begin < 15  # each pair would take 1 s
    redis.go_on()


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """Give the URL of a server that takes connections, and never answers."""
    ended = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    ended.set()
    server.close()
    await server.wait_closed()


async def test_silent_socket(silent: str, serve: Serve) -> None:
    store = impatient(silent, timeout=1, pause=60)
    client = await serve(Rate("5/minute", by="address"), store=store)
    begin = time.monotonic()
    assert await ask(client, 8) == {200: 5, 429: 3}
    assert time.monotonic() - begin < 6  # each would take 1 s


async def test_restart(redis: RedisServer, serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """A Redis that is back counts again, though its scripts are lost."""
    client = await serve(Rate("5/minute", by="address"), store=impatient(redis))
    assert await ask(client, 2) == {200: 2}
    redis.stop()
    assert await ask(client, 6) == {200: 5, 429: 1}
    redis.start()
    assert await ask(client, 1) == {429: 1}
    await asyncio.sleep(0.3)
    assert await ask(client, 6) == {200: 5, 429: 1}
    assert redis.found() == ["webaio:60:5/minute by address:address:127.0.0.1"]
    assert caplog.messages[-1] == "Redis counts again."


async def test_restart_between_requests(redis: RedisServer, serve: Serve) -> None:
    """Connections that died while nobody asked are no outage; nor are lost scripts."""
    client = await serve(Rate("5/minute", by="address"), store=impatient(redis, on_outage="closed"))
    assert await ask(client, 2) == {200: 2}
    redis.stop()
    redis.start()
    await asyncio.sleep(0.1)  # the event loop is told that they died
    assert await ask(client, 2) == {200: 2}
    redis.flush_scripts()
    assert await ask(client, 4) == {200: 3, 429: 1}


async def test_down_in_a_burst(redis: RedisServer, serve: Serve) -> None:
    """When Redis goes in the middle, no more than twice the limit passes, and nothing fails."""
    client = await serve(Rate("50/hour", by="address"), store=impatient(redis, pause=60))

    async def stop() -> None:
        await client.get("/")
        redis.stop()

    found, _ = await asyncio.gather(ask_at_once(client, times=300), stop())
    assert 49 <= found[200] <= 100
    assert found[200] + found[429] == 300
    assert await ask(client) == {429: 1}


async def test_two_services(redis: RedisServer, serve: Serve) -> None:
    """Services on one Redis count apart where their prefixes differ."""
    for prefix in ("shop", "blog"):
        store = RedisStore(redis.url, prefix=prefix)
        client = await serve(Rate("1/minute", by="address"), store=store)
        assert await ask(client, 2) == {200: 1, 429: 1}
    assert [key.split(":")[0] for key in redis.found()] == ["blog", "shop"]
