"""Requests of who may not, as bytes on a socket: none is answered with what is another's, none does a thing.

Tokens and keys that are wrong stand in test_bearer_jwt.py, test_jwks.py and test_authentication.py,
rates in test_throttling.py, origins in webaio-errors.
"""

import asyncio
import functools
import hashlib
import re
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from joserfc import jwt
from joserfc.jwk import OctKey
from msgspec import Struct

from webaio import cors
from webaio.authentication import APIKey, BearerJWT, CurrentUser, Identity, KeyRecord
from webaio.decorators import action, operation
from webaio.middlewares import api_exception_handler
from webaio.permissions import Anyone, IsAuthenticated, ObjectPermission, Permission, guarded
from webaio.routers import SimpleRouter
from webaio.throttling import Rate
from webaio.viewsets import BaseViewSet


class User(Struct):
    id: str
    is_admin: bool = False


class Artist(Struct):
    id: int
    owner: str
    version: int = 1


class ArtistIn(Struct):
    owner: str


USERS: Final = {each.id: each for each in (User("ana"), User("bob"), User("root", is_admin=True))}
SECRET: Final = OctKey.import_key(b"0123456789abcdef0123456789abcdef")
ARTISTS: Final = web.AppKey("artists", dict[int, Artist])
APP: Final = "https://app.example"


async def load_user(claims: Mapping[str, Any]) -> Identity | None:
    user = USERS.get(claims["sub"])
    return None if user is None else Identity(user.id, user)


async def find_key(id: str) -> KeyRecord | None:
    user = USERS.get(id)
    digest = hashlib.sha256(b"topsecret").hexdigest()
    return None if user is None else KeyRecord(Identity(user.id, user), digest)


class IsAdmin(Permission[User]):
    async def allows(self, user: User | None) -> bool:
        return user is not None and user.is_admin


class IsOwner(ObjectPermission[User, Artist]):
    async def allows(self, user: User | None, artist: Artist) -> bool:
        return user is not None and artist.owner == user.id


WAYS: Final = (
    BearerJWT(
        SECRET, load_user, issuer="https://id", audience="api", algorithms=["HS256"], leeway=30
    ),
    APIKey(find_key),
)


class ArtistViewSet(BaseViewSet):
    authentication = WAYS
    permissions = {
        "list": IsAuthenticated(),
        "create": IsAuthenticated(),
        "search": IsAuthenticated(),
        "export": IsAuthenticated(),
        "*": IsOwner() | IsAdmin(),
    }
    throttles = {"limited": (Rate("1/minute", by="user"),)}

    @property
    def artists(self) -> dict[int, Artist]:
        return self.request.config_dict[ARTISTS]

    async def get_object(self, id: int) -> Artist | None:
        await asyncio.sleep(0)
        return self.artists.get(id)

    async def list(self, user: CurrentUser[User]) -> list[Artist]:
        return [each for each in self.artists.values() if each.owner == user.id]

    @operation(client_max_size=1000)
    async def create(self, body: ArtistIn) -> Artist:
        number = len(self.artists) + 1
        self.artists[number] = Artist(number, body.owner)
        return self.artists[number]

    async def detail(self) -> Artist:
        return self._own()

    async def partial_update(self, body: ArtistIn) -> Artist:
        self.object.owner = body.owner
        self.object.version += 1
        return self._own()

    async def destroy(self) -> None:
        del self.artists[self.object.id]

    @action(detail=False)
    async def search(self) -> int:
        return len(self.artists)

    @action(detail=False)
    async def export(self, user: CurrentUser[User]) -> AsyncIterator[Artist]:
        for each in await self.list(user):
            yield each

    @action(detail=False, permissions=IsAdmin())
    async def audit(self) -> AsyncIterator[Artist]:
        for each in self.artists.values():
            yield each

    @action(detail=False, method="post", permissions=Anyone())
    async def limited(self, body: ArtistIn) -> None: ...

    @action(detail=False, permissions=Anyone())
    async def broken(self) -> str:
        raise KeyError

    @action(detail=True, method="post")
    async def publish(self) -> Artist:
        self.object.version += 1
        return self._own()

    def _own(self) -> Artist:
        found: Artist = self.object
        return found


@guarded(Anyone())
async def health(request: web.Request) -> web.Response:
    return web.Response(text="ok")


