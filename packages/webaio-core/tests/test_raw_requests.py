"""Raw bytes on a socket of a running server: each answer is a success or a problem of the client."""

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
import pydantic
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from webaio.decorators import action
from webaio.parameters import Body, Cookie, Header
from webaio.routers import SimpleRouter
from webaio.schemas import Partial
from webaio.viewsets import BaseViewSet


class ArtistIn(msgspec.Struct):
    name: Annotated[str, Meta(min_length=1)]
    born: int | None = None
    tags: list[str] = []
    other: dict[str, Any] = {}


class ArtistModel(pydantic.BaseModel):
    name: str
    born: int | None = None
    tags: list[str] = []
    other: dict[str, Any] = {}


class ArtistViewSet(BaseViewSet):
    async def list(
        self,
        limit: int = 10,
        tag: list[str] = [],  # noqa: B006  # each request gets a copy
        x_key: Annotated[str | None, Header] = None,
        sid: Annotated[str, Cookie] = "",
    ) -> Any:
        return [limit, tag, x_key, sid]

    async def detail(self, id: str) -> str:
        return id

    async def create(self, body: ArtistIn) -> ArtistIn:
        return body

    async def update(self, id: int, body: ArtistModel) -> ArtistModel:
        return body

    async def partial_update(self, id: int, body: Partial[ArtistIn]) -> Any:
        return dict(body.changes)

    @action(detail=False, method="post")
    async def anything(self, body: Annotated[Any, Body]) -> Any:
        return body


@pytest_asyncio.fixture
async def server() -> AsyncIterator[BaseTestServer]:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application(client_max_size=100_000)
    app.add_routes(router.routespatters)
    async with TestServer(app) as server:
        yield server


