import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from multidict import CIMultiDict

from webaio.testing import APIClient, APIClientFactory


async def echo(request: web.Request) -> web.Response:
    return web.json_response(
        {
            "method": request.method,
            "body": await request.text(),
            "query": dict(request.query),
            "x": request.headers.getall("X-A", []),
            "authorization": request.headers.get("Authorization"),
            "cookies": dict(request.cookies),
        }
    )


async def problem(request: web.Request) -> web.Response:
    return web.json_response(
        {"title": "Not Found", "detail": "No such artist"},
        status=404,
        content_type="application/problem+json",
    )


async def crash(request: web.Request) -> web.Response:
    raise KeyError("the reason")


async def cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"begun")
    raise KeyError("the reason")


async def text(request: web.Request) -> web.Response:
    return web.Response(text="hállo")


async def data(request: web.Request) -> web.Response:
    return web.Response(body=b"\x00\x01", content_type="application/octet-stream")


async def broken_json(request: web.Request) -> web.Response:
    return web.Response(text="{", content_type="application/json")


async def empty(request: web.Request) -> web.Response:
    return web.Response(status=204)


async def redirect(request: web.Request) -> web.Response:
    raise web.HTTPFound("/text")


async def cookie(request: web.Request) -> web.Response:
    response = web.Response()
    response.set_cookie("a", "b")
    return response


