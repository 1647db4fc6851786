"""What a `JSONResponse` sends is what aiohttp sends for the same response, byte by byte."""

import asyncio
import copy
import enum
import logging
import pickle
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from yarl import URL

from webaio.responses import Head, JSONResponse

Touch = Callable[[web.StreamResponse], object]
CLOSE = b"Connection: close"
END = b"GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
GET = b"GET /number/1/ HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /number/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"


OK = Head(200)
CREATED = Head(201)


async def quick_detail(request: web.Request) -> web.Response:
    return JSONResponse(OK, b'{"id":1}')


async def quick_create(request: web.Request) -> web.Response:
    return JSONResponse(CREATED, b'{"id":7}', f"{request.rel_url.raw_path}7/")


async def detail(request: web.Request) -> web.Response:
    return web.Response(body=b'{"id":1}', content_type="application/json")


async def create(request: web.Request) -> web.Response:
    response = web.Response(body=b'{"id":7}', status=201, content_type="application/json")
    response.headers["Location"] = "/number/7/"
    return response


async def end(request: web.Request) -> web.Response:
    return web.Response(text="end")


def quick(*middlewares: Middleware) -> web.Application:
    return application(quick_detail, quick_create, *middlewares)


def by_hand(*middlewares: Middleware) -> web.Application:
    return application(detail, create, *middlewares)


def application(get: Handler, post: Handler, *middlewares: Middleware) -> web.Application:
    app = web.Application(middlewares=middlewares)
    app.add_routes([web.get("/number/1/", get), web.post("/number/", post), web.get("/end", end)])
    return app


