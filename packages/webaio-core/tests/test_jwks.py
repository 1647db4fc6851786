"""Keys of an identity provider, over sockets: few fetches, and none of its faults is ours."""

import asyncio
import gzip
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from webaio.authentication import JWKS, BearerJWT, Identity
from webaio.exceptions import ImproperlyConfigured

FIRST: Final = ECKey.generate_key("P-256", {"kid": "1"})
SECOND: Final = ECKey.generate_key("P-256", {"kid": "2"})
UNNAMED: Final = ECKey.generate_key("P-256")
ISSUER: Final = "https://id.example"
ClientOf = Callable[..., Any]


class Provider:
    """An identity provider: its keys, what it answers in their place, how often it was asked."""

    url = ""

    def __init__(self, *keys: Key) -> None:
        self.keys: list[Any] = [key.as_dict(private=False) for key in keys]
        self.answer: Callable[[], web.StreamResponse] | None = None
        self.fetches = 0
        self.delay = 0.0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.fetches += 1
        await asyncio.sleep(self.delay)
        return web.json_response({"keys": self.keys}) if self.answer is None else self.answer()


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider(FIRST)
    app = web.Application()
    app.router.add_get("/keys", provider.serve)
    async with TestServer(app) as server:
        provider.url = str(server.make_url("/keys"))
        yield provider


async def load_user(claims: Mapping[str, Any]) -> Identity | None:
    return Identity(claims["sub"], claims["sub"])


def way(keys: JWKS, algorithms: tuple[str, ...] = ("ES256", "RS256")) -> BearerJWT:
    return BearerJWT(keys, load_user, issuer=ISSUER, audience="api", algorithms=algorithms)


def bearer(key: Key, alg: str = "ES256", **header: str) -> dict[str, str]:
    """Give the header of a new token, signed with the key, and naming it where it has a name."""
    claims = {"iss": ISSUER, "aud": "api", "sub": "ana", "exp": time.time() + 600}
    named = {"alg": alg} | ({} if key.kid is None else {"kid": key.kid}) | header
    claims["jti"] = str(time.perf_counter())
    return {"Authorization": f"Bearer {jwt.encode(named, claims, key, algorithms=[alg])}"}


async def status(client: Any, header: Mapping[str, str]) -> int:
    async with client.get("/", headers=header) as answer:
        return int(answer.status)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not come to be")


async def test_one_fetch_for_parallel_requests(provider: Provider, client_of: ClientOf) -> None:
    """Of 30 first requests at once each is answered, after one fetch."""
    provider.delay = 0.1
    client = await client_of(way(JWKS(provider.url)))
    asked = [status(client, bearer(FIRST)) for _ in range(30)]
    assert await asyncio.gather(*asked) == [200] * 30
    assert provider.fetches == 1


async def test_no_fetch_at_the_start(provider: Provider, client_of: ClientOf) -> None:
    """No fetch is made until a token needs it; one that is wrong by its look does not."""
    client = await client_of(way(JWKS(provider.url)))
    secret = OctKey.generate_key(256)
    for header in ({"Authorization": "Bearer a.b.c"}, bearer(secret, "HS256")):
        assert await status(client, header) == 401
    assert provider.fetches == 0


async def test_client_that_goes_away(provider: Provider) -> None:
    """The fetch goes on when the request that asked for it is cancelled."""
    provider.delay = 0.2
    keys = JWKS(provider.url)
    first = asyncio.create_task(keys.find("1"))
    second = asyncio.create_task(keys.find("1"))
    await until(lambda: provider.fetches == 1)
    first.cancel()
    assert [key.kid for key in await second] == ["1"]
    assert provider.fetches == 1
    assert first.cancelled()


async def test_rotation(provider: Provider, client_of: ClientOf) -> None:
    """A new key is found at its first token, and a key that is gone verifies no more."""
    client = await client_of(way(JWKS(provider.url)))
    old = bearer(FIRST)
    assert [await status(client, old), await status(client, bearer(SECOND))] == [200, 401]
    client = await client_of(way(JWKS(provider.url)))
    assert await status(client, old) == 200
    provider.keys = [SECOND.as_dict(private=False)]
    assert await status(client, bearer(SECOND)) == 200
    assert await status(client, old) == 401


async def test_unknown_kids(provider: Provider, client_of: ClientOf) -> None:
    """However many unknown keys are named, there is one more fetch in an interval."""
    client = await client_of(way(JWKS(provider.url, interval=60)))
    assert await status(client, bearer(FIRST)) == 200
    for number in range(20):
        assert await status(client, bearer(SECOND, kid=f"x{number}")) == 401
    assert provider.fetches == 2


