"""Pages of other origins read what they may, whatever the answer is, and no others do."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from aiohttp.typedefs import Handler, Middleware
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_aiohttp import AiohttpClient, AiohttpServer

from webaio import cors
from webaio.exceptions import (
    ImproperlyConfigured,
    NotAuthenticated,
    Throttled,
    UnsupportedMediaType,
    ValidationError,
)
from webaio.middlewares import (
    add_request_id_header,
    api_exception_handler,
    handle_exceptions,
    request_id_middleware,
)
from webaio.responses import Head, JSONResponse

APP = "https://app.example"
UNKNOWN = [
    "https://evil.example",
    "https://app.example.evil.com",
    "https://evil-app.example",
    "https://sub.app.example",
    "http://app.example",
    "https://app.example:443",
    "https://app.example:8443",
    "https://APP.example",
    "https://app.example.",
    "https://app.example/",
    "https://app.example, https://evil.example",
    "null",
    "*",
    "",
]
OK = Head(200)
NO_CONTENT = Head(204)


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for each, value in self.headers if each.lower() == name.lower()]

    @property
    def of_cors(self) -> list[str]:
        return [name for name, _ in self.headers if name.startswith("Access-Control-")]


async def ask(
    server: BaseTestServer,
    method: str,
    path: str,
    *lines: str,
    body: str = "",
    version: str = "1.1",
) -> Answer:
    """Send a request as it stands, and give the answer as it comes."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    head = [f"{method} {path} HTTP/{version}", "Host: here", f"Content-Length: {len(body)}", *lines]
    writer.write("\r\n".join([*head, "", body]).encode())
    start = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    status, *headers = start.decode().rstrip().split("\r\n")
    length = re.search(rb"Content-Length: (\d+)", start)
    body_of = b"" if length is None or method == "HEAD" else await reader.read(int(length[1]))
    writer.close()
    pairs = [(name, value) for name, _, value in (line.partition(": ") for line in headers)]
    return Answer(int(status.split()[1]), pairs, body_of)


async def preflight(
    server: BaseTestServer, path: str, origin: str = APP, method: str = "PATCH"
) -> Answer:
    asked = f"Access-Control-Request-Method: {method}"
    return await ask(server, "OPTIONS", path, f"Origin: {origin}", asked)


def raising(make: Callable[[], Exception]) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        raise make()

    return handler


async def quick(request: web.Request) -> web.StreamResponse:
    return JSONResponse(OK, b"{}")


async def empty(request: web.Request) -> web.StreamResponse:
    return JSONResponse(NO_CONTENT, b"")


async def with_cookie(request: web.Request) -> web.StreamResponse:
    response = JSONResponse(OK, b"{}")
    response.set_cookie("a", "b")
    return response


async def with_header(request: web.Request) -> web.StreamResponse:
    response = JSONResponse(OK, b"{}")
    response.headers["X-A"] = "b"
    return response


async def plain(request: web.Request) -> web.StreamResponse:
    return web.Response(text=await request.text())


async def stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"begun")
    return response


async def breaking_stream(request: web.Request) -> web.StreamResponse:
    await stream(request)
    raise KeyError


async def begun(request: web.Request) -> web.StreamResponse:
    response = JSONResponse(OK, b"{}")
    await response.prepare(request)
    return response


async def socket(request: web.Request) -> web.StreamResponse:
    response = web.WebSocketResponse()
    await response.prepare(request)
    await response.close()
    return response


async def not_modified(request: web.Request) -> web.StreamResponse:
    return web.Response(status=304, headers={"ETag": '"1"'})