def application(*middlewares: Any) -> web.Application:
    app = web.Application(middlewares=middlewares)
    app[ARTISTS] = {1: Artist(1, "ana"), 2: Artist(2, "bob")}
    inner, of_host = web.Application(), web.Application()
    for each in (app, inner, of_host):
        router = SimpleRouter()
        router.register(ArtistViewSet, basename="artist")
        each.add_routes(router.routespatters)
    app.router.add_get("/health/", health)
    app.add_subapp("/sub", inner)
    app.add_domain("music.example", of_host)
    return app


@pytest_asyncio.fixture(params=[[], [api_exception_handler]], ids=["alone", "below-errors"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[BaseTestServer]:
    """Serve the artists of ana (1) and bob (2), without the error middleware and with it."""
    app = application(*request.param)
    cors.setup(app, [APP])
    async with TestServer(app) as server:
        yield server


class Answer(Struct):
    status: int
    head: str
    body: str


def token(user: str) -> str:
    claims = {"iss": "https://id", "aud": "api", "sub": user, "exp": int(time.time()) + 600}
    return jwt.encode({"alg": "HS256"}, claims, SECRET)


def lines_of(user: str | None) -> list[str]:
    return [] if user is None else [f"Authorization: bearer {token(user)}"]


async def send(server: BaseTestServer, message: bytes) -> bytes:
    """Send bytes, and give all that comes until the server closes."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(message)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


async def ask(
    server: BaseTestServer,
    target: str,
    user: str | None,
    *lines: str,
    host: str = "here",
    version: str = "1.1",
    body: str = "",
) -> Answer:
    """Send a request whose target is `GET /path`, as it stands."""
    head = [f"{target} HTTP/{version}", f"Host: {host}", "Connection: close", *lines_of(user)]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    received = await send(server, "\r\n".join([*head, *lines, "", body]).encode("latin-1"))
    start, _, rest = received.decode("latin-1").partition("\r\n\r\n")
    return Answer(int(start.split()[1]), start.lower(), rest)


def artists_of(server: BaseTestServer) -> dict[int, Artist]:
    assert isinstance(server, TestServer)
    return server.app[ARTISTS]


# What is another's

OTHERS: Final = {
    "GET": "",
    "HEAD": "",
    "PATCH": '{"owner": "ana"}',
    "DELETE": "",
    "POST": "",
}
APPLICATIONS: Final = [("here", ""), ("here", "/sub"), ("music.example", "")]
"""The hosts and prefixes of the application, and of two below it that have no settings of their own."""


@pytest.mark.parametrize(("host", "prefix"), APPLICATIONS)
@pytest.mark.parametrize("method", OTHERS)
async def test_items_of_another(
    server: BaseTestServer, method: str, host: str, prefix: str
) -> None:
    """Whatever is asked for an item of another, it is missing, and stays as it is."""
    target = f"{method} {prefix}/artist/2/{'publish/' if method == 'POST' else ''}"
    ask_it = functools.partial(ask, server, host=host, body=OTHERS[method])
    hidden = await ask_it(target, "ana")
    missing = await ask_it(target.replace("2", "9"), "ana")
    nobody = await ask_it(target, None)
    assert (hidden.status, missing.status, nobody.status) == (404, 404, 401)
    assert hidden.body.replace("/2/", "/9/") == missing.body
    assert artists_of(server)[2] == Artist(2, "bob")
    for user in ("bob", "root"):
        artists_of(server)[2] = Artist(2, "bob")
        assert (await ask_it(target, user)).status in (200, 204)


async def test_bodies_of_nobody(server: BaseTestServer) -> None:
    """A body is not looked at where nobody is known, or somebody may not."""
    for target in ("POST /artist/", "PATCH /artist/2/"):
        assert (await ask(server, target, None, body="{")).status == 401
    assert (await ask(server, "PATCH /artist/2/", "ana", body="{")).status == 404
    assert (await ask(server, "POST /artist/", "ana", body="{")).status == 400


PATHS: Final = [
    *("/artist/02/", "/artist/+2/", "/artist/2.0/", "/artist/%202/", "/artist/%D9%A2/"),
    *("/artist/2%00/", "/artist/2", "/artist/2//", "/artist//2/", "/ARTIST/2/", "/artist/2;a/"),
    *("/artist/1/../2/", "/artist/1/..%2f2/", "/./artist/2/", "/health/../artist/2/"),
    *("/health/%2e%2e/artist/2/", "/artist/2/#x", "/artist/2/?x=%00", "/artist/2_0/"),
    *("/artist/1e0/", "/artist/%32/", "/artist/-0/", "//artist/2/", "/artist/2/?id=1"),
    *("http://here/artist/2/", "http://music.example/artist/2/", "/sub/../artist/2/"),
    *("/sub//artist/2/", "/sub/%2e%2e/artist/2/", "/artist/%2e/2/", "/artist/2%2f/", "/artist\\2/"),
]


@pytest.mark.parametrize("path", PATHS)
async def test_odd_paths(server: BaseTestServer, path: str) -> None:
    """However an item is spelt, it is the one that was asked for, or none."""
    assert (await ask(server, f"GET {path}", "ana")).status in (400, 404)
    assert (await ask(server, f"GET {path}", None)).status in (400, 401, 404)
    assert (await ask(server, f"DELETE {path}", "ana")).status in (400, 404, 405)
    assert len(artists_of(server)) == 2


@pytest.mark.parametrize("path", ["/artist/01/", "/artist/+1/", "/artist/1.0/", "/artist/1e0/"])
async def test_one_item_has_one_url(server: BaseTestServer, path: str) -> None:
    """What is one's own is not found by another spelling either."""
    assert (await ask(server, "GET /artist/1/", "ana")).status == 200
    assert (await ask(server, f"GET {path}", "ana")).status == 404


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "CONNECT", "PUT", "get", "GET2"])
async def test_odd_methods(server: BaseTestServer, method: str) -> None:
    """A method that nobody has reaches nothing."""
    assert (await ask(server, f"{method} /artist/2/", "ana")).status in (400, 404, 405)


