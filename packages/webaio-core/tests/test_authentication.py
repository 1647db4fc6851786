"""API keys, sessions in cookies, requests of other sites: over sockets, whatever was sent."""

import functools
import hashlib
import re
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from webaio.authentication import (
    APIKey,
    BaseAuthentication,
    BearerJWT,
    CrossOriginProtection,
    Identity,
    KeyRecord,
    SessionCookie,
    new_key,
    only_header,
)
from webaio.exceptions import ImproperlyConfigured

ANA: Final = Identity("ana", "ana", {"artists:write"})
BOB: Final = Identity("bob", "bob")
KEYS: Final = {"k1": KeyRecord(ANA, hashlib.sha256(b"topsecret").hexdigest())}
SESSIONS: Final = {"s1": ANA}
ClientOf = Callable[..., Any]


async def find_key(id: str) -> KeyRecord | None:
    return KEYS.get(id)


async def load_session(value: str) -> Identity | None:
    return SESSIONS.get(value)


async def load_user(claims: Mapping[str, Any]) -> Identity | None:
    return BOB


def not_async(value: str) -> Any:
    return None


BEARER: Final = BearerJWT(
    OctKey.generate_key(256), load_user, issuer="i", audience="a", algorithms=["HS256"]
)
API_KEY: Final = APIKey(find_key)
SESSION: Final = SessionCookie(load_session)
SECRET: Final = OctKey.generate_key(256)
CLAIMS: Final = {"iss": "i", "aud": "a", "sub": "ana", "exp": 4102444800}
KEY: Final = ("X-API-Key", "k1.topsecret")
COOKIE: Final = ("Cookie", "__Host-session=s1")
OWN: Final = ("Sec-Fetch-Site", "same-origin")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 401),
        ([("Authorization", "")], 401),
        ([("Authorization", "Bearer")], 401),
        ([("Authorization", "Bearer ")], 401),
        ([("Authorization", "Basic YTpi")], 401),
        ([("Authorization", "Bearer a"), ("Authorization", "Bearer a")], 400),
        ([("Authorization", "Bearer " + "a" * 9000)], 400),
        ([("Authorization", "Bearer a"), KEY], 400),
        ([COOKIE, KEY], 200),
        ([COOKIE, KEY, ("Authorization", "Bearer a")], 400),
        ([KEY], 200),
        ([("x-api-key", "k1.topsecret")], 200),
        ([KEY, KEY], 400),
        ([("X-API-Key", "k1.wrong")], 401),
        ([("X-API-Key", "k2.topsecret")], 401),
        ([("X-API-Key", "k1.")], 401),
        ([("X-API-Key", ".topsecret")], 401),
        ([("X-API-Key", "k1")], 401),
        ([("X-API-Key", "")], 401),
        ([("X-API-Key", ".")], 401),
        ([("X-API-Key", "k1.topsecret ,")], 401),
        ([("X-API-Key", "k1.topsecret,k1.topsecret")], 401),
        ([("X-API-Key", "k1..topsecret")], 401),
        ([("X-API-Key", "K1.topsecret")], 401),
        ([("X-API-Key", "k1.topsecre\u0301t")], 401),
        ([("X-API-Key", "k\u0661.topsecret")], 401),
        ([("X-API-Key", "x" * 14)], 401),
        ([COOKIE], 200),
        ([("Cookie", "a=b; __Host-session=s1 ;c")], 200),
        ([COOKIE, ("Cookie", "a=b")], 400),
        ([("Cookie", "__Host-session=s1; __Host-session=s2")], 400),
        ([("Cookie", "__Host-session=")], 401),
        ([("Cookie", "__Host-session")], 401),
        ([("Cookie", "__Host-session=s2")], 401),
        ([("Cookie", "__Host-session=s1=")], 401),
        ([("Cookie", "__Host-session=é")], 401),
        ([("Cookie", "__host-session=s1")], 401),
        ([("Cookie", "session=s1")], 401),
    ],
)
async def test_headers(headers: list[tuple[str, str]], status: int, client_of: ClientOf) -> None:
    """Right credentials are let in, wrong ones are a 401, and a header or a kind too much a 400."""
    client = await client_of(BEARER, API_KEY, SESSION)
    assert (await client.get("/", headers=headers)).status == status


async def test_wrong_secret_and_unknown_id(client_of: ClientOf) -> None:
    """A wrong secret and an unknown id get the same answer."""
    client = await client_of(API_KEY)
    answers = [
        await client.get("/", headers={"X-API-Key": key}) for key in ("k1.wrong", "k2.wrong", "k")
    ]
    assert len({await answer.text() for answer in answers}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"ApiKey"}