HANDLERS: dict[str, tuple[Handler, int]] = {
    "/quick": (quick, 200),
    "/empty": (empty, 204),
    "/cookie": (with_cookie, 200),
    "/header": (with_header, 200),
    "/plain": (plain, 200),
    "/stream": (stream, 200),
    "/breaking": (breaking_stream, 200),
    "/begun": (begun, 200),
    "/304": (not_modified, 304),
    "/302": (raising(lambda: web.HTTPFound("/")), 302),
    "/401": (raising(NotAuthenticated), 401),
    "/401-of-aiohttp": (raising(web.HTTPUnauthorized), 401),
    "/413": (raising(lambda: web.HTTPRequestEntityTooLarge(1, 2)), 413),
    "/415": (raising(UnsupportedMediaType), 415),
    "/422": (raising(ValidationError), 422),
    "/429": (raising(lambda: Throttled(retry_after=3)), 429),
    "/500": (raising(KeyError), 500),
}


def application(*middlewares: Middleware) -> web.Application:
    app = web.Application(middlewares=middlewares)
    app.add_routes([web.get(path, handler) for path, (handler, _) in HANDLERS.items()])
    app.add_routes([web.get("/socket", socket), web.post("/plain", plain)])
    app.add_routes([web.static("/static", Path(__file__).parent)])
    return app


def with_cors(app: web.Application, *origins: str, **options: Any) -> web.Application:
    cors.setup(app, origins or [APP], **options)
    return app


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    raise NotAuthenticated


@web.middleware
async def transparent(request: web.Request, handler: Handler) -> web.StreamResponse:
    return await handler(request)


MIDDLEWARES = [
    [],
    [api_exception_handler],
    [request_id_middleware, api_exception_handler],
    [transparent, api_exception_handler, transparent],
]


@pytest_asyncio.fixture
async def server() -> AsyncIterator[BaseTestServer]:
    app = application(request_id_middleware, api_exception_handler)
    async with TestServer(with_cors(app, credentials=True)) as server:
        yield server


@pytest.mark.parametrize("path", [*HANDLERS, "/nowhere", "/static/nothing", "/static/test_cors.py"])
@pytest.mark.parametrize("middlewares", MIDDLEWARES, ids=len)
async def test_every_answer(
    aiohttp_server: AiohttpServer, middlewares: list[Middleware], path: str
) -> None:
    """Whoever gives the answer, and where no error middleware stands too, the page may read it."""
    server = await aiohttp_server(with_cors(application(*middlewares), credentials=True))
    answer = await ask(server, "GET", path, f"Origin: {APP}")
    _, status = HANDLERS.get(path, (None, 404))
    if middlewares and path != "/static/test_cors.py":
        assert answer.status == status  # without, aiohttp has a 500 for an `APIException`
    assert answer.all("Access-Control-Allow-Origin") == [APP]
    assert answer.all("Access-Control-Allow-Credentials") == ["true"]
    assert answer.all("Access-Control-Expose-Headers") == [
        "Content-Disposition, ETag, Idempotent-Replayed, Link, Location, Retry-After, X-Request-ID"
    ]
    assert answer.all("Vary") == ["Origin"]


async def test_other_statuses(server: BaseTestServer) -> None:
    """405 has it with `Allow`, 401 with the challenge, 429 with its time, a file's 304 and 206 too."""
    refused = await ask(server, "DELETE", "/plain", f"Origin: {APP}")
    assert (refused.status, refused.all("Allow")) == (405, ["GET,HEAD,POST"])
    unknown = await ask(server, "GET", "/401", f"Origin: {APP}")
    assert unknown.all("WWW-Authenticate") == ["Bearer"]
    throttled = await ask(server, "GET", "/429", f"Origin: {APP}")
    assert throttled.all("Retry-After") == ["3"]
    too_large = await ask(server, "POST", "/plain", f"Origin: {APP}", body="x" * 2**21)
    assert too_large.status == 413
    file = await ask(server, "GET", "/static/test_cors.py", f"Origin: {APP}")
    tag = file.all("ETag")[0]
    same = await ask(
        server, "GET", "/static/test_cors.py", f"Origin: {APP}", f"If-None-Match: {tag}"
    )
    part = await ask(server, "GET", "/static/test_cors.py", f"Origin: {APP}", "Range: bytes=0-9")
    assert (file.status, same.status, part.status) == (200, 304, 206)
    for answer in (refused, unknown, throttled, too_large, file, same, part):
        assert answer.all("Access-Control-Allow-Origin") == [APP]