@pytest.mark.parametrize(
    "words",
    [
        ["X-HTTP-Method-Override: DELETE"],
        ["X-HTTP-Method: DELETE"],
        ["X-Method-Override: DELETE"],
        ["X-Original-URL: /artist/1/", "X-Rewrite-URL: /artist/1/"],
        ["X-Forwarded-User: root", "X-Remote-User: root", "Webaio-Login: "],
    ],
)
async def test_words_that_change_nothing(server: BaseTestServer, words: list[str]) -> None:
    """No header and no query makes another request of one."""
    assert (await ask(server, "GET /artist/1/?_method=DELETE", "ana", *words)).status == 200
    assert (await ask(server, "GET /artist/2/", "ana", *words)).status == 404
    assert (await ask(server, "GET /artist/1/", None, *words)).status == 401
    assert len(artists_of(server)) == 2


@pytest.mark.parametrize("host", ["x/health/?", "music.example", "MUSIC.example:80", "x@here", ""])
async def test_odd_hosts(server: BaseTestServer, host: str) -> None:
    """The host is no way around what guards: neither one with a path, nor that of another application."""
    assert (await ask(server, "GET /artist/2/", "ana", host=host)).status in (400, 404)
    assert (await ask(server, "GET /artist/2/", None, host=host)).status in (400, 401)


async def test_old_version(server: BaseTestServer) -> None:
    """HTTP/1.0 is guarded alike."""
    assert (await ask(server, "GET /artist/2/", None, version="1.0")).status == 401
    assert (await ask(server, "GET /artist/2/", "ana", version="1.0")).status == 404
    assert (await ask(server, "GET /artist/1/", "ana", version="1.0")).status == 200


async def test_smuggled_request(server: BaseTestServer) -> None:
    """Who says two lengths of a body is not understood, and the rest is no request."""
    inner = f"GET /artist/1/ HTTP/1.1\r\nHost: here\r\n{lines_of('ana')[0]}\r\n\r\n"
    head = "POST /artist/ HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\nTransfer-Encoding: chunked"
    received = await send(server, f"{head}\r\n\r\n0\r\n\r\n{inner}".encode())
    assert received.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
    assert received.count(b"HTTP/1.") == 1


async def test_users_of_one_connection(server: BaseTestServer) -> None:
    """Each request of a connection is of who sent it, and of nobody after somebody."""
    users = ["ana", None, "bob", "eve", "root"]
    message = ""
    for user in users:
        lines = ["GET /artist/2/ HTTP/1.1", "Host: here", *lines_of(user), "", ""]
        message += "\r\n".join(lines)
    message += "GET /health/ HTTP/1.0\r\nHost: here\r\n\r\n"
    received = (await send(server, message.encode())).decode()
    statuses = re.findall(r"HTTP/1\.\d (\d+) ", received)
    assert statuses == ["404", "401", "200", "401", "200", "200"]