async def test_time_of_a_wrong_key() -> None:
    """A wrong secret and an unknown id take the same time."""
    request = make_mocked_request("GET", "/")
    times: dict[str, list[float]] = {"k1.wrong": [], "k2.wrong": []}
    for _ in range(2000):
        for key, taken in times.items():
            begin = time.perf_counter()
            assert await API_KEY.authenticate(request, key) is None
            taken.append(time.perf_counter() - begin)
    known, unknown = map(statistics.median, times.values())
    assert known == pytest.approx(unknown, rel=0.15)


async def test_new_key(client_of: ClientOf) -> None:
    """A key that was made is let in by its digest, which does not hold its secret."""
    id, secret, digest = new_key()
    assert secret not in digest
    assert new_key() != (id, secret, digest)

    async def find_key(asked: str) -> KeyRecord | None:
        return KeyRecord(ANA, digest) if asked == id else None

    client = await client_of(APIKey(find_key, header="X-Key"))
    assert (await client.get("/", headers={"X-Key": f"{id}.{secret}"})).status == 200
    assert (await client.get("/", headers={"X-Key": f"{id}.{digest}"})).status == 401


async def test_scopes_of_a_key() -> None:
    """Who asks by a key has what its record says."""
    request = make_mocked_request("GET", "/")
    identity = await API_KEY.authenticate(request, "k1.topsecret")
    assert identity == ANA


def test_security_schemes() -> None:
    """Each way says how the document describes it."""
    assert API_KEY.security_scheme == {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    assert SESSION.security_scheme == {"type": "apiKey", "in": "cookie", "name": "__Host-session"}
    assert BEARER.security_scheme == {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    names = {way.scheme_name for way in (API_KEY, SESSION, BEARER)}
    assert names == {"api_key", "session", "bearer"}


def test_ambient() -> None:
    """What a browser sends by itself says so, and has what refuses other sites."""
    ways: tuple[BaseAuthentication, ...] = (API_KEY, SESSION, BEARER)
    assert [way.is_ambient for way in ways] == [False, True, False]
    assert [way.cross_origin is not None for way in ways] == [False, True, False]


@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda data: data.decode("latin-1")))
async def test_anything_as_credentials(credentials: str) -> None:
    """Nothing that is sent is an error, and nothing odd comes to a loader."""

    async def load_session(value: str) -> None:
        assert re.fullmatch(r"[ -~]+", value)

    async def find_key(id: str) -> None:
        assert re.fullmatch(r"[!-~]+", id)

    request = make_mocked_request("GET", "/")
    for way in (SessionCookie(load_session), APIKey(find_key)):
        for sent in (credentials, f"a.{credentials}", f"{credentials}.a"):
            assert await way.authenticate(request, sent) is None


SITE: Final = "Sec-Fetch-Site"
FRIEND: Final = "https://app.example"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({SITE: "same-origin"}, 200),
        ({SITE: "none"}, 200),
        ({SITE: "same-site"}, 403),
        ({SITE: "cross-site"}, 403),
        ({SITE: "SAME-ORIGIN"}, 403),
        ({SITE: ""}, 403),
        ({SITE: "cross-site", "Origin": FRIEND}, 200),
        ({SITE: "same-site", "Origin": FRIEND}, 200),
        ({SITE: "cross-site", "Origin": "https://api.example"}, 403),
        ({SITE: "cross-site", "Origin": "null"}, 403),
        ({"Origin": "https://api.example"}, 200),
        ({"Origin": "http://api.example"}, 200),
        ({"Origin": FRIEND}, 200),
        ({"Origin": "https://api.example:8443"}, 403),
        ({"Origin": "https://api.example.evil.example"}, 403),
        ({"Origin": "https://evil.example/api.example"}, 403),
        ({"Origin": "https://app.example/"}, 403),
        ({"Origin": "http://app.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Referer": "https://api.example/"}, 403),
        ({}, 403),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE"])
async def test_requests_of_other_sites(
    method: str, headers: dict[str, str], status: int, client_of: ClientOf
) -> None:
    """Of what may change something, that of this site and of its friends alone passes."""
    client = await client_of(SessionCookie(load_session, origins=[FRIEND]))
    sent = dict([COOKIE]) | {"Host": "api.example"} | headers
    assert (await client.request(method, "/", headers=sent)).status == status


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_reading(method: str, client_of: ClientOf) -> None:
    """What only reads passes from anywhere; opening a WebSocket does not."""
    client = await client_of(SESSION)
    sent = dict([COOKIE]) | {SITE: "cross-site", "Origin": "https://evil.example"}
    assert (await client.request(method, "/", headers=sent)).status == 200
    sent |= {"Upgrade": "websocket", "Connection": "Upgrade"}
    assert (await client.request(method, "/", headers=sent)).status == 403


async def test_two_origins(client_of: ClientOf) -> None:
    """A header that is there twice is a 400, whichever would count."""
    client = await client_of(SESSION)
    for name in ("Origin", SITE):
        headers = [COOKIE, (name, "same-origin"), (name, "same-origin")]
        assert (await client.post("/", headers=headers)).status == 400