async def answers(server: BaseTestServer, request: bytes) -> tuple[int, bytes]:
    """Send the bytes, and give the status and the body that come back; 0 where nothing does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(request)
        async with asyncio.timeout(10):
            received = await reader.read()
    finally:
        writer.close()
    head, _, body = received.partition(b"\r\n\r\n")
    return (int(head.split()[1]) if head else 0), body


def post(body: bytes, *headers: bytes, path: bytes = b"/artist/", method: bytes = b"POST") -> bytes:
    head = [
        method + b" " + path + b" HTTP/1.1",
        b"Host: localhost",
        b"Connection: close",
        b"Content-Type: application/json",
        *(headers or (b"Content-Length: %d" % len(body),)),
    ]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def chunked(body: bytes) -> bytes:
    last = b"0\r\n\r\n"
    return b"%x\r\n" % len(body) + body + b"\r\n" + last if body else last


LONG = b'"' + b"a" * 99_990 + b'"'  # packed by nothing it is longer than the limit
ZIPPED = gzip.compress(b'{"name": "a"}')
GZIP = (b"Content-Encoding: gzip", b"Transfer-Encoding: chunked")

BODIES: dict[str, tuple[bytes, int]] = {
    "good": (post(b'{"name": "a"}'), 201),
    "good, chunked": (post(chunked(b'{"name": "a"}'), b"Transfer-Encoding: chunked"), 201),
    "good, gzip": (post(chunked(ZIPPED), *GZIP), 201),
    "duplicate names": (post(b'{"name": "a", "name": "b"}'), 400),
    "NaN": (post(b'{"name": "a", "born": NaN}'), 400),
    "nesting": (post(b'{"name": ' + b"[" * 40_000 + b"]" * 40_000 + b"}"), 400),
    "a huge number": (post(b'{"name": "a", "born": ' + b"9" * 50_000 + b"}"), 400),
    "a surrogate": (post(rb'{"name": "\ud800"}'), 400),
    "not UTF-8": (post(b'{"name": "\xff"}'), 400),
    "bad gzip": (post(chunked(b"nonsense"), *GZIP), 400),
    "gzip without its end": (post(chunked(ZIPPED[:-12]), *GZIP), 400),
    "bad deflate": (
        post(chunked(b"nonsense"), b"Content-Encoding: deflate", b"Transfer-Encoding: chunked"),
        400,
    ),
    "deflate": (
        post(
            chunked(zlib.compress(b'{"name": "a"}')),
            b"Content-Encoding: deflate",
            b"Transfer-Encoding: chunked",
        ),
        201,
    ),
    "an encoding that is none": (
        post(chunked(ZIPPED), b"Content-Encoding: x", b"Transfer-Encoding: chunked"),
        400,
    ),
    "a bomb": (post(chunked(gzip.compress(b" " * 50_000_000)), *GZIP), 413),
    "too large": (post(b'"' + b"a" * 200_000 + b'"'), 413),
    "too large, chunked": (post(chunked(b"a" * 200_000), b"Transfer-Encoding: chunked"), 413),
    "too large only while it is packed": (
        post(
            gzip.compress(LONG, 0),
            b"Content-Encoding: gzip",
            b"Content-Length: %d" % len(gzip.compress(LONG, 0)),
            path=b"/artist/anything/",
        ),
        200,
    ),
    "a bad chunk": (post(b"ZZ\r\nabc", b"Transfer-Encoding: chunked"), 400),
    "a chunk too long": (post(b"5\r\nabcdefgh\r\n0\r\n\r\n", b"Transfer-Encoding: chunked"), 400),
    "empty": (post(b""), 400),
    "a bad path": (post(b'{"name": "a"}', path=b"/artist/x/", method=b"PUT"), 404),
    "nesting of anything": (post(b"[" * 129 + b"]" * 129, path=b"/artist/anything/"), 400),
    "deep, and good": (post(b"[" * 128 + b"]" * 128, path=b"/artist/anything/"), 200),
    "bytes in a header": (
        b"GET /artist/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Key: \xff\r\n\r\n",
        422,
    ),
    "a cookie without a name": (
        b"GET /artist/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: <=\r\n\r\n",
        200,
    ),
    "bytes in a query": (
        b"GET /artist/?tag=%FF&tag=%ED%A0%80 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        200,
    ),
    "bytes in a path": (
        b"GET /artist/%FF%00/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        200,
    ),
}


@pytest.mark.parametrize(("request_", "status"), BODIES.values(), ids=BODIES.keys())
async def test_bodies(server: BaseTestServer, request_: bytes, status: int) -> None:
    """Each broken body is told to be so, and the worker lives."""
    found, body = await answers(server, request_)
    assert found == status, body
    if status >= 400 and b"application/problem" in body:
        assert json.loads(body)["status"] == status
    assert (await answers(server, post(b'{"name": "a"}')))[0] == 201


@pytest.mark.parametrize(
    "request_",
    [
        post(b"5\r\nabc", b"Transfer-Encoding: chunked"),
        post(b'{"name"', b"Content-Length: 100"),
        post(ZIPPED[:10], b"Content-Encoding: gzip", b"Content-Length: 100"),
    ],
)
async def test_truncated_bodies(
    server: BaseTestServer, request_: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that goes in the middle of its body harms nobody, and is no error of ours."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request_)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await answers(server, post(b'{"name": "a"}')))[0] == 201
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


STRUCTURE = (b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"-", b" ", b"[" * 200, b"{}", b"[]")
NAMES = (b'"name"', b'"born"', b'"tags"', b'"other"')
NUMBERS = (b"1", b"-1", b"0.1", b"1e5", b"1e999", b"9" * 30, b"NaN")
TEXTS = (b'"a"', b"null", b"true", b"\xff", b"\xed\xa0\x80", rb'"\ud800"', rb'"\u0000"')
TOKENS = st.sampled_from([*STRUCTURE, *NAMES, *NUMBERS, *TEXTS])
PATHS = st.sampled_from(
    [
        (b"POST", b"/artist/"),
        (b"PUT", b"/artist/7/"),
        (b"PATCH", b"/artist/7/"),
        (b"POST", b"/artist/anything/"),
    ]
)


@given(
    where=PATHS,
    body=st.binary(max_size=50) | st.lists(TOKENS, max_size=12).map(b"".join),
    headers=st.sampled_from([(), (b"Transfer-Encoding: chunked",), GZIP]),
)
@settings(
    max_examples=3 * settings().max_examples,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_fuzz_of_bodies(
    server: BaseTestServer,
    where: tuple[bytes, bytes],
    body: bytes,
    headers: tuple[bytes, ...],
) -> None:
    """Whatever the body, the answer is a success or a problem of the client."""
    sent = gzip.compress(body) if headers is GZIP else body
    sent = chunked(sent) if headers else sent
    method, path = where
    status, answer = await answers(server, post(sent, *headers, path=path, method=method))
    assert status in (200, 201, 204, 400, 422), answer
    if status >= 400:
        assert json.loads(answer)["status"] == status


LINE = st.binary(max_size=20) | st.sampled_from(
    [b"limit=1", b"limit=", b"limit=%FF", b"tag=a", b"tag=%ED%A0%80", b"&", b"=", b";", b"%"]
)


@given(
    query=st.lists(LINE, max_size=4).map(b"&".join),
    key=st.binary(max_size=20),
    cookie=st.binary(max_size=20) | st.just(b'sid="\\377\\"'),
    segment=st.binary(max_size=10),
)
@settings(
    max_examples=3 * settings().max_examples,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_fuzz_of_heads(
    server: BaseTestServer, query: bytes, key: bytes, cookie: bytes, segment: bytes
) -> None:
    """Whatever the URL, the headers and the cookies, the answer is one of the client's."""
    for target in (b"/artist/?" + query, b"/artist/" + segment + b"/"):
        head = [b"GET " + target + b" HTTP/1.1", b"Host: a", b"Connection: close"]
        head += [b"X-Key: " + key, b"Cookie: " + cookie]
        status, answer = await answers(server, b"\r\n".join(head) + b"\r\n\r\n")
        assert status < 500, answer
