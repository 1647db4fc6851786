import asyncio
import contextlib
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from importlib.metadata import version
from typing import Any

import pytest
from aiohttp import BodyPartReader, ClientTimeout, web
from aiohttp.http import HttpProcessingError

from webaio.testing import (
    APIClient,
    APIClientFactory,
    assert_error_contract,
    assert_matches_openapi,
    assert_problem,
    override,
)

GOOD: dict[str, Any] = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "detail": "x",
    "code": "not_found",
}
PROBLEM = "application/problem+json"


def answering(body: object, status: int, content_type: str) -> web.Application:
    async def handler(request: web.Request) -> web.Response:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(text=text, status=status, content_type=content_type)

    app = web.Application()
    app.router.add_get("/", handler)
    return app


async def test_problem(api_client_factory: APIClientFactory) -> None:
    """A proper problem passes, and is the result."""
    client = await api_client_factory(answering(GOOD, 404, PROBLEM))
    response = await client.get("/", expect=404, raw=True)
    assert await assert_problem(response, 404, code="not_found") == GOOD


@pytest.mark.parametrize(
    ("body", "status", "content_type", "fault"),
    [
        (GOOD, 404, "application/json", "the media type is application/json"),
        (GOOD, 409, PROBLEM, "the status is 409 Conflict, not 404 Not Found"),
        (GOOD, 409, PROBLEM, "the member status is 404, not 409"),
        (GOOD | {"code": "gone"}, 404, PROBLEM, "the code is 'gone', not 'not_found'"),
        (GOOD | {"title": 1}, 404, PROBLEM, "the member title is not a string"),
        ({"code": "not_found"}, 404, PROBLEM, "it has no title and no detail"),
        ("<h1>", 404, "text/html", "the body is not a JSON object"),
        ("[]", 404, PROBLEM, "the body is not a JSON object"),
        ("", 404, PROBLEM, "the body is not a JSON object"),
    ],
)
async def test_no_problem(
    api_client_factory: APIClientFactory, body: object, status: int, content_type: str, fault: str
) -> None:
    """What is no proper problem fails, with the fault and the body."""
    client = await api_client_factory(answering(body, status, content_type))
    response = await client.get("/", expect=status, raw=True)
    with pytest.raises(AssertionError) as caught:
        await assert_problem(response, 404, code="not_found")
    assert fault in str(caught.value)


async def test_problem_of_a_body() -> None:
    """A decoded body is refused, with the fix."""
    body: Any = GOOD
    with pytest.raises(TypeError, match="raw=True"):
        await assert_problem(body, 404)


CLOCK = web.AppKey("CLOCK", str)


async def test_override(api_client_factory: APIClientFactory) -> None:
    """A value is replaced for a while, on an application that runs, and comes back after an error."""

    async def now(request: web.Request) -> web.Response:
        return web.json_response(request.app.get(CLOCK))

    app = web.Application()
    app[CLOCK] = "real"
    app.router.add_get("/", now)
    client = await api_client_factory(app)
    with contextlib.suppress(ZeroDivisionError), override(app, CLOCK, "frozen") as value:
        assert value == await client.get("/") == "frozen"
        raise ZeroDivisionError
    assert await client.get("/") == "real"


def test_override_of_nothing() -> None:
    """A key that was not there is not there afterwards."""
    app = web.Application()
    with override(app, CLOCK, "frozen"):
        assert app[CLOCK] == "frozen"
    assert CLOCK not in app


@web.middleware
async def problems(request: web.Request, handler: Any) -> web.StreamResponse:
    """A middleware such as an application has it."""
    try:
        response: web.StreamResponse = await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        allow = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
        return proper(error.status, allow)
    except ValueError:
        return proper(400, {})
    except Exception:
        return proper(500, {})
    return response


def proper(status: int, headers: dict[str, str]) -> web.Response:
    body = {"title": "Error", "status": status}
    return web.json_response(body, status=status, headers=headers, content_type=PROBLEM)