async def test_refused_before_the_session(client_of: ClientOf) -> None:
    """A request of another site is refused before the session is looked for."""

    async def load_session(value: str) -> None:
        raise AssertionError

    client = await client_of(SessionCookie(load_session))
    answer = await client.post("/", headers=dict([COOKIE]) | {SITE: "cross-site"})
    assert (answer.status, (await answer.json())["code"]) == (403, "cross_origin")


async def test_no_cookie_no_question(client_of: ClientOf) -> None:
    """Who sends no cookie is not asked where the request comes from."""
    client = await client_of(SESSION, API_KEY)
    headers = dict([KEY]) | {SITE: "cross-site"}
    assert (await client.post("/", headers=headers)).status == 200


async def test_key_before_cookie(client_of: ClientOf) -> None:
    """What was sent on purpose counts, and no page of another site can send it."""
    client = await client_of(SESSION, API_KEY)
    headers = dict([COOKIE, KEY]) | {SITE: "cross-site"}
    assert (await client.post("/", headers=headers)).status == 200
    headers |= {"X-API-Key": "k1.wrong"}
    assert (await client.post("/", headers=headers)).status == 401


class Certificate(BaseAuthentication):
    """What a proxy says of the client's certificate, which a browser shows by itself."""

    scheme_name = challenge = "certificate"
    is_ambient = True

    def credentials(self, request: web.Request) -> str | None:
        return only_header(request, "X-Client-Name")

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        return ANA


async def test_own_ambient_way(client_of: ClientOf) -> None:
    """A way of one's own that is ambient must say what other sites may; then they may not."""

    class Protected(Certificate):
        cross_origin = CrossOriginProtection()

    with pytest.raises(ImproperlyConfigured, match="Certificate: a browser sends it by itself"):
        await client_of(Certificate())
    client = await client_of(Protected())
    for site, status in ("same-origin", 200), ("cross-site", 403):
        headers = {"X-Client-Name": "ana", SITE: site}
        assert (await client.post("/", headers=headers)).status == status


class Loaders:
    """Loaders that take the request, of each kind: who asks is named by it."""

    async def __call__(self, id: str, request: web.Request) -> KeyRecord | None:
        return KeyRecord(self.named(request), KEYS["k1"].digest)

    async def load(self, given: object, request: web.Request) -> Identity | None:
        return self.named(request)

    def named(self, request: web.Request) -> Identity:
        return Identity(request.query["name"], None)


async def load_by(loaders: Loaders, given: object, /, *, request: web.Request) -> Identity | None:
    return await loaders.load(given, request)


@pytest.mark.parametrize(
    ("way", "header"),
    [
        (APIKey(Loaders()), KEY),
        (SessionCookie(Loaders().load), COOKIE),
        (SessionCookie(functools.partial(load_by, Loaders())), COOKIE),
        (
            BearerJWT(SECRET, Loaders().load, issuer="i", audience="a", algorithms=["HS256"]),
            ("Authorization", f"Bearer {jwt.encode({'alg': 'HS256'}, CLAIMS, SECRET)}"),
        ),
    ],
)
async def test_loader_of_a_request(way: Any, header: Any, client_of: ClientOf) -> None:
    """A loader that names the request gets it, the database of its application with it."""
    client = await client_of(way)
    answer = await client.get("/?name=ana", headers=[header])
    assert (answer.status, await answer.text()) == (200, '"ana"')


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: APIKey(not_async), "APIKey: not_async is no coroutine function"),
        (lambda: APIKey(find_key, header="X API Key"), "'X API Key' is no name"),
        (lambda: APIKey(find_key, header=""), "'' is no name"),
        (lambda: APIKey(find_key, header="?key"), "is no name"),
        (lambda: APIKey(find_key, header="Cookie"), "the header Cookie is for other"),
        (lambda: APIKey(find_key, header="authorization"), "is for other credentials"),
        (lambda: SessionCookie(not_async), "SessionCookie: not_async is no coroutine"),
        (lambda: SessionCookie(load_session, name="a b"), "'a b' is no name"),
        (lambda: SessionCookie(load_session, origins=["*"]), "'[*]' is no origin"),
        (lambda: CrossOriginProtection(["null"]), "'null' is no origin"),
        (lambda: CrossOriginProtection(["https://app.example/"]), "is no origin"),
        (lambda: CrossOriginProtection(["https://App.example"]), "is no origin"),
        (lambda: CrossOriginProtection(["https://*.example"]), "is no origin"),
        (lambda: CrossOriginProtection(["app.example"]), "is no origin"),
    ],
)
def test_refused_at_the_start(make: Callable[[], object], words: str) -> None:
    """What cannot work or is not safe does not start."""
    with pytest.raises(ImproperlyConfigured, match=words):
        make()


def test_key_in_a_query() -> None:
    """A key in a query cannot be declared."""
    with pytest.raises(TypeError, match="query"):
        APIKey(find_key, query="key")  # type: ignore[call-arg]  # that is what is refused