async def wire(app: web.Application, request: bytes) -> bytes:
    """Send bytes to a running application, and a last request; give all that comes back."""
    runner = web.AppRunner(
        app, access_log_format="%s %b %{Content-Type}o %{Content-Length}o %{Server}o"
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(request if CLOSE in request else request + END)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
    finally:
        await runner.cleanup()
    return re.sub(rb"Date: [^\r]+", b"Date: now", answer)


def touching(touch: Touch, seen: list[web.StreamResponse] | None = None) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if request.path != "/end":
            touch(response)
            if seen is not None:
                seen.append(response)
        return response

    return middleware


def adding(name: str, value: str) -> Touch:
    return lambda response: response.headers.update({name: value})


def plainly(*headers: tuple[str, Any]) -> Touch:
    def touch(response: web.StreamResponse) -> None:
        for name, value in headers:
            if isinstance(response, JSONResponse):
                response.set_plain_header(name, value)
            else:
                response.headers[name] = value

    return touch


def in_turn(*touches: Touch) -> Touch:
    return lambda response: [touch(response) for touch in touches]


def change_body(response: web.StreamResponse) -> None:
    response.headers["X-A"] = "b"
    assert isinstance(response, web.Response)
    response.body = b"other"


def change(response: web.StreamResponse) -> None:
    response.force_close()
    response.set_cookie("a", "b")
    response.set_status(203)
    response.headers["X-A"] = "b"


def is_in_one_piece(response: web.StreamResponse) -> bool:
    assert isinstance(response, JSONResponse)
    return bool(response._JSONResponse__sent)


REQUESTS = {
    "GET": GET,
    "POST": POST,
    "HEAD": GET.replace(b"GET", b"HEAD"),
    "HTTP/1.0": GET.replace(b"1.1", b"1.0"),
    "HTTP/1.0, kept": GET.replace(b"1.1\r\n", b"1.0\r\nConnection: keep-alive\r\n"),
    "the last": GET.replace(b"1.1\r\n", b"1.1\r\nConnection: close\r\n"),
    "two at once": GET + POST,
    "after 100": POST.replace(b"Content-Length: 0", b"Content-Length: 2\r\nExpect: 100-continue")
    + b"{}",
    "not found": GET.replace(b"/number/1/", b"/nothing/"),
    "zipped": GET.replace(b"1.1\r\n", b"1.1\r\nAccept-Encoding: gzip\r\n"),
}
HEADERS = {
    "X-A": "b",
    "Connection": "close",
    "Content-Encoding": "gzip",
    "Content-Length": "8",
    "Content-Type": "application/vnd.number+json",
    "Date": "yesterday",
    "Server": "nobody",
    "Set-Cookie": "a=b",
    "Transfer-Encoding": "chunked",
    "X-Accents": "ä",
    "X-Tab": "a\tb",
    "X-Lines": "a\r\nb: c",
    "X-Empty": "",
}
TOUCHES: dict[str, Touch] = {
    **{f"header {name}": adding(name, value) for name, value in HEADERS.items()},
    "nothing": lambda response: None,
    "status": lambda response: response.status,
    "headers, read": lambda response: dict(response.headers),
    "headers, changed": lambda response: response.headers.update({"X-A": "b"}),
    "cookie": lambda response: response.set_cookie("a", "b"),
    "cookies": lambda response: response.cookies.load({"a": "b"}),
    "cookie, gone": lambda response: response.del_cookie("a"),
    "status, changed": lambda response: response.set_status(202),
    "reason": lambda response: response.set_status(200, "Perhaps"),
    "status, not reason": lambda response: response.set_status(202, "OK"),
    "header that is no string": lambda response: response.headers.update(X=5),  # type: ignore[arg-type]  # a mistake of theirs
    "header and body": change_body,
    "closed": lambda response: response.force_close(),
    "no content type": lambda response: response.headers.popall("Content-Type"),
    "no headers": lambda response: response.headers.clear(),
    "names of its own": lambda response: vars(response).update(
        dict.fromkeys(("head", "json", "location", "sent", "complete", "is_complete"), "x")
    ),
    "compressed": lambda response: response.enable_compression(),
    "compressed by force": lambda response: response.enable_compression(web.ContentCoding.gzip),
    "chunked": lambda response: response.enable_chunked_encoding(),
    "content type": lambda response: setattr(response, "content_type", "text/x"),
    "charset": lambda response: setattr(response, "charset", "utf-8"),
    "body": lambda response: setattr(response, "body", b"other"),
    "no body": lambda response: setattr(response, "body", None),
    "text": lambda response: setattr(response, "text", "other"),
    "etag": lambda response: setattr(response, "etag", "a"),
    "last modified": lambda response: setattr(response, "last_modified", datetime(2026, 1, 2, tzinfo=UTC)),
    "several": change,
    "plain header": plainly(("X-A", "b")),
    "plain header, again": plainly(("X-A", "b"), ("X-A", "c")),
    "plain header, in other case": plainly(("X-A", "a"), ("X-b", "b"), ("x-a", "c")),
    "plain header, of the response": plainly(("Content-Type", "a/b"), ("Location", "/"), ("server", "s")),
    "plain header, set again": in_turn(plainly(("X-A", "b")), adding("x-a", "c")),
    "plain header, after a cookie": in_turn(lambda response: response.set_cookie("a", "b"), plainly(("X-A", "b"))),
    "plain header, and a status": in_turn(plainly(("X-A", "b")), lambda response: response.set_status(202)),
    "plain header, odd": plainly(("X-A", "b\r\nX-Evil: 1")),
    "plain header, not ASCII": plainly(("X-A", "\xe4")),
    "plain header that is no string": plainly(("X-A", 5)),
}  # fmt: skip


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS.keys())
async def test_requests(request_: bytes) -> None:
    """Whatever is asked, the bytes are those of aiohttp."""
    assert await wire(quick(), request_) == await wire(by_hand(), request_)


@pytest.mark.parametrize("request_", [GET, POST, REQUESTS["zipped"]], ids=["GET", "POST", "zipped"])
@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES.keys())
async def test_middlewares(touch: Touch, request_: bytes) -> None:
    """Whatever a middleware does to the response, the bytes are those of aiohttp."""
    expected = await wire(by_hand(touching(touch)), request_)
    assert await wire(quick(touching(touch)), request_) == expected


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES.keys())
async def test_two_middlewares(touch: Touch) -> None:
    """The same where another middleware has set a header before."""
    middlewares = (touching(touch), touching(TOUCHES["header X-A"]))
    expected = await wire(by_hand(*middlewares), REQUESTS["zipped"])
    assert await wire(quick(*middlewares), REQUESTS["zipped"]) == expected


class Status(int, enum.Enum):
    ACCEPTED = 202