@web.middleware
async def leaks(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        response: web.StreamResponse = await handler(request)
    except RuntimeError as error:
        body = {"title": "Error", "status": 500, "detail": str(error)}
        return web.json_response(body, status=500, content_type=PROBLEM)
    return response


@web.middleware
async def wrong_kind(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        response: web.StreamResponse = await handler(request)
    except ValueError:
        return proper(500, {})
    return response


async def read_json(request: web.Request) -> web.Response:
    return web.json_response(await request.json())


async def redirect(request: web.Request) -> web.Response:
    raise web.HTTPFound("/")


def application(*middlewares: Any) -> web.Application:
    inner = web.Application()
    inner.router.add_put("/artist/{id:[a-z]}/", read_json)
    app = web.Application(middlewares=middlewares)
    app.router.add_post("/artist/", read_json)
    app.router.add_get("/old", redirect)
    app.add_subapp("/inner/", inner)
    return app


async def test_contract() -> None:
    """An application whose errors are all problems passes."""
    await assert_error_contract(application(problems))


@pytest.mark.parametrize(
    ("middlewares", "faults"),
    [
        (
            [],
            [
                "(unknown path): the media type is text/plain, not application/problem+json",
                "GET /old (crash): the media type is text/plain",
                "DELETE /artist/ (wrong method): the media type is text/plain",
                "POST /artist/ (malformed JSON): answered 500 Internal Server Error",
                "POST /artist/ (oversized): the media type is text/plain",
                "POST /artist/ (wrong media type): answered 500 Internal Server Error",
                "PUT /inner/artist/x/ (malformed JSON): answered 500",
                "PUT /inner/artist/x/ (crash): the body is not a JSON object",
            ],
        ),
        ([problems, leaks], ["POST /artist/ (crash): the answer tells what crashed"]),
        ([problems, wrong_kind], ["POST /artist/ (malformed JSON): answered 500"]),
    ],
)
async def test_broken_contract(middlewares: list[Any], faults: list[str]) -> None:
    """Each answer that is no proper problem is named, all of them at once."""
    with pytest.raises(AssertionError) as caught:
        await assert_error_contract(application(*middlewares))
    for fault in faults:
        assert fault in str(caught.value)


class Album(web.View):
    async def get(self) -> web.Response:
        return web.Response()

    async def post(self) -> web.Response:
        return web.Response(status=500, text="<h1>", content_type="text/html")


async def any_method(request: web.Request) -> web.Response:
    if request.method == "POST":
        return web.Response(status=500, text="<h1>", content_type="text/html")
    return web.Response()


async def begun(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    raise ZeroDivisionError


async def never(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


async def forbidden(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Authorization") != "Bearer x":
        return proper(401, {})
    return await read_json(request)


@pytest.mark.parametrize(
    ("route", "fault"),
    [
        (web.view("/x", Album), "POST /x (malformed JSON): answered 500"),
        (web.route("*", "/x", any_method), "POST /x (wrong media type): answered 500"),
        (web.post("/x", begun), "POST /x (malformed JSON): the connection was cut"),
        (web.post("/x", never), "POST /x (malformed JSON): no answer in"),
        (web.get(r"/{year:19\d\d}", read_json), "/{year}: no example fits; give parts="),
    ],
)
async def test_contract_of_one_route(
    monkeypatch: pytest.MonkeyPatch, route: web.RouteDef, fault: str
) -> None:
    """Views, `*`, cut and stuck answers, odd patterns: none passes unseen."""
    monkeypatch.setattr("webaio.testing._contract._TIMEOUT", ClientTimeout(total=0.2))
    app = web.Application(middlewares=[problems])
    app.add_routes([route])
    with pytest.raises(AssertionError) as caught:
        await assert_error_contract(app)
    assert fault in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
async def test_contract_of_a_closed_application(status: int) -> None:
    """Who is not let in is answered rightly, if it is by a problem."""

    @web.middleware
    async def closed(request: web.Request, handler: Any) -> web.StreamResponse:
        return proper(status, {})

    await assert_error_contract(application(closed))


ODD: dict[str, tuple[Callable[..., web.Response], str]] = {
    "media type": (
        lambda body, **options: web.Response(
            text=json.dumps(body), content_type=PROBLEM, charset="utf-8", **options
        ),
        "its Content-Type is application/problem+json; charset=utf-8; that of most is application",
    ),
    "spelling": (
        lambda body, **options: web.Response(
            body=json.dumps(body, separators=(",", ":")).encode(), content_type=PROBLEM, **options
        ),
        "its JSON is written compact; that of most is with spaces",
    ),
    "a member more": (
        lambda body, **options: answer({**body, "request_id": "1"}, **options),
        "its members are request_id, status, title; that of most is status, title",
    ),
    "a member less": (
        lambda body, **options: answer({"title": "Error", "help": "x"}, **options),
        "its members are title; that of most is status, title",
    ),
    "no member of the formatter": (
        lambda body, **options: answer({"title": "Error", "status": 400}, **options),
        "it has no help; that of an unknown path has",
    ),
}


def answer(body: dict[str, Any], **options: Any) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), content_type=PROBLEM, **options)


@pytest.mark.parametrize("name", ODD)
async def test_contract_of_two_voices(name: str) -> None:
    """A problem that is not like the others of its application is named, with the difference."""
    odd, fault = ODD[name]

    @web.middleware
    async def errors(request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            response: web.StreamResponse = await handler(request)
        except ValueError:
            return odd({"title": "Error", "status": 400, "help": "x"}, status=400)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            headers = {name: text for name, text in error.headers.items() if name == "Allow"}
            body = {"title": "Error", "status": error.status, "help": "x"}
            return answer(body, status=error.status, headers=headers)
        except Exception:
            return answer({"title": "Error", "status": 500, "help": "x"}, status=500)
        return response

    with pytest.raises(AssertionError) as caught:
        await assert_error_contract(application(errors))
    _, *lines = str(caught.value).splitlines()
    assert lines
    assert all(fault in line for line in lines)
    assert any("POST /artist/ (malformed JSON)" in line for line in lines)


async def test_contract_of_an_exceptions_own_members() -> None:
    """A member that one kind of error has is no difference."""

    @web.middleware
    async def errors(request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            response: web.StreamResponse = await problems(request, handler)
        except ValueError:
            return proper(400, {})
        if response.status == 400:
            body = {"title": "Error", "status": 400, "errors": [], "why": 1}
            return web.json_response(body, status=400, content_type=PROBLEM)
        return response

    await assert_error_contract(application(errors))


async def test_contract_of_members_of_a_login() -> None:
    """What only a 401 tells is no difference, even where most answers are one."""

    @web.middleware
    async def errors(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path.startswith("/artist"):
            body = {"title": "Error", "status": 401, "login_url": "/login"}
            return web.json_response(body, status=401, content_type=PROBLEM)
        return await problems(request, handler)

    await assert_error_contract(application(errors))


async def test_contract_of_a_ring_of_causes() -> None:
    """A middleware may tie exceptions into a ring; logging them ends."""

    @web.middleware
    async def tying(request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            response: web.StreamResponse = await handler(request)
        except web.HTTPException:
            first, second = ValueError(), KeyError()
            first.__context__, second.__context__ = second, first
            logging.getLogger().error("failed", exc_info=second)
            raise
        return response

    await assert_error_contract(application(problems, tying))


async def test_contract_with_headers_and_parts() -> None:
    """Credentials and parts of URLs can be given; each variable has an example of its own."""
    app = web.Application(middlewares=[problems])
    app.router.add_post(r"/{year:19\d\d}/{id:\d+}/{name:[a-z]+}", forbidden)
    headers = {"Authorization": "Bearer x"}
    await assert_error_contract(app, headers=headers, parts={"year": "1983"})


async def test_contract_of_a_sub_application_with_its_own_errors() -> None:
    """What a sub-application answers itself is not judged by what its parent would say."""
    inner = web.Application(middlewares=[problems])
    inner.router.add_post("/artist/", read_json)
    app = web.Application(middlewares=[only_http])
    app.add_subapp("/inner/", inner)
    await assert_error_contract(app)


STATE: web.AppKey[dict[str, str]] = web.AppKey("state", dict[str, str])


def nested(*inmost: Any) -> web.Application:
    """Serve a sub-application in a sub-application, each with middlewares; the inner has state."""

    @web.middleware
    async def with_state(request: web.Request, handler: Any) -> web.StreamResponse:
        request.app[STATE]["seen"] = str(request.config_dict["old"])
        response: web.StreamResponse = await handler(request)
        return response

    @web.middleware
    async def passes(request: web.Request, handler: Any) -> web.StreamResponse:
        response: web.StreamResponse = await handler(request)
        return response

    async def fill(app: web.Application) -> None:
        app[STATE] = {}

    inner = web.Application(middlewares=[*inmost, with_state])
    inner.on_startup.append(fill)
    inner.router.add_get("/artist/{id:[a-z]+}", redirect)
    inner.router.add_get("/artist/{name:x}", redirect)  # has the same example
    inner.router.add_view("/view", Album)
    middle = web.Application(middlewares=[passes])
    middle.add_subapp("/inner", inner)
    app = web.Application(middlewares=[problems])
    with pytest.warns(web.NotAppKeyWarning):
        app["old"] = "state"
    app.add_subapp("/middle", middle)
    app.add_domain("other.example.org", web.Application())
    app.router.add_get("/{year:19[0-9][0-9]}", redirect)
    return app


async def test_contract_below_middlewares_of_a_sub_application() -> None:
    """Handlers crash there too; what the application's own middlewares make of it is judged."""
    with pytest.raises(AssertionError) as caught:
        await assert_error_contract(nested(leaks), parts={"year": "1983"})
    told = [line for line in str(caught.value).splitlines() if "(crash)" in line]
    assert told == [
        "GET /middle/inner/artist/x (crash): the answer tells what crashed",
        "GET /middle/inner/artist/x (crash): the answer tells what crashed",
        "GET /middle/inner/view (crash): the answer tells what crashed",
        "POST /middle/inner/view (crash): the answer tells what crashed",
    ]


@pytest.mark.parametrize("domain", ["other.example.org", "*.example.org", "other.example.org:8080"])
@pytest.mark.parametrize("inmost", [[], [leaks]])
async def test_contract_of_another_host(domain: str, inmost: list[Any]) -> None:
    """A sub-application of another host is asked there, below its own middlewares too."""

    async def plain(request: web.Request) -> web.Response:
        return web.Response(status=500, text="plain")

    inner = web.Application(middlewares=inmost)
    inner.router.add_post("/only-there", plain)
    app = web.Application(middlewares=[problems])
    app.add_domain(domain, inner)
    with pytest.raises(AssertionError) as caught:
        await assert_error_contract(app)
    told = str(caught.value)
    assert "POST /only-there (malformed JSON): answered 500" in told
    assert ("POST /only-there (crash): the answer tells what crashed" in told) == bool(inmost)


async def test_contract_below_good_middlewares() -> None:
    """Where nothing leaks, nothing is told of a crash; a URL without an example is told once."""
    with pytest.raises(AssertionError) as caught:
        await assert_error_contract(nested())
    assert "(crash)" not in str(caught.value)
    assert str(caught.value).count("give parts={'year'") == 1


@web.middleware
async def only_http(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        response: web.StreamResponse = await handler(request)
    except web.HTTPException as error:
        return proper(error.status, {})
    return response


async def test_contract_wants_a_new_application(
    api_client: APIClient, app: web.Application
) -> None:
    """An application that runs is refused, with the fix."""
    with pytest.raises(RuntimeError, match="Give a new application"):
        await assert_error_contract(app)


@pytest.fixture
def app() -> web.Application:
    return application(problems)


def documented(
    answer: object, *, refuses: bool = True, prefix: str = "", **document: Any
) -> web.Application:
    """Serve one operation that takes an integer, and its document."""

    async def detail(request: web.Request) -> web.Response:
        if refuses and not request.match_info["id"].lstrip("-").isdecimal():
            return web.json_response({}, status=404)
        return web.json_response(answer)

    async def show(request: web.Request) -> web.Response:
        answers = {"type": "array", "items": {"type": "string"}}
        identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
        operation = {
            "responses": {
                "200": {"description": "", "content": {"application/json": {"schema": answers}}},
                "404": {"description": ""},
            },
        }
        item = {"summary": "An artist", "parameters": [identity], "get": operation, "x-a": {}}
        complete = {
            "openapi": "3.1.0",
            "info": {"title": "Artists", "version": "1"},
            "paths": {"/artist/{id}/": item, "x-paths": {}},
        }
        return web.json_response(complete | document)

    app = web.Application()
    app.router.add_get(f"{prefix}/artist/{{id}}/", detail)
    app.router.add_get("/openapi.json", show)
    return app


async def test_openapi() -> None:
    """An application that does what its document says passes."""
    await assert_matches_openapi(documented(["a"]), examples=5)
    elsewhere = [{"url": "https://api.example.org/api/"}]
    app = documented(["a"], prefix="/api", servers=elsewhere)
    await assert_matches_openapi(app, examples=5)


@pytest.mark.parametrize(
    ("app", "message"),
    [
        (documented([1]), "GET /artist/{id}/: .*Response violates schema"),
        (documented(["a"], paths={}), "/openapi.json: the document has no operation"),
        (
            documented(["a"], paths={"/x": {"get": {"responses": {"200": {"$ref": "#/no"}}}}}),
            "GET /x: .*pointer.*no",
        ),
        (documented(["a"], refuses=False), "GET /artist/{id}/: .*schema-violating request"),
    ],
)
async def test_broken_document(app: web.Application, message: str) -> None:
    """One that does not fails, with the operation and what it did."""
    with pytest.raises(AssertionError, match=f"(?is){message}"):
        await assert_matches_openapi(app, examples=5)


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def one_operation(
    handler: Handler,
    *,
    media_type: str = "text/plain",
    statuses: Sequence[int] = (200,),
    **more: Any,
) -> web.Application:
    """Serve `GET /it` with a handler, and the document of it."""
    answers = {
        str(status): {"description": "", "content": {media_type: {}}}
        if status == 200
        else {"description": ""}
        for status in statuses
    }

    async def show(request: web.Request) -> web.Response:
        item = {"get": {"responses": answers} | more}
        info = {"title": "One", "version": "1"}
        return web.json_response({"openapi": "3.1.0", "info": info, "paths": {"/it": item}})

    app = web.Application()
    app.router.add_get("/it", handler)
    app.router.add_get("/openapi.json", show)
    return app


def streaming(media_type: str, pause: float) -> Handler:
    """Make a handler that sends lines without end; its client is not told how many."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": media_type})
        await response.prepare(request)
        while True:
            await response.write(b'{"data": 1}\n' * 1000)
            await asyncio.sleep(pause)

    return handler


async def endless_payload(request: web.Request) -> web.Response:
    async def items() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    return web.Response(body=items(), content_type="text/plain")


@pytest.mark.parametrize(
    ("media_type", "pause"),
    [("text/event-stream", 0.01), ("application/jsonl", 3600), ("text/plain", 0)],
)
async def test_endless_stream(media_type: str, pause: float) -> None:
    """A stream without end, busy or idle, is ended, and what came until then is right."""
    app = one_operation(streaming(media_type, pause), media_type=media_type)
    async with asyncio.timeout(20):
        await assert_matches_openapi(app, examples=2)


async def test_endless_payload() -> None:
    """One that is aiohttp's payload is ended, too."""
    async with asyncio.timeout(20):
        await assert_matches_openapi(one_operation(endless_payload), examples=2)


async def test_endless_stream_of_another_kind() -> None:
    """One that is not what the document says fails."""
    app = one_operation(streaming("text/plain", 0.01), media_type="text/event-stream")
    with pytest.raises(AssertionError, match=r"(?s)GET /it: .*Undocumented Content-Type"):
        await assert_matches_openapi(app, examples=2)


async def test_slow_json() -> None:
    """JSON that is sent bit by bit is waited for."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b"[")
        await asyncio.sleep(0.7)
        await response.write(b"1]")
        return response

    app = one_operation(handler, media_type="application/json")
    await assert_matches_openapi(app, examples=1)


def asked_for(values: list[str], place: str) -> tuple[web.Application, list[str]]:
    """Serve an operation that takes one of some values, and give with it those that it got."""
    got: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        found = request.query if place == "query" else request.headers
        got.append(found.get("X-A", ""))
        return web.Response(status=200 if got[-1] in values else 422, text="x")

    schema = {"type": "string", "enum": values}
    parameter = {"name": "X-A", "in": place, "required": True, "schema": schema}
    return one_operation(handler, statuses=(200, 400, 422), parameters=[parameter]), got


@pytest.mark.parametrize("place", ["query", "header"])
async def test_long_lines(place: str) -> None:
    """Nothing is sent that aiohttp refuses before the application has it."""
    values = ["a" * 8000, "a" * 8191, "é" * 3000, "a" * 100_000]
    app, got = asked_for(values if place == "query" else ["a" * 8000, "a" * 8191], place)
    await assert_matches_openapi(app, examples=10)
    assert "a" * 8000 in got


@pytest.mark.parametrize("place", ["query", "header"])
async def test_nothing_fits_in_a_line(place: str) -> None:
    """Where no request that fits can be sent, that is a failure."""
    app, _ = asked_for(["a" * 9000], place)
    with pytest.raises(AssertionError, match="GET /it: no request fits that has at most 8190"):
        await assert_matches_openapi(app, examples=2)


async def secret(request: web.Request) -> web.Response:
    status = 200 if request.headers.get("Authorization") == "Bearer a" else 401
    return web.Response(status=status, text="a secret")


async def test_not_let_in() -> None:
    """Where every request was answered 401, nothing was asked, and that is a failure."""
    with pytest.raises(
        AssertionError, match=r"GET /it: every request .* 401 Unauthorized; give he"
    ):
        await assert_matches_openapi(one_operation(secret, statuses=(200, 401)), examples=2)
    app = one_operation(secret, statuses=(200, 401))
    await assert_matches_openapi(app, examples=2, headers={"Authorization": "Bearer a"})


async def test_document_for_those_that_are_let_in() -> None:
    """The headers go with the request for the document, too."""

    @web.middleware
    async def guard(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Bearer a":
            return web.Response(status=401)
        response: web.StreamResponse = await handler(request)
        return response

    app = one_operation(secret, statuses=(200, 401))
    app.middlewares.append(guard)
    await assert_matches_openapi(app, examples=2, headers={"Authorization": "Bearer a"})


async def test_excluded_operation() -> None:
    """An operation that is excluded is not asked; one that is not there is refused."""
    app = documented([1])
    await assert_matches_openapi(app, exclude=["GET /artist/{id}/"])
    with pytest.raises(ValueError, match=r"no GET /artist/\. It has: GET /artist/\{id\}/"):
        await assert_matches_openapi(documented([1]), exclude=["GET /artist/"])
    one_name: Any = "GET /artist/{id}/"
    with pytest.raises(TypeError, match=r"Write exclude=\['GET /artist/\{id\}/'\]"):
        await assert_matches_openapi(documented([1]), exclude=one_name)


def uploading(*, checks_file: bool, checks_number: bool) -> web.Application:
    """Serve an operation that takes a form with a file, a number and a text."""

    async def upload(request: web.Request) -> web.Response:
        found = dict[str, str]()
        try:
            reader = await request.multipart()
            while isinstance(part := await reader.next(), BodyPartReader):
                content = bytes(await part.read()).decode("latin-1")
                found[str(part.name)] = "file" if part.filename else content
        except (AssertionError, HttpProcessingError, ValueError):
            return web.Response(status=400)
        is_number = re.fullmatch(r"-?[0-9]+(\.0)?", found.get("number", "0")) is not None
        is_good = (found.get("file") == "file" or not checks_file) and "text" in found
        is_good &= is_number or not checks_number
        return web.Response(status=200 if is_good else 422, text="x")

    members = {
        "file": {"type": "string", "format": "binary"},
        "number": {"type": "integer"},
        "text": {"type": "string"},
    }
    form = {"type": "object", "properties": members, "required": ["file", "text"]}
    body = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    answers = {
        "200": {"description": "", "content": {"text/plain": {}}},
        "422": {"description": "", "content": {"text/plain": {}}},
        "400": {"description": ""},
    }
    operation = {"requestBody": body, "responses": answers}
    app = documented([], paths={"/file/": {"post": operation}})
    app.router.add_post("/file/", upload)
    return app


OLD = tuple(map(int, version("schemathesis").split(".")[:2])) < (4, 32)


@pytest.mark.skipif(OLD, reason="it takes a form with a file for a wrong one, which fits")
@pytest.mark.filterwarnings("ignore::aiohttp.BadContentDispositionHeader")
async def test_forms() -> None:
    """A form that fits as text is none that must be refused; one that does not fit so, is."""
    await assert_matches_openapi(uploading(checks_file=True, checks_number=True), examples=30)
    for app in (
        uploading(checks_file=False, checks_number=True),
        uploading(checks_file=True, checks_number=False),
    ):
        with pytest.raises(AssertionError, match=r"(?i)schema-violating request"):
            await assert_matches_openapi(app, examples=30)


def refusing() -> web.Application:
    """Serve one operation that takes nothing, and refuses it."""

    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({}, status=422)

    responses = {"responses": {"200": {"description": ""}, "422": {"description": ""}}}
    app = documented([], paths={"/name/": {"get": responses}})
    app.router.add_get("/name/", refuse)
    return app


async def test_refusals() -> None:
    """A request that fits must be taken, unless the status is named that refuses it."""
    with pytest.raises(AssertionError, match=r"(?i)schema-(valid|compliant) request"):
        await assert_matches_openapi(refusing(), examples=2)
    await assert_matches_openapi(refusing(), examples=2, refusals={"GET /name/": [422]})
    with pytest.raises(ValueError, match=r"refusals: the document has no GET /nam/"):
        await assert_matches_openapi(refusing(), refusals={"GET /nam/": [422]})


async def test_openapi_wants_a_new_application(api_client: APIClient, app: web.Application) -> None:
    """An application that runs is refused, with the fix."""
    with pytest.raises(RuntimeError, match="Give a new application"):
        await assert_matches_openapi(app)


async def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without schemathesis the error says what to install."""
    monkeypatch.setitem(sys.modules, "schemathesis", None)
    with pytest.raises(ImportError, match=r"Install webaio-testing\[openapi\]"):
        await assert_matches_openapi(documented(["a"]))


async def test_no_document() -> None:
    """An application without a document fails, too."""
    with pytest.raises(AssertionError, match=r"/openapi\.json: .*404 Not Found"):
        await assert_matches_openapi(web.Application())