async def test_next_interval(provider: Provider, client_of: ClientOf) -> None:
    """After the interval the provider is asked for an unknown key again."""
    client = await client_of(way(JWKS(provider.url, interval=0.2)))
    assert [await status(client, bearer(key)) for key in (FIRST, SECOND)] == [200, 401]
    await asyncio.sleep(0.3)
    provider.keys.append(SECOND.as_dict(private=False))
    assert await status(client, bearer(SECOND)) == 200


async def test_token_without_kid(provider: Provider, client_of: ClientOf) -> None:
    """A token that names no key is tried with each, and asks for none."""
    provider.keys = [each.as_dict(private=False) for each in (FIRST, UNNAMED)]
    client = await client_of(way(JWKS(provider.url)))
    assert await status(client, bearer(UNNAMED)) == 200
    assert await status(client, bearer(ECKey.generate_key("P-256"))) == 401
    assert provider.fetches == 1


async def test_redirect(provider: Provider, client_of: ClientOf) -> None:
    """A redirect is not followed, wherever it leads."""
    elsewhere = Provider(SECOND)
    app = web.Application()
    app.router.add_get("/", elsewhere.serve)
    async with TestServer(app) as server:
        location = {"Location": str(server.make_url("/"))}
        provider.answer = response(status=302, headers=location)
        client = await client_of(way(JWKS(provider.url)))
        assert await status(client, bearer(SECOND)) == 503
    assert (provider.fetches, elsewhere.fetches) == (1, 0)


async def test_old_keys(provider: Provider, client_of: ClientOf) -> None:
    """Keys that are old serve while others are fetched, and are replaced, by a known token too."""
    keys = JWKS(provider.url, max_age=0.2)
    client = await client_of(way(keys))
    header = bearer(FIRST)
    assert await status(client, header) == 200
    await asyncio.sleep(0.3)
    provider.keys = [SECOND.as_dict(private=False)]
    assert await status(client, header) == 200
    await until(lambda: keys.known()[0].kid == "2")
    assert await status(client, header) == 401


def response(**options: Any) -> Callable[[], web.StreamResponse]:
    return lambda: web.Response(**options)