@pytest.mark.parametrize("origin", UNKNOWN)
@pytest.mark.parametrize("path", ["/quick", "/plain", "/stream", "/500", "/nowhere"])
async def test_unknown_origins(server: BaseTestServer, origin: str, path: str) -> None:
    """An unknown origin is served, and gets no header; caches are told that others may."""
    preflighted = await preflight(server, path, origin)
    assert (preflighted.status, preflighted.of_cors) == (204, [])
    asked = await ask(server, "GET", path, f"Origin: {origin}")
    assert (asked.status < 600, asked.of_cors) == (True, [])
    assert preflighted.all("Vary") == asked.all("Vary") == ["Origin"]


@pytest.mark.parametrize("second", [APP, "https://evil.example"])
async def test_two_origins(server: BaseTestServer, second: str) -> None:
    """Who sends two origins has none: no browser does."""
    answer = await ask(server, "GET", "/quick", f"Origin: {APP}", f"Origin: {second}")
    assert answer.status in (200, 400)
    assert answer.of_cors == []


async def test_without_origin(server: BaseTestServer) -> None:
    """A request of no other origin gets `Vary` only, since a cache may give its answer to one."""
    for path in HANDLERS:
        answer = await ask(server, "GET", path)
        assert (answer.of_cors, answer.all("Vary")) == ([], ["Origin"])


_PARTS = ["https", "http", "://", "app", "evil", ".", "example", ":", "443", "/", "@", "*", "null"]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100
)
@given(
    st.one_of(
        st.lists(st.sampled_from([*_PARTS, " ", "%00", "\xe9", "#", "?", "\\"]), max_size=7).map(
            "".join
        ),
        st.sampled_from(range(len(APP) + 1)).map(lambda i: f"{APP[:i]}x{APP[i:]}"),
        st.sampled_from(range(len(APP))).map(lambda i: f"{APP[:i]}{APP[i + 1 :]}"),
        st.sampled_from(range(len(APP))).map(lambda i: f"{APP[:i]}{APP[i].upper()}{APP[i + 1 :]}"),
    )
)
async def test_nothing_is_reflected(server: BaseTestServer, origin: str) -> None:
    """Whatever stands in `Origin`, only the origin that was named ever comes back."""
    is_known = origin.strip() == APP
    for answer in (
        await preflight(server, "/quick", origin),
        await ask(server, "GET", "/quick", f"Origin: {origin}"),
    ):
        assert answer.all("Access-Control-Allow-Origin") == ([APP] if is_known else [])
        assert bool(answer.of_cors) is is_known


async def test_several_origins(aiohttp_server: AiohttpServer) -> None:
    """Each origin reads its own name, and no credentials where none were asked for."""
    origins = [APP, "http://localhost:3000", "http://[::1]:8000", "capacitor://localhost"]
    server = await aiohttp_server(with_cors(application(), *origins))
    for origin in origins:
        answer = await ask(server, "GET", "/quick", f"Origin: {origin}")
        assert answer.all("Access-Control-Allow-Origin") == [origin]
        assert answer.all("Access-Control-Allow-Credentials") == []


async def test_all_origins(aiohttp_server: AiohttpServer) -> None:
    """`*` is one answer for all, which no cache need tell apart."""
    server = await aiohttp_server(with_cors(application(), "*", expose_headers=[]))
    for lines in ([], ["Origin: https://any.example"], ["Origin: null"]):
        for path in ("/quick", "/stream", "/500"):
            answer = await ask(server, "GET", path, *lines)
            assert answer.all("Access-Control-Allow-Origin") == ["*"]
            assert (answer.of_cors, answer.all("Vary")) == (["Access-Control-Allow-Origin"], [])
    assert (await preflight(server, "/plain", "https://any.example")).all(
        "Access-Control-Allow-Methods"
    )