@pytest.mark.parametrize("status", [200, 202, 204, 205, 206, 299, Status.ACCEPTED])
async def test_statuses(status: int) -> None:
    """With a status that has no content, the body is not sent: the next response begins there."""
    head = Head(status)

    async def quick_odd(request: web.Request) -> web.Response:
        return JSONResponse(head, b'{"id":1}')

    async def odd(request: web.Request) -> web.Response:
        body = b'{"id":1}'
        return web.Response(body=body, status=int(status), content_type="application/json")

    expected = await wire(application(odd, create), GET)
    assert await wire(application(quick_odd, quick_create), GET) == expected


@pytest.mark.parametrize("request_", [GET, REQUESTS["zipped"]], ids=["GET", "zipped"])
@pytest.mark.parametrize("touch", [TOUCHES["header X-A"], TOUCHES["cookie"]])
async def test_parameters_of_a_media_type(touch: Touch, request_: bytes) -> None:
    """A media type may have parameters, whoever sends the response."""
    head = Head(200, "text/csv; charset=utf-8")

    async def quick_lines(request: web.Request) -> web.Response:
        return JSONResponse(head, b"a,b")

    async def lines(request: web.Request) -> web.Response:
        return web.Response(body=b"a,b", content_type="text/csv", charset="utf-8")

    for middlewares in ([], [touching(touch)]):
        expected = await wire(application(lines, create, *middlewares), request_)
        assert await wire(application(quick_lines, create, *middlewares), request_) == expected