async def test_users_at_once(server: BaseTestServer) -> None:
    """Of 200 requests at once each sees what is his."""

    async def own(user: str, number: int) -> bool:
        mine, theirs = await asyncio.gather(
            ask(server, f"GET /artist/{number}/", user),
            ask(server, f"GET /artist/{3 - number}/", user),
        )
        return (mine.status, theirs.status) == (200, 404) and f'"{user}"' in mine.body

    asked = [own(user, number) for user, number in [("ana", 1), ("bob", 2)] * 50]
    assert all(await asyncio.gather(*asked))


async def test_lists_and_streams(server: BaseTestServer) -> None:
    """A list and a stream have what is one's own; who may not does not see the first byte of one."""
    for path in ("/artist/", "/artist/export/", "/sub/artist/", "/sub/artist/export/"):
        answer = await ask(server, f"GET {path}", "ana")
        assert answer.status == 200
        assert '"ana"' in answer.body
        assert "bob" not in answer.body
        assert (await ask(server, f"GET {path}", None)).status == 401
    assert (await ask(server, "GET /artist/search/", "ana")).body == "2"
    assert (await ask(server, "GET /artist/audit/", "ana")).status == 403
    assert (await ask(server, "GET /artist/audit/", None)).status == 401
    answer = await ask(server, "GET /artist/audit/", "root")
    assert "bob" in answer.body
    assert "cache-control: private" in answer.head


# What nobody waits for


@pytest.mark.parametrize("length", ["Content-Length: 1000000000", "Transfer-Encoding: chunked"])
async def test_upload_of_nobody(server: BaseTestServer, length: str) -> None:
    """Who may not is told so before he has sent a body."""
    for user, status in ((None, 401), ("ana", 404)):
        reader, writer = await asyncio.open_connection(server.host, server.port)
        head = ["PATCH /artist/2/ HTTP/1.1", "Host: here", length, *lines_of(user), "", ""]
        writer.write("\r\n".join(head).encode())
        start = await asyncio.wait_for(reader.readuntil(b"\r\n"), 2)
        writer.close()
        assert int(start.split()[1]) == status


async def test_upload_over_the_rate(server: BaseTestServer) -> None:
    """Who asks too often is told so before he has sent a body."""
    body = '{"owner": "ana"}'
    assert (await ask(server, "POST /artist/limited/", "ana", body=body)).status == 204
    reader, writer = await asyncio.open_connection(server.host, server.port)
    head = ["POST /artist/limited/ HTTP/1.1", "Host: here", "Content-Length: 9", *lines_of("ana")]
    writer.write("\r\n".join([*head, "", ""]).encode())
    start = await asyncio.wait_for(reader.readuntil(b"\r\n"), 2)
    writer.close()
    assert int(start.split()[1]) == 429