async def test_preflight(aiohttp_server: AiohttpServer) -> None:
    """A preflight says what was configured, and reaches neither a guard nor an error middleware."""
    app = application(api_exception_handler, guard)
    with_cors(app, methods=["GET", "PATCH"], headers=["X-A", "If-Match"], max_age=60)
    server = await aiohttp_server(app)
    answer = await preflight(server, "/quick")
    assert (answer.status, answer.body) == (204, b"")
    assert {name: answer.all(name) for name in answer.of_cors if "Expose" not in name} == {
        "Access-Control-Allow-Methods": ["GET, PATCH"],
        "Access-Control-Allow-Headers": ["X-A, If-Match"],
        "Access-Control-Max-Age": ["60"],
        "Access-Control-Allow-Origin": [APP],
    }
    assert (await ask(server, "GET", "/quick", f"Origin: {APP}")).status == 401


async def test_preflight_of_what_nobody_has(aiohttp_server: AiohttpServer) -> None:
    """Of a path that nobody has no method is told, and a page may read the 404 of its GET."""
    server = await aiohttp_server(with_cors(application(api_exception_handler, guard)))
    answer = await preflight(server, "/nowhere")
    assert answer.status == 204
    assert answer.all("Access-Control-Allow-Origin") == [APP]
    assert answer.all("Access-Control-Allow-Methods") == []


@pytest.mark.parametrize(
    "lines",
    [[], [f"Origin: {APP}"], ["Access-Control-Request-Method: PATCH"]],
    ids=["nothing", "origin", "method"],
)
async def test_plain_options(aiohttp_server: AiohttpServer, lines: list[str]) -> None:
    """OPTIONS that is no preflight is the handler's, or the 405 of who has none."""

    async def options(request: web.Request) -> web.StreamResponse:
        return web.Response(status=204, headers={"Allow": "GET"})

    app = application(api_exception_handler)
    app.router.add_options("/options", options)
    server = await aiohttp_server(with_cors(app))
    answer = await ask(server, "OPTIONS", "/options", *lines)
    assert (answer.status, answer.all("Allow")) == (204, ["GET"])
    assert (await ask(server, "OPTIONS", "/quick", *lines)).status == 405


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (["Accept"], "Accept, Origin"),
        (["Accept", "Cookie"], "Accept, Cookie, Origin"),
        (["accept,ORIGIN"], "accept,ORIGIN"),
        (["Origin"], "Origin"),
        (["X-Origin"], "X-Origin, Origin"),
    ],
)
@pytest.mark.parametrize("make", [lambda: web.Response(), lambda: JSONResponse(OK, b"{}")])
async def test_vary(aiohttp_server: AiohttpServer, make: Any, there: list[str], told: str) -> None:
    """`Vary` keeps what a handler has said in it, and has the origin once."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse = make()
        if isinstance(response, JSONResponse) and len(there) == 1:
            response.set_plain_header("Vary", there[0])
        else:
            response.headers.extend(("Vary", value) for value in there)
        return response

    app = with_cors(web.Application())
    app.router.add_get("/", handler)
    server = await aiohttp_server(app)
    assert (await ask(server, "GET", "/", f"Origin: {APP}")).all("Vary") == [told]


@pytest.mark.parametrize("path", ["/quick", "/empty", "/cookie", "/header", "/plain", "/500"])
@pytest.mark.parametrize(
    ("method", "line", "version"),
    [
        ("GET", "X: y", "1.1"),
        ("GET", "X: y", "1.0"),
        ("GET", "Connection: close", "1.1"),
        ("HEAD", "X: y", "1.1"),
    ],
)
@pytest.mark.parametrize("signals", [False, True])
async def test_each_way_of_writing(
    aiohttp_server: AiohttpServer, path: str, method: str, line: str, version: str, signals: bool
) -> None:
    """Each header is there once, beside other signals too, however the answer is written."""
    app = with_cors(application(request_id_middleware, api_exception_handler))
    if signals:
        app.on_response_prepare.append(add_request_id_header)
    server = await aiohttp_server(app)
    answer = await ask(server, method, path, f"Origin: {APP}", line, version=version)
    for name, value in [("Access-Control-Allow-Origin", APP), ("Vary", "Origin")]:
        assert answer.all(name) == [value]
    assert len(answer.all("X-Request-ID")) == 1


@pytest.mark.parametrize("lines", [[], [f"Origin: {APP}"]])
@pytest.mark.parametrize("middlewares", MIDDLEWARES[:3], ids=len)
async def test_one_write(
    aiohttp_server: AiohttpServer, middlewares: list[Middleware], lines: list[str]
) -> None:
    """A response of webaio's still goes out in one write, and tells afterwards what was sent."""
    sent: list[JSONResponse] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        sent.append(JSONResponse(OK, b"{}"))
        return sent[-1]

    app = with_cors(web.Application(middlewares=middlewares))
    app.router.add_get("/", handler)
    server = await aiohttp_server(app)
    answer = await ask(server, "GET", "/", *lines)
    response = sent[0]
    assert getattr(response, "_JSONResponse__sent") > 0  # noqa: B009  # what was sent in one piece
    assert {name: response.headers[name] for name in answer.of_cors} == {
        name: answer.all(name)[0] for name in answer.of_cors
    }
    assert response.headers["Vary"] == "Origin"
    assert bool(answer.of_cors) is bool(lines)