@pytest.mark.parametrize("place", ["/a/", "/a b/", "/ä/", "/a\r\nX-Evil: 1/", "/\udcff/"])
async def test_odd_locations(place: str) -> None:
    """A location that would break the head is not written, whatever a middleware makes of the URL."""

    @web.middleware
    async def moved(request: web.Request, handler: Handler) -> web.StreamResponse:
        url = URL.build(path=f"{place}number/", encoded=True)
        return await handler(request.clone(rel_url=url) if request.path != "/end" else request)

    @web.middleware
    async def named(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if request.path != "/end":
            response.headers["Location"] = f"{place}number/7/"
        return response

    assert await wire(quick(moved), POST) == await wire(by_hand(named), POST)


@pytest.mark.parametrize("make", [quick, by_hand])
async def test_closed_after_it_was_sent(make: Callable[..., web.Application]) -> None:
    """`force_close` after the response was prepared closes the connection as well."""

    @web.middleware
    async def close(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        await response.prepare(request)
        response.force_close()
        return response

    assert (await wire(make(close), GET)).endswith(b'{"id":1}')


async def test_signals() -> None:
    """A signal sees a complete response, that of an application above a sub-application too."""

    async def sign(request: web.Request, response: web.StreamResponse) -> None:
        response.headers["X-Length"] = response.headers["Content-Length"]

    for make in (quick, by_hand):
        app = make()
        app.on_response_prepare.append(sign)
        above = web.Application()
        above.on_response_prepare.append(sign)
        above.add_subapp("/below/", make())
        assert b"X-Length: 8" in await wire(app, GET)
        assert b"X-Length: 8" in await wire(above, GET.replace(b"/number", b"/below/number"))


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS.keys())
async def test_access_log(request_: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """The access log says the same: status, size, headers of the response."""
    lines: list[list[str]] = []
    with caplog.at_level(logging.INFO, "aiohttp.access"):
        for make in (quick, by_hand):
            caplog.clear()
            await wire(make(), request_)
            lines.append(caplog.messages)
    assert lines[0] == lines[1]
    assert len(lines[0]) >= 1


@pytest.mark.parametrize(
    ("request_", "in_one_piece"),
    [(GET, True), (POST, True), (REQUESTS["HEAD"], False), (REQUESTS["the last"], False)],
    ids=["GET", "POST", "HEAD", "the last"],
)
async def test_in_one_piece(request_: bytes, in_one_piece: bool) -> None:
    """A response that nobody touched goes out in one piece, and tells afterwards what was sent."""
    seen: list[web.StreamResponse] = []
    await wire(quick(touching(lambda response: None, seen)), request_)
    (response,) = seen
    assert isinstance(response, JSONResponse)
    assert is_in_one_piece(response) is in_one_piece
    assert response.prepared
    assert response.keep_alive is (CLOSE not in request_)
    assert response.body_length > 100
    assert response.headers["Content-Length"] == "8"
    assert response.headers["Date"].endswith(" GMT")
    assert repr(response) == f"<JSONResponse {response.status}>"


@pytest.mark.parametrize("name", ["X-A", "Content-Type", "X-Empty", "Set-Cookie", "Server"])
async def test_headers_in_one_piece(name: str) -> None:
    """With headers that change nothing else it still goes out in one piece."""
    seen: list[web.StreamResponse] = []
    touch = TOUCHES[f"header {name}"]
    await wire(quick(touching(touch, seen)), GET)
    (response,) = seen
    assert isinstance(response, JSONResponse)
    assert is_in_one_piece(response) is (name not in ("Set-Cookie", "Server"))


async def test_prepared_twice() -> None:
    """Who prepares the response before aiohttp does sends it once."""

    @web.middleware
    async def prepare(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        await response.prepare(request)
        await response.prepare(request)
        await response.write_eof()
        return response

    assert await wire(quick(prepare), GET) == await wire(by_hand(prepare), GET)


@pytest.mark.parametrize(
    "member", ["body", "text", "status", "reason", "content_type", "charset", "content_length"]
)
def test_members(member: str) -> None:
    """What is asked of the response first gets the answer of a `web.Response`."""
    expected = web.Response(body=b'{"id":1}', content_type="application/json")
    assert getattr(JSONResponse(Head(200), b'{"id":1}'), member) == getattr(expected, member)


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES.keys())
def test_members_after_a_change(touch: Touch) -> None:
    """What is asked after a change has the answer of a `web.Response` that was changed alike."""
    expected = web.Response(body=b'{"id":1}', content_type="application/json")
    response = JSONResponse(Head(200), b'{"id":1}')
    touch(expected)
    touch(response)
    for member in ("status", "reason", "body", "text", "content_type", "charset", "headers"):
        assert getattr(response, member) == getattr(expected, member)
    for member in ("keep_alive", "chunked", "compression", "cookies", "prepared"):
        assert getattr(response, member) == getattr(expected, member)


def test_unknown_member() -> None:
    """A name that no response has is an `AttributeError`, before and after."""
    response, name = JSONResponse(Head(200), b"{}"), "colour"
    for _ in range(2):
        with pytest.raises(AttributeError, match="has no attribute 'colour'"):
            getattr(response, name)


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda response: pickle.loads(pickle.dumps(response))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_copies(duplicate: Callable[[JSONResponse], JSONResponse]) -> None:
    """A copy has the parts of the response, and what was changed in it."""
    response = JSONResponse(Head(201), b"{}", "/number/7/")
    response.set_plain_header("X-A", "b")
    for _ in range(2):
        made = duplicate(response)
        assert (made.status, made.body) == (201, b"{}")
        assert made.headers == response.headers  # which is complete from now on


async def test_a_header_that_is_there_costs_nothing() -> None:
    """A plain header that is set again, as it is, does not make the response complete."""
    response = JSONResponse(Head(404), b"{}", "/number/7/")
    for name, value in (("X-AB", "c"), ("B", "c"), ("X-AB", "c"), ("B", "c")):
        response.set_plain_header(name, value)
    assert not vars(response)  # nothing of a complete response is there
    assert dict(response.headers) == {
        "Content-Type": response.content_type,
        "Location": "/number/7/",
        "X-AB": "c",
        "B": "c",
    }
    response.set_plain_header("b", "c")  # of another case
    assert dict(response.headers)["b"] == "c"


@pytest.mark.parametrize("seconds", [(784111777, 784111778), (784111778, 784111777)])
def test_kept_heads(monkeypatch: pytest.MonkeyPatch, seconds: tuple[int, int]) -> None:
    """A head that is kept is of the second that it is, also where the clock was put back."""
    head = Head(200)
    for second in seconds:
        monkeypatch.setattr("time.time", lambda second=second: second + 0.9)
        for length in (1, 1, 22):
            written = head.before(length, "") or b""
            assert f"Content-Length: {length}\r\n".encode() in written
            assert f"08:49:{second % 60:02} GMT".encode() in written


async def test_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """The date is that of the second in which a response is sent."""
    for second in (784111777, 784111778):
        monkeypatch.setattr("time.time", lambda second=second: second + 0.9)
        head = await _head(quick())
        assert f"Date: Sun, 06 Nov 1994 08:49:{second % 60:02} GMT".encode() in head


async def _head(app: web.Application) -> bytes:
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
    writer.write(GET)
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await runner.cleanup()
    return head