async def lines(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for number in range(3):
        await response.write(b"%d\n" % number)
        await asyncio.sleep(0)
    return response


@pytest.fixture
def app() -> web.Application:
    inner = web.Application()
    inner.router.add_get("/artist/{id}/", echo, name="inner")
    app = web.Application()
    app.router.add_route("*", "/echo", echo, name="echo")
    app.router.add_get("/artist/{id:[^{}/]+}/{kind}/", echo, name="detail")
    for handler in (problem, crash, cut, text, data, broken_json, empty, redirect, cookie, lines):
        app.router.add_get(f"/{handler.__name__}", handler)
    app.add_subapp("/inner/", inner)
    return app


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
async def test_methods(api_client: APIClient, method: str) -> None:
    """Each method makes its request, and gives the decoded body."""
    answer = await getattr(api_client, method)("/echo", json={"a": 1}, params={"q": "x"})
    assert (answer["method"], answer["body"]) == (method.upper(), '{"a": 1}')
    assert answer["query"] == {"q": "x"}


async def test_bodies(api_client: APIClient) -> None:
    """JSON is decoded, text is a str, the rest bytes, an empty body None."""
    assert await api_client.get("/text") == "hállo"
    assert await api_client.get("/data") == b"\x00\x01"
    assert await api_client.get("/empty", expect=204) is None
    assert await api_client.head("/text") is None
    assert (await api_client.get("/problem", expect=404))["detail"] == "No such artist"
    assert (await api_client.options("/echo"))["method"] == "OPTIONS"
    assert (await api_client.request("REPORT", "/echo"))["method"] == "REPORT"


async def test_wrong_status(api_client: APIClient) -> None:
    """A wrong status shows the request, both statuses and the problem."""
    with pytest.raises(AssertionError) as caught:
        await api_client.get("/problem", expect=201)
    first, *rest = str(caught.value).splitlines()
    assert first.startswith("GET http://127.0.0.1:")
    assert rest == [
        "  - expected 201 Created",
        "  + answered 404 Not Found",
        "{",
        '  "title": "Not Found",',
        '  "detail": "No such artist"',
        "}",
    ]


async def test_default_expectation(api_client: APIClient) -> None:
    """Without `expect` any status below 400 is right."""
    assert await api_client.get("/redirect") == "302: Found"
    with pytest.raises(AssertionError, match="expected a status below 400"):
        await api_client.get("/problem")
    with pytest.raises(AssertionError, match=r"expected 404 Not Found\n  \+ answered 200 OK"):
        await api_client.get("/text", expect=404)


async def test_several_expected(api_client: APIClient) -> None:
    """Any one of several statuses is right, and a failure names them."""
    for path in ("/text", "/problem"):
        await api_client.get(path, expect=(200, 404))
    with pytest.raises(AssertionError, match="expected 400 Bad Request or 422 Unprocessable"):
        await api_client.get("/problem", expect=[400, 422])


async def test_redirects(api_client: APIClient) -> None:
    """A redirect is an answer like any other, unless it shall be followed."""
    assert await api_client.get("/redirect", expect=302)
    assert await api_client.get("/redirect", follow_redirects=True) == "hállo"


async def test_exception_is_shown(api_client: APIClient) -> None:
    """The exception of a handler is the cause of the failure, and an expected 500 passes."""
    with pytest.raises(AssertionError, match="500 Internal Server Error") as caught:
        await api_client.get("/crash")
    assert repr(caught.value.__cause__) == "KeyError('the reason')"
    await api_client.get("/crash", expect=500)


async def test_exception_that_was_answered(api_client_factory: APIClientFactory) -> None:
    """The line of the handler is shown, where a middleware has taken the traceback off, too."""

    @web.middleware
    async def answer(request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            response: web.StreamResponse = await handler(request)
        except KeyError as error:
            logging.getLogger(__name__).exception("answered")
            error.__traceback__ = None
            return web.json_response({}, status=500)
        return response

    app = web.Application(middlewares=[answer])
    app.router.add_get("/", crash)
    client = await api_client_factory(app)
    with pytest.raises(AssertionError) as caught:
        await client.get("/")
    assert caught.value.__cause__ is not None
    names = [frame.name for frame in traceback.extract_tb(caught.value.__cause__.__traceback__)]
    assert names[-1] == "crash"


async def test_exception_after_the_response_began(api_client: APIClient) -> None:
    """A connection that is cut shows the exception too."""
    with pytest.raises(AssertionError, match="GET /cut was cut") as caught:
        await api_client.get("/cut")
    assert repr(caught.value.__cause__) == "KeyError('the reason')"


async def test_exceptions_may_be_hidden(
    app: web.Application, api_client_factory: APIClientFactory
) -> None:
    """With `show_exceptions=False` a failure is what a real client sees."""
    client = await api_client_factory(app, show_exceptions=False)
    with pytest.raises(AssertionError) as caught:
        await client.get("/crash")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("path", ["/text", "/broken_json"])
async def test_as_json(api_client: APIClient, path: str) -> None:
    """With `as_json` what is not JSON fails, and broken JSON always does."""
    with pytest.raises(AssertionError, match="this is not JSON"):
        await api_client.get(path, as_json=True)
    if path == "/broken_json":
        with pytest.raises(AssertionError, match="this is not JSON"):
            await api_client.get(path)


async def test_unknown_option(api_client: APIClient) -> None:
    """A misspelled option is refused, so that no assertion is lost."""
    wrong: Any = {"expected": 404}
    with pytest.raises(TypeError, match="unknown option expected; there are expect, json"):
        await api_client.get("/text", **wrong)


async def test_unread_raw_responses(
    app: web.Application, api_client_factory: APIClientFactory
) -> None:
    """Raw responses that nobody reads are closed with the client."""

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    app.router.add_get("/endless", endless)
    client = await api_client_factory(app)
    response = await client.get("/endless", raw=True)
    client.close()
    assert response.closed


@pytest.mark.parametrize(
    ("body", "content_type", "decoded"),
    [
        ("<h1>gateway", "application/json", "<h1>gateway"),
        ("NaN", "application/json", "NaN"),
        ("hállo", "text/plain; charset=nope", "hállo"),
        ("", "text/plain", "(no body)"),
        ('{"name": "Künstler"}', "application/json", '"name": "Künstler"'),
    ],
)
async def test_status_before_body(
    api_client_factory: APIClientFactory, body: str, content_type: str, decoded: str
) -> None:
    """A wrong status is told whatever the body is."""

    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=503, body=body.encode(), headers={"Content-Type": content_type})

    app = web.Application()
    app.router.add_get("/", handler)
    client = await api_client_factory(app)
    with pytest.raises(AssertionError, match="answered 503 Service Unavailable") as caught:
        await client.get("/")
    assert decoded in str(caught.value)


async def test_raw(api_client: APIClient) -> None:
    """With `raw` the result is aiohttp's response, to be read as a stream."""
    response = await api_client.get("/lines", raw=True)
    assert [line async for line in response.content] == [b"0\n", b"1\n", b"2\n"]
    with pytest.raises(AssertionError, match="404"):
        await api_client.get("/problem", raw=True)
    assert isinstance(api_client.session, ClientSession)


async def test_default_headers(app: web.Application, api_client_factory: APIClientFactory) -> None:
    """Default headers go with each request; those of a request take their place."""
    client = await api_client_factory(app, headers={"X-A": "1"})
    assert (await client.get("/echo"))["x"] == ["1"]
    assert (await client.get("/echo", headers={"x-a": "2"}))["x"] == ["2"]
    twice = CIMultiDict([("X-A", "4"), ("X-A", "5")])
    assert (await client.get("/echo", headers=twice))["x"] == ["4", "5"]
    client.headers["X-A"] = "3"
    assert (await client.get("/echo"))["x"] == ["3"]


async def test_authenticate(api_client: APIClient) -> None:
    """Credentials go with each request until they are taken back."""
    api_client.authenticate("secret")
    assert (await api_client.get("/echo"))["authorization"] == "Bearer secret"
    api_client.authenticate("other", scheme="Token")
    assert (await api_client.get("/echo"))["authorization"] == "Token other"
    api_client.authenticate(None)
    assert (await api_client.get("/echo"))["authorization"] is None


async def test_clients_share_a_server_and_nothing_else(
    app: web.Application, api_client_factory: APIClientFactory
) -> None:
    """Two clients of one application, which starts once, have cookies and headers of their own."""
    starts: list[web.Application] = []

    async def start(app: web.Application) -> None:
        starts.append(app)

    app.on_startup.append(start)
    api_client = await api_client_factory(app)
    other = await api_client_factory(app)
    assert starts == [app]
    await other.get("/cookie")
    other.authenticate("x")
    assert (await other.get("/echo"))["cookies"] == {"a": "b"}
    answer = await api_client.get("/echo")
    assert (answer["cookies"], answer["authorization"]) == ({}, None)


@pytest.mark.parametrize(
    ("name", "parts", "path"),
    [
        ("echo", {}, "/echo"),
        ("detail", {"id": 7, "kind": "x"}, "/artist/7/x/"),
        ("detail", {"id": "a/b ?", "kind": "ü"}, "/artist/a%2Fb%20%3F/%C3%BC/"),
        ("inner", {"id": 1}, "/inner/artist/1/"),
    ],
)
async def test_url(api_client: APIClient, name: str, parts: dict[str, Any], path: str) -> None:
    """A named route gives its path, escaped so that it comes back as it was."""
    assert api_client.url(name, **parts) == path
    await api_client.get(path)


@pytest.mark.parametrize(
    ("name", "parts", "message"),
    [
        ("nowhere", {}, "No route is named 'nowhere'. There are: detail, echo, inner"),
        ("detail", {"id": 1}, "give 'kind'"),
        ("detail", {"id": 1, "kind": 2, "more": 3}, "it has no 'more'"),
        ("echo", {"id": 1}, "it has no 'id'"),
    ],
)
async def test_impossible_url(
    api_client: APIClient, name: str, parts: dict[str, Any], message: str
) -> None:
    """What cannot be reversed says why."""
    with pytest.raises(LookupError) as caught:
        api_client.url(name, **parts)
    assert message in str(caught.value)


async def test_ambiguous_name(api_client_factory: APIClientFactory) -> None:
    """A name that two sub-applications give is refused, with both places."""
    app = web.Application()
    for prefix in ("/a", "/b"):
        inner = web.Application()
        inner.router.add_get("/list/", echo, name="list")
        app.add_subapp(prefix, inner)
    client = await api_client_factory(app)
    with pytest.raises(LookupError, match="'list' is the name of /a/list/ and /b/list/"):
        client.url("list")


async def test_secure_cookies(api_client_factory: APIClientFactory) -> None:
    """A cookie for HTTPS only comes back, too: so logins can be tested."""

    async def login(request: web.Request) -> web.Response:
        response = web.Response()
        response.set_cookie("session", "x", secure=True, httponly=True)
        return response

    app = web.Application()
    app.router.add_get("/login", login)
    app.router.add_get("/echo", echo)
    client = await api_client_factory(app)
    await client.get("/login")
    assert (await client.get("/echo"))["cookies"] == {"session": "x"}


async def test_start_that_fails(api_client_factory: APIClientFactory) -> None:
    """When an application fails to start, what it opened is closed, in the same task."""
    steps: list[object] = []

    async def resource(app: web.Application) -> AsyncIterator[None]:
        steps.append(asyncio.current_task())
        yield
        steps.append(asyncio.current_task())

    async def fail(app: web.Application) -> None:
        raise ZeroDivisionError

    app = web.Application()
    app.cleanup_ctx.append(resource)
    app.on_startup.append(fail)
    with pytest.raises(ZeroDivisionError):
        await api_client_factory(app)
    assert len(steps) == 2
    assert steps[0] is steps[1]


async def test_application_that_runs(
    app: web.Application, api_client_factory: APIClientFactory
) -> None:
    """An application that runs elsewhere is refused."""
    runner = web.AppRunner(app)
    await runner.setup()
    with pytest.raises(RuntimeError, match="Give a new application"):
        await api_client_factory(app)
    await runner.cleanup()


async def test_handlers_go_on(app: web.Application, api_client_factory: APIClientFactory) -> None:
    """A handler whose client went goes on, as it does in production."""
    done = asyncio.Event()
    begun = asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        begun.set()
        await asyncio.sleep(0.1)
        done.set()
        return web.Response()

    app.router.add_get("/slow", slow)
    client = await api_client_factory(app)
    asking = asyncio.create_task(client.get("/slow"))
    await begun.wait()
    asking.cancel()
    async with asyncio.timeout(5):
        await done.wait()


async def test_only_an_address(app: web.Application, api_client_factory: APIClientFactory) -> None:
    """A client of a URL makes requests, and cannot reverse names."""
    first = await api_client_factory(app)
    response = await first.get("/text", raw=True)
    client = await api_client_factory(str(response.url.origin()))
    assert await client.get("/text") == "hállo"
    with pytest.raises(LookupError, match="only an address"):
        client.url("echo")