async def test_web_socket(aiohttp_client: AiohttpClient) -> None:
    """A WebSocket of an unknown origin opens: CORS does not guard it."""
    client = await aiohttp_client(with_cors(application(api_exception_handler)))
    for origin in (APP, "https://evil.example"):
        async with client.ws_connect("/socket", origin=origin) as opened:
            assert (await opened.receive(timeout=10)).type.name == "CLOSE"


async def test_errors_of_a_handler(aiohttp_server: AiohttpServer) -> None:
    """Without an error middleware a handler that answers its errors does so under CORS, bugs too."""
    app = with_cors(web.Application(middlewares=[request_id_middleware]))
    for path, (handler, _) in HANDLERS.items():
        app.router.add_get(path, handle_exceptions(handler))
    server = await aiohttp_server(app)
    for path in ("/401", "/422", "/500"):
        answer = await ask(server, "GET", path, f"Origin: {APP}")
        assert answer.all("Access-Control-Allow-Origin") == [APP]
        assert answer.all("Content-Type") == ["application/problem+json"]


async def test_sub_applications(aiohttp_server: AiohttpServer) -> None:
    """A sub-application has the origins above it, or its own and no others; the errors may be above."""
    app = with_cors(application(api_exception_handler), credentials=True)
    app.add_subapp("/below", application())
    app.add_subapp("/public", with_cors(application(), "*"))
    server = await aiohttp_server(app)
    for path in ("/quick", "/stream", "/500", "/nowhere"):
        below = await ask(server, "GET", f"/below{path}", f"Origin: {APP}")
        assert below.all("Access-Control-Allow-Origin") == [APP]
        public = await ask(server, "GET", f"/public{path}", f"Origin: {APP}")
        assert public.all("Access-Control-Allow-Origin") == ["*"]
        assert (public.all("Access-Control-Allow-Credentials"), public.all("Vary")) == ([], [])
    preflighted = await preflight(server, "/public/quick", "https://any.example")
    assert preflighted.all("Access-Control-Allow-Origin") == ["*"]
    above = await ask(server, "GET", "/quick", "Origin: https://any.example")
    assert above.of_cors == []