GOOD: Final = json.dumps({"keys": [SECOND.as_dict(private=False)]})
NONSENSE: Final = {
    "500": response(status=500, text=GOOD),
    "404": response(status=404, text=GOOD),
    "202": response(status=202, text=GOOD),
    "no JSON": response(text="<html>"),
    "nested": response(text='{"keys": [{"n": ' + "[" * 100_000),
    "no UTF-8": response(body=b'{"keys": ["\xff"]}'),
    "a list": response(text="[]"),
    "no keys": response(text='{"keys": []}'),
    "keys that are none": response(text='{"keys": [1, null]}'),
    "10 MB": response(text=GOOD + " " * 10_000_000),
    "compressed": response(body=gzip.compress(GOOD.encode()), headers={"Content-Encoding": "gzip"}),
    "only a secret": lambda: web.json_response({"keys": [OctKey.generate_key(256).as_dict()]}),
    "keys that are broken": lambda: web.json_response(
        {
            "keys": [
                {"kty": "RSA", "kid": "1"},
                {"kty": "RSA", "n": 5, "e": [], "kid": "1"},
                {"kty": "RSA", "n": "A" * 400, "e": "AQAB", "kid": "1"},
                {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "1"},
                {"kty": "EC", "crv": "none", "x": "AA", "y": "AA", "kid": "1"},
                {"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "1"},
                {"kty": "AKP", "kid": "1"},
                {"kty": [], "kid": "1"},
                {**FIRST.as_dict(private=False), "kid": 1},
                {"kid": "1"},
                {},
            ]
        }
    ),
}


@pytest.mark.parametrize("name", NONSENSE)
async def test_nonsense_keeps_the_keys(
    name: str, provider: Provider, client_of: ClientOf, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the provider answers nonsense, the last keys stay, and the log says so."""
    client = await client_of(way(JWKS(provider.url, max_age=0, interval=0)))
    assert await status(client, bearer(FIRST)) == 200
    provider.answer = NONSENSE[name]
    assert await status(client, bearer(SECOND)) == 401
    assert await status(client, bearer(FIRST)) == 200
    assert provider.fetches > 1
    [*_, record] = caplog.records
    assert (record.name, record.levelno) == ("webaio.authentication", logging.WARNING)
    assert provider.url in record.getMessage()


@pytest.mark.parametrize("name", NONSENSE)
async def test_no_keys_are_known(name: str, provider: Provider, client_of: ClientOf) -> None:
    """Where no key was ever known, the answer is no 401, and the provider is not asked each time."""
    provider.answer = NONSENSE[name]
    client = await client_of(way(JWKS(provider.url)))
    for _ in range(3):
        answer = await client.get("/", headers=bearer(FIRST))
        assert answer.status == 503
        assert 1 <= int(answer.headers["Retry-After"]) <= 10
    assert provider.fetches == 1


@pytest.mark.parametrize("delay", [0, 1.5], ids=["down", "slow"])
async def test_comes_back(delay: float, provider: Provider, client_of: ClientOf) -> None:
    """A provider that is down or slow at the start is asked again, and then serves."""
    url = provider.url if delay else f"http://127.0.0.1:{unused_port()}/keys"
    provider.delay = delay
    keys = JWKS(url, interval=0.2, timeout=0.5)
    client = await client_of(way(keys))
    assert await status(client, bearer(FIRST)) == 503
    if delay:
        provider.delay = 0
    else:
        app = web.Application()
        app.router.add_get("/keys", provider.serve)
        server = TestServer(app, port=int(url.rpartition(":")[2].partition("/")[0]))
        await server.start_server()
    await asyncio.sleep(0.3)
    assert await status(client, bearer(FIRST)) == 200
    if not delay:
        await server.close()


async def test_down_with_keys(provider: Provider, client_of: ClientOf) -> None:
    """While the provider is down, known keys verify."""
    app = web.Application()
    app.router.add_get("/keys", provider.serve)
    server = TestServer(app)
    await server.start_server()
    client = await client_of(way(JWKS(str(server.make_url("/keys")), max_age=0, interval=0)))
    assert await status(client, bearer(FIRST)) == 200
    await server.close()
    assert [await status(client, bearer(FIRST)) for _ in range(3)] == [200] * 3


@pytest.mark.filterwarnings("ignore:Key size should be")  # its making here, not our reading
async def test_unusable_keys_are_left_out(provider: Provider, client_of: ClientOf) -> None:
    """Of a set, a secret, a short key, an unknown kind and one to encrypt with verify nothing."""
    secret = OctKey.generate_key(256, {"kid": "3"})
    short = RSAKey.generate_key(1024, {"kid": "4"})
    encrypts = ECKey.generate_key("P-256", {"kid": "5", "use": "enc"})
    provider.keys += [
        secret.as_dict(),
        short.as_dict(private=False),
        encrypts.as_dict(private=False),
        {"kty": "AKP", "kid": "6"},
    ]
    client = await client_of(way(JWKS(provider.url)))
    assert await status(client, bearer(FIRST)) == 200
    assert await status(client, bearer(short, "RS256")) == 401
    assert await status(client, bearer(secret, "HS256")) == 401
    unmarked = ECKey.import_key(encrypts.as_dict(private=True) | {"use": "sig"})
    assert await status(client, bearer(unmarked)) == 401


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example/keys",
        "http://localhost.example/keys",
        "ftp://localhost/keys",
        "file:///etc/passwd",
        "id.example/keys",
        "https:keys",
        "",
    ],
)
def test_only_over_tls(url: str) -> None:
    """Keys come over TLS, or from this host."""
    with pytest.raises(ImproperlyConfigured, match=r"JWKS: .* is no URL over TLS"):
        JWKS(url)


@pytest.mark.parametrize("url", ["http://localhost/keys", "http://[::1]:8080/keys"])
def test_this_host_needs_no_tls(url: str) -> None:
    """Keys may come from this host without TLS, as in a test."""
    assert JWKS(url)


async def test_several_event_loops(provider: Provider) -> None:
    """One set serves several event loops, at once and one after the other."""
    provider.delay = 0.3
    keys = JWKS(provider.url, interval=0)
    asked = (asyncio.to_thread(asyncio.run, keys.find("1")) for _ in range(2))
    for found in [*await asyncio.gather(*asked), await keys.find("1")]:
        assert [key.kid for key in found] == ["1"]
    with pytest.raises(TimeoutError):
        await asyncio.to_thread(asyncio.run, asyncio.wait_for(keys.find("2"), 0.1))
    provider.keys = [SECOND.as_dict(private=False)]
    assert [key.kid for key in await keys.find("2")] == ["2"]