async def expecting(
    server: BaseTestServer, target: str, user: str | None, body: str
) -> tuple[list[int], str]:
    """Send a head that asks for 100, and the body once that comes; give the statuses and the rest."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    head = [f"{target} HTTP/1.1", "Host: here", "Expect: 100-Continue", *lines_of(user)]
    head += ["Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
    writer.write("\r\n".join(head).encode())
    statuses: list[int] = []
    while not statuses or statuses[-1] == 100:
        start = await asyncio.wait_for(reader.readuntil(b"\r\n"), 2)
        statuses.append(int(start.split()[1]))
        if statuses[-1] == 100:
            assert await reader.readuntil(b"\r\n") == b"\r\n"
            writer.write(body.encode())
    rest = await reader.readuntil(b"}") if statuses[-1] >= 400 else b""
    writer.close()
    return statuses, rest.decode().partition("\r\n\r\n")[2]


EXPECTED: Final = [
    ("PATCH /artist/2/", None, [401]),
    ("PATCH /sub/artist/2/", None, [401]),
    ("POST /artist/", None, [401]),
    ("POST /artist/", "eve", [401]),
    ("PATCH /artist/2/", "ana", [100, 404]),
    ("PATCH /artist/1/", "ana", [100, 200]),
    ("POST /artist/", "ana", [100, 201]),
    ("POST /artist/limited/", None, [100, 204]),
    ("PUT /artist/1/", "ana", [405]),
]


@pytest.mark.parametrize(("target", "user", "statuses"), EXPECTED)
async def test_upload_that_waits(
    server: BaseTestServer, target: str, user: str | None, statuses: list[int]
) -> None:
    """Who waits for a word to send a body has it from the guard; who may not reads what he would."""
    body = '{"owner": "ana"}'
    found, answer = await expecting(server, target, user, body)
    assert found == statuses
    if 100 not in statuses:
        assert answer == (await ask(server, target, user, body=body)).body
    if target == "POST /artist/limited/":
        assert (await expecting(server, target, user, body))[0] == [429]


async def test_expectations_of_others(server: BaseTestServer) -> None:
    """HTTP/1.0 knows no 100; and nobody knows another expectation."""
    target, waits, body = "POST /artist/", "Expect: 100-continue", '{"owner": "ana"}'
    assert (await ask(server, target, "ana", waits, body=body, version="1.0")).status == 201
    assert (await ask(server, target, "ana", "Expect: tea", body=body)).status == 417


@web.middleware
async def reads_body(request: web.Request, handler: Any) -> web.StreamResponse:
    await request.read()
    response: web.StreamResponse = await handler(request)
    return response


async def test_upload_that_others_read() -> None:
    """Before a middleware that may read the body, and a rate that does, nobody waits for the guard."""

    class Others(ArtistViewSet):
        throttles = {"create": (Rate("9/minute", by=owner_in),)}
        operations = {"partial_update": operation(middlewares=[reads_body])}

    router = SimpleRouter()
    router.register(Others, basename="other")
    for middlewares in ([], [reads_body]):
        app = application(*middlewares)
        app.add_routes(router.routespatters)
        body = '{"owner": "ana"}'
        async with TestServer(app) as server:
            for target in ("POST /other/", "PATCH /other/1/"):
                assert (await expecting(server, target, None, body))[0] == [100, 401]
            first = (await expecting(server, "POST /artist/", None, body))[0]
            assert first == ([100, 401] if middlewares else [401])


async def owner_in(request: web.Request) -> str | None:
    await request.read()
    return None


# What a page of another origin reads of it

ANSWERS: Final[list[tuple[str, str | None, str, int]]] = [
    ("GET /artist/2/", None, "", 401),
    ("GET /artist/audit/", "ana", "", 403),
    ("GET /artist/2/", "ana", "", 404),
    ("GET /nowhere/", "ana", "", 404),
    ("PUT /artist/2/", None, "", 405),
    ("POST /artist/", "ana", " " * 2000, 413),
    ("POST /artist/", "ana", "{", 400),
    ("POST /artist/", "ana", "{}", 422),
    ("POST /artist/limited/", "ana", '{"owner": ""}', 429),
    ("GET /artist/broken/", "ana", "", 500),
    ("GET /artist/export/", "ana", "", 200),
    ("GET /sub/artist/2/", None, "", 401),
    ("OPTIONS /artist/2/", None, "", 204),
]


@pytest.mark.parametrize(("target", "user", "body", "status"), ANSWERS)
async def test_origins(
    server: BaseTestServer, target: str, user: str | None, body: str, status: int
) -> None:
    """A page of a named origin may read every answer of a router, and one of another none."""
    await ask(server, target, user, body=body)  # the second one is over the rate
    for origin in ("https://evil.example", "null", APP):
        answer = await ask(server, target, user, f"Origin: {origin}", body=body)
        assert answer.status == status
        allowed = f"access-control-allow-origin: {origin}\r\n"
        assert (allowed in f"{answer.head}\r\n") is (origin == APP)
        assert "vary: origin" in answer.head


@pytest.mark.parametrize("path", ["/artist/2/", "/artist/audit/", "/sub/artist/2/", "/nowhere/"])
async def test_preflight_of_nobody(server: BaseTestServer, path: str) -> None:
    """What a browser asks first passes no guard, and is told to the named origin alone."""
    asked = "Access-Control-Request-Method: PATCH"
    for origin in (APP, "https://evil.example"):
        answer = await ask(server, f"OPTIONS {path}", None, asked, f"Origin: {origin}")
        assert answer.status == 204
        assert ("access-control-allow-origin" in answer.head) is (origin == APP)