async def test_only_a_sub_application(aiohttp_server: AiohttpServer) -> None:
    """What stands above it is no other origin's, and answers its errors."""
    app = application(api_exception_handler)
    app.add_subapp("/below", with_cors(application()))
    server = await aiohttp_server(app)
    assert (await ask(server, "GET", "/quick", f"Origin: {APP}")).of_cors == []
    answer = await ask(server, "GET", "/below/422", f"Origin: {APP}")
    assert (answer.status, answer.all("Access-Control-Allow-Origin")) == (422, [APP])
    assert (await preflight(server, "/below/quick")).all("Access-Control-Allow-Methods")


@pytest.mark.parametrize(
    ("origins", "options", "told"),
    [
        (["*"], {"credentials": True}, "Name them, or leave credentials out"),
        (["*", APP], {}, 'has "*" and others'),
        (["null"], {}, '"null" cannot be an origin'),
        (["https://app.example/"], {}, "Write 'https://app.example'"),
        (["https://app.example/v1"], {}, "Write 'https://app.example'"),
        (["https://app.example?a"], {}, "Write 'https://app.example'"),
        (["https://App.example"], {}, "Write 'https://app.example'"),
        (["https://app.example:443"], {}, "Write 'https://app.example'"),
        (["https://me@app.example"], {}, "Write 'https://app.example'"),
        (["https://bücher.example"], {}, "Write 'https://xn--bcher-kva.example'"),
        (["app.example"], {}, "'app.example' is no origin"),
        (["localhost:3000"], {}, "'localhost:3000' is no origin"),
        (["https://*.example"], {}, "without patterns"),
        (["https://app.example\r\nX: y"], {}, "'https://app.example\\r\\nX: y' is no origin"),
        (["https://app.example:port"], {}, "is no origin"),
        ([""], {}, "'' is no origin"),
        (APP, {}, f"Write origins=['{APP}']"),
        ([APP], {"headers": ["*"], "credentials": True}, 'headers has "*"'),
        ([APP], {"methods": ["*"], "credentials": True}, 'methods has "*"'),
        ([APP], {"expose_headers": ["*"], "credentials": True}, 'expose_headers has "*"'),
        ([APP], {"headers": "X-A"}, "Write headers=['X-A']"),
        ([APP], {"headers": ["X-A, X-B"]}, "'X-A, X-B' in headers is no name"),
        ([APP], {"expose_headers": ["a\r\nb"]}, "'a\\r\\nb' in expose_headers is no name"),
        ([APP], {"methods": ["patch"]}, "Write 'PATCH'"),
        ([APP], {"max_age": -1}, "max_age=-1 is no number of seconds"),
        ([APP], {"max_age": 1.5}, "max_age=1.5 is no number of seconds"),
    ],
)
def test_refused(origins: Any, options: dict[str, Any], told: str) -> None:
    """What cannot work, or would let in whoever comes, is refused with the way to mend it."""
    app = web.Application()
    with pytest.raises(ImproperlyConfigured, match=re.escape(told)) as refused:
        cors.setup(app, origins, **options)
    assert str(refused.value).startswith("cors.setup: ")
    assert not app.middlewares
    assert not app.on_response_prepare


def test_refused_twice() -> None:
    """An application says once who may use it."""
    app = with_cors(web.Application())
    with pytest.raises(ImproperlyConfigured, match="this application has it already"):
        cors.setup(app, ["https://other.example"])


def test_refused_too_late() -> None:
    """An application that belongs to another, or runs, takes no middleware any more."""
    below = web.Application()
    web.Application().add_subapp("/below", below)
    with pytest.raises(ImproperlyConfigured, match="Call it where the application is made"):
        cors.setup(below, [APP])


async def test_nobody(aiohttp_server: AiohttpServer, caplog: pytest.LogCaptureFixture) -> None:
    """No origins is nobody, such as in a setting that is empty; nothing is logged of it."""
    caplog.set_level(logging.WARNING)
    app = application()
    cors.setup(app, [])
    server = await aiohttp_server(app)
    assert (await ask(server, "GET", "/quick", f"Origin: {APP}")).of_cors == []
    assert caplog.messages == []
