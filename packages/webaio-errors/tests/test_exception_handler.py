import contextlib
import copy
import enum
import gc
import json
import logging
import unicodedata
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, make_mocked_request
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pytest_aiohttp import AiohttpClient
from yarl import URL

import webaio.exceptions
from webaio.exceptions import (
    APIException,
    Conflict,
    NotFound,
    ServiceUnavailable,
    exception_of_status,
)
from webaio.middlewares import api_exception_handler, exception_handler
from webaio.middlewares._answer import _common, api_response
from webaio.middlewares._problem import encoded_problem, problem_for
from webaio.middlewares._request_id import _request_id
from webaio.middlewares._responder import Responder

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Client = TestClient[web.Request, web.Application]

CLASSES = [
    member
    for member in vars(webaio.exceptions).values()
    if isinstance(member, type) and issubclass(member, APIException)
]
SECRET = "SELECT password FROM artist"


def raising(error: BaseException | type[BaseException]) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        raise error

    return handler


def application(handler: Handler, **options: Any) -> web.Application:
    app = web.Application(middlewares=[exception_handler(**options)])
    app.router.add_route("*", "/x/{id}", handler)
    return app


async def problem_of(response: Any, status: int) -> dict[str, Any]:
    """Check the form of a problem (RFC 9457), and give it."""
    assert response.status == status
    assert response.headers.getall("Content-Type") == ["application/problem+json"]
    problem: dict[str, Any] = json.loads(await response.text())
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"] == exception_of_status(status).title
    assert problem["instance"] == response.url.raw_path
    assert isinstance(problem["detail"], str)
    assert isinstance(problem["code"], str)
    return problem


@pytest.mark.parametrize("exception", CLASSES)
@pytest.mark.parametrize("form", ["class", "instance"])
@pytest.mark.parametrize("nested", [False, True])
async def test_tree(
    aiohttp_client: AiohttpClient, exception: type[APIException], form: str, nested: bool
) -> None:
    """Every exception is answered, raised as a class or as one shared instance, again and again."""
    app = application(raising(exception if form == "class" else exception()))
    if nested:
        app, inner = web.Application(middlewares=[api_exception_handler]), app
        app.add_subapp("/sub/", inner)
    client = await aiohttp_client(app)
    for _ in range(3):
        response = await client.get("/sub/x/1" if nested else "/x/1")
        problem = await problem_of(response, exception.status_code)
        assert problem["detail"] == exception.detail
        assert problem["code"] == exception.code
        for name, value in exception().headers.items():
            assert response.headers[name] == value


async def test_unchanged(aiohttp_client: AiohttpClient) -> None:
    """What was raised is as it was before: nothing is added to it."""
    error = NotFound("x", headers={"Content-Type": "text/html", "X-A": "b"}, member=1)
    before = copy.deepcopy(vars(error))
    client = await aiohttp_client(application(raising(error)))
    response = await client.get("/x/1")
    assert (await problem_of(response, 404))["member"] == 1
    assert response.headers["X-A"] == "b"
    assert vars(error) == before


@pytest.mark.parametrize("kind", [NotFound, web.HTTPNotFound])
async def test_headers_of_another_body(aiohttp_client: AiohttpClient, kind: Any) -> None:
    """Headers that describe a body which is not sent are dropped."""
    foreign = {
        "Content-Encoding": "gzip",
        "Content-Length": "3",
        "Content-Type": "text/plain",
        "ETag": '"x"',
        "Last-Modified": "Sat, 01 Jan 2000 00:00:00 GMT",
    }
    client = await aiohttp_client(application(raising(kind(headers=foreign))))
    response = await client.get("/x/1")
    await problem_of(response, 404)
    assert not {"Content-Encoding", "ETag", "Last-Modified"} & set(response.headers)


@pytest.mark.parametrize(
    "error", [KeyError(SECRET), RuntimeError(SECRET), web.HTTPInternalServerError(text=SECRET)]
)
async def test_unknown(
    aiohttp_client: AiohttpClient, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """A 500 tells nothing of what happened; the log tells all."""
    client = await aiohttp_client(application(raising(error)))
    response = await client.get("/x/1")
    problem = await problem_of(response, 500)
    assert SECRET not in await response.text()
    assert type(error).__name__ not in await response.text()
    assert problem["detail"] == "A server error occurred."
    (record,) = [record for record in caplog.records if record.name == "webaio.middlewares"]
    assert record.getMessage() == "GET /x/{id}: 500 (request -)"
    assert record.exc_info is not None
    assert record.exc_info[1] is error


class Down(ServiceUnavailable):
    def __init__(self) -> None:
        super().__init__(retry_after=1)
        self.__cause__ = KeyError()


@pytest.mark.parametrize(
    ("error", "has_traceback"), [(ServiceUnavailable(), False), (Down(), True)]
)
async def test_refused_for_now(
    aiohttp_client: AiohttpClient,
    error: Exception,
    has_traceback: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A 503 is logged without a traceback where nothing else is the reason: many come at once."""
    client = await aiohttp_client(application(raising(error)))
    await problem_of(await client.get("/x/1"), 503)
    (record,) = [record for record in caplog.records if record.name == "webaio.middlewares"]
    assert record.levelname == "ERROR"
    assert bool(record.exc_info) is has_traceback


async def test_quiet_client_errors(
    aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    """What a client did wrong is logged at debug level only, without a traceback."""
    caplog.set_level(logging.DEBUG, "webaio.middlewares")
    client = await aiohttp_client(application(raising(NotFound())))
    await client.get("/x/1")
    await client.get("/nowhere")
    found = [
        (record.levelname, record.getMessage(), record.exc_info)
        for record in caplog.records
        if record.name == "webaio.middlewares"
    ]
    assert found == [
        ("DEBUG", "GET /x/{id}: 404 (request -)", None),
        ("DEBUG", "GET /nowhere: 404 (request -)", None),
    ]


@pytest.mark.parametrize(
    ("error", "detail", "headers"),
    [
        (web.HTTPNotFound(), "Not found.", {}),
        (web.HTTPNotFound(text="No such artist"), "No such artist", {}),
        (web.HTTPNotFound(text=""), "Not found.", {}),
        (web.HTTPNotFound(reason="No such artist"), "No such artist", {}),
        (web.HTTPNotFound(text="<b>x</b>", content_type="text/html"), "Not found.", {}),
        (
            web.HTTPMethodNotAllowed("GET", ["PUT", "POST"]),
            "The method is not allowed here.",
            {"Allow": "POST,PUT"},
        ),
        (
            web.HTTPUnauthorized(headers={"WWW-Authenticate": "Key"}),
            "Authentication is needed.",
            {"WWW-Authenticate": "Key"},
        ),
        (
            web.HTTPUnauthorized(),
            "Authentication is needed.",
            {"WWW-Authenticate": "Bearer"},
        ),
        (
            web.HTTPServiceUnavailable(headers={"Retry-After": "3"}, text="Back soon"),
            "Back soon",
            {"Retry-After": "3"},
        ),
        (
            web.HTTPUnavailableForLegalReasons("http://a.b/"),
            "Unavailable For Legal Reasons.",
            {"Link": '<http://a.b/>; rel="blocked-by"'},
        ),
    ],
)
async def test_exceptions_of_aiohttp(
    aiohttp_client: AiohttpClient,
    error: web.HTTPException,
    detail: str,
    headers: dict[str, str],
) -> None:
    """An HTTP exception becomes a problem with its own words, headers and cookies, every time."""
    error.set_cookie("a", "b")
    client = await aiohttp_client(application(raising(error)))
    for _ in range(2):
        response = await client.get("/x/1")
        assert (await problem_of(response, error.status))["detail"] == detail
        assert response.headers.items() >= headers.items()
        assert response.headers.getall("Set-Cookie") == ["a=b; Path=/"]


@pytest.mark.parametrize(
    "error",
    [
        web.HTTPNotFound(text='{"a": 1}', content_type="application/json"),
        web.HTTPConflict(text='{"a": 1}', content_type="application/vnd.api+json"),
        web.HTTPBadRequest(text='{"a": 1}', content_type="application/problem+json"),
        web.HTTPFound("/there"),
        web.HTTPNotModified(),
        web.HTTPOk(text="fine"),
        web.HTTPNoContent(),
    ],
)
async def test_complete_answers(aiohttp_client: AiohttpClient, error: web.HTTPException) -> None:
    """Redirects, successes and JSON bodies go out as they are, every time, and are not changed."""
    error.set_cookie("a", "b")
    headers = dict(error.headers)
    client = await aiohttp_client(application(raising(error)))
    for _ in range(2):
        response = await client.get("/x/1", allow_redirects=False)
        assert (response.status, response.reason) == (error.status, error.reason)
        expected = b"" if error.empty_body else error.body
        assert await response.read() == expected
        assert response.headers.items() >= {**headers, "Set-Cookie": "a=b; Path=/"}.items()
    assert dict(error.headers) == headers
    assert not error.prepared


@pytest.mark.parametrize("result", [None, "text", {"a": 1}, web.HTTPNotFound(), web.HTTPGone])
async def test_results_that_are_no_response(aiohttp_client: AiohttpClient, result: Any) -> None:
    """A handler that returns no response is a 500; one that returns an exception is answered."""

    async def handler(request: web.Request) -> Any:
        return result

    client = await aiohttp_client(application(handler))
    expected = 404 if isinstance(result, web.HTTPNotFound) else 500
    for _ in range(2):
        await problem_of(await client.get("/x/1"), expected)


async def test_what_aiohttp_raises_itself(aiohttp_client: AiohttpClient) -> None:
    """An unknown path, a wrong method and too large a body are problems."""

    async def read(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    app = web.Application(middlewares=[api_exception_handler], client_max_size=10)
    app.router.add_put("/", read)
    client = await aiohttp_client(app)
    await problem_of(await client.get("/nowhere"), 404)
    response = await client.post("/")
    await problem_of(response, 405)
    assert response.headers["Allow"] == "PUT"
    problem = await problem_of(await client.put("/", data=b"x" * 11), 413)
    assert "10" in problem["detail"]
    assert (await client.head("/nowhere")).status == 404


class DatabaseError(Exception): ...


class IntegrityError(DatabaseError): ...


async def test_map(aiohttp_client: AiohttpClient) -> None:
    """Foreign exceptions become what the map says, the nearest class on the MRO first."""
    known = {Exception: Conflict, IntegrityError: lambda error: NotFound(str(error))}
    for error, status in ((IntegrityError("x"), 404), (DatabaseError(SECRET), 409)):
        client = await aiohttp_client(application(raising(error), map=known))
        response = await client.get("/x/1")
        await problem_of(response, status)
        assert SECRET not in await response.text()


async def test_map_leaves_answers_alone(aiohttp_client: AiohttpClient) -> None:
    """A map of Exception does not catch what is an answer already."""
    for error, status in ((NotFound(), 404), (web.HTTPGone(), 410), (web.HTTPFound("/"), 302)):
        client = await aiohttp_client(application(raising(error), map={Exception: Conflict}))
        response = await client.get("/x/1", allow_redirects=False)
        assert response.status == status


class NeedsAnArgument(APIException):
    def __init__(self, why: str) -> None:
        super().__init__(why)


async def never(*arguments: object) -> Any: ...


@pytest.mark.parametrize("formatter", [never, "text"])
def test_refused_formatters(formatter: Any) -> None:
    """A formatter is a plain function."""
    with pytest.raises(TypeError, match="Give a plain function"):
        exception_handler(problem=formatter)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"media_type": "text/html", "problem": dict}, "is not JSON. Write application/json"),
        ({"media_type": "application/json"}, "Give problem=, too"),
    ],
)
def test_refused_media_types(options: Any, message: str) -> None:
    """A media type is that of JSON, and problems have theirs."""
    with pytest.raises(TypeError, match=message):
        exception_handler(**options)


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"IntegrityError": Conflict}, "is not an exception class"),
        ({int: Conflict}, "is not an exception class"),
        ({KeyboardInterrupt: Conflict}, "is not an exception class"),
        ({NotFound: Conflict}, "NotFound is an answer already"),
        ({web.HTTPGone: Conflict}, "HTTPGone is an answer already"),
        ({KeyError: 404}, "KeyError leads to 404"),
        ({KeyError: ValueError}, "KeyError leads to"),
        ({KeyError: NeedsAnArgument}, "that needs no arguments"),
        ({KeyError: never}, "not async"),
    ],
)
def test_refused_maps(known: Any, message: str) -> None:
    """A map that cannot work is refused when the middleware is made."""
    with pytest.raises(TypeError, match=message):
        exception_handler(map=known)


async def test_formatter(aiohttp_client: AiohttpClient) -> None:
    """An application shapes the body; status and headers stay."""

    def short(request: web.Request, problem: dict[str, Any]) -> dict[str, Any]:
        return {"detail": problem["detail"], "path": request.path}

    error = NotFound("x", headers={"X-A": "b"})
    client = await aiohttp_client(application(raising(error), problem=short))
    response = await client.get("/x/1")
    assert (response.status, response.headers["X-A"]) == (404, "b")
    assert response.content_type == "application/problem+json"
    assert json.loads(await response.text()) == {"detail": "x", "path": "/x/1"}


@pytest.mark.parametrize("headers", [{}, {"X-A": "b"}])
@pytest.mark.parametrize("url", ["/x/1", "/nowhere"])
async def test_media_type(aiohttp_client: AiohttpClient, headers: Any, url: str) -> None:
    """What a formatter gives, which is no problem, has a media type of its own."""
    handler = raising(NotFound(headers=headers))
    options = {"problem": lambda request, problem: {"errors": []}, "media_type": "application/json"}
    client = await aiohttp_client(application(handler, **options))
    response = await client.get(url)
    assert (response.status, response.content_type) == (404, "application/json")
    assert await response.json() == {"errors": []}


def broken(*arguments: object) -> Any:
    raise RuntimeError(SECRET)


def with_status(status: int) -> APIException:
    error = APIException()
    error.status_code = status  # type: ignore[misc]  # nobody should
    return error


def with_cookie(error: web.HTTPException) -> web.HTTPException:
    error.set_cookie("a", "b")
    dict.__setitem__(error.cookies["a"], "path", "/\r\nX-Evil: 1")  # newer Pythons refuse it
    return error


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError(SECRET)


@pytest.mark.parametrize(
    ("error", "options"),
    [
        (KeyError("x"), {"map": {KeyError: broken}}),
        (KeyError("x"), {"map": {KeyError: lambda error: SECRET}}),
        (NotFound(), {"problem": broken}),
        (NotFound(), {"problem": lambda request, problem: {1j: 2}}),
        (NotFound(), {"problem": lambda request, problem: None}),
        (NotFound(), {"problem": lambda request, problem: [problem]}),
        (NotFound(), {"problem": lambda request, problem: web.json_response(problem)}),
        (NotFound(number=float("nan")), {}),
        (with_status(200), {}),
        (with_status(600), {}),
        (web.HTTPException(), {}),
        (with_cookie(web.HTTPNotFound()), {}),
        (with_cookie(web.HTTPFound("/")), {}),
        (NotFound(member=Unprintable()), {}),
        (NotFound(headers={"X-A": "b\r\nX-Evil: c"}), {}),
        (NotFound(headers={"X-A\r\nX-Evil": "c"}), {}),
        (web.HTTPNotFound(headers={"X-A": "b\nX-Evil: c"}), {}),
        (web.HTTPFound("/", headers={"X-A": "b\nX-Evil: c"}), {}),
    ],
)
async def test_what_cannot_be_sent(
    aiohttp_client: AiohttpClient,
    error: Exception,
    options: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where the application's own part fails, the answer is a plain 500, and the log says why."""
    client = await aiohttp_client(application(raising(error), **options))
    response = await client.get("/x/1", allow_redirects=False)
    await problem_of(response, 500)
    assert SECRET not in await response.text()
    assert "X-Evil" not in response.headers
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_members_json_does_not_know(aiohttp_client: AiohttpClient) -> None:
    """A member that JSON does not know goes out as its text."""
    client = await aiohttp_client(
        application(
            raising(
                NotFound(
                    path={
                        1,
                    },
                    at=ValueError("x"),
                )
            )
        )
    )
    problem = await problem_of(await client.get("/x/1"), 404)
    assert (problem["path"], problem["at"]) == ("{1}", "x")


@pytest.mark.parametrize("error", [NotFound(), APIException(), web.HTTPFound("/"), KeyError("x")])
async def test_constants_collect_nothing(aiohttp_client: AiohttpClient, error: Exception) -> None:
    """An exception in a constant does not keep the requests that it ended."""
    requests: weakref.WeakSet[web.Request] = weakref.WeakSet()

    async def handler(request: web.Request) -> web.StreamResponse:
        requests.add(request)
        raise error

    client = await aiohttp_client(application(handler))
    for _ in range(5):
        await client.get("/x/1", allow_redirects=False)
    gc.collect()
    assert len(requests) <= 1
    assert error.__traceback__ is None


async def test_closed_connections_stay_closed(aiohttp_client: AiohttpClient) -> None:
    """An HTTP exception that closes the connection does so as a problem, too."""
    for body in ({}, {"text": "{}", "content_type": "application/json"}):
        error = web.HTTPRequestEntityTooLarge(1, 2, **body)
        error.force_close()
        client = await aiohttp_client(application(raising(error)))
        assert (await client.get("/x/1")).headers["Connection"] == "close"


async def test_body_that_breaks_on_its_way(aiohttp_client: AiohttpClient) -> None:
    """A body that cannot be decompressed is the client's fault."""

    async def read(request: web.Request) -> web.StreamResponse:
        return web.Response(body=await request.read())

    client = await aiohttp_client(application(read))
    response = await client.post("/x/1", data=b"no gzip", headers={"Content-Encoding": "gzip"})
    assert (await problem_of(response, 400))["code"] == "parse_error"


async def test_logging_that_fails(aiohttp_client: AiohttpClient) -> None:
    """A filter of the application that raises does not change the answer."""
    logger = logging.getLogger("test_logging_that_fails")
    logger.addFilter(broken)
    for error, status in ((KeyError(SECRET), 500), (web.HTTPServiceUnavailable(), 503)):
        client = await aiohttp_client(application(raising(error), logger=logger))
        await problem_of(await client.get("/x/1"), status)


async def test_order_of_middlewares(aiohttp_client: AiohttpClient) -> None:
    """It answers for what is inside it, with other middlewares on both sides."""

    @web.middleware
    async def mark(request: web.Request, handler: Any) -> web.StreamResponse:
        response: web.StreamResponse = await handler(request)
        response.headers["X-Mark"] = "1"
        return response

    @web.middleware
    async def fail(request: web.Request, handler: Any) -> web.StreamResponse:
        await handler(request)
        raise KeyError("x")

    normalize = web.normalize_path_middleware(append_slash=True)
    app = web.Application(middlewares=[normalize, mark, api_exception_handler, fail])
    app.router.add_get("/there/", raising(NotFound()))
    client = await aiohttp_client(app)
    response = await client.get("/there/")
    assert response.headers["X-Mark"] == "1"
    await problem_of(response, 404)
    redirect = await client.get("/there", allow_redirects=False)
    assert (redirect.status, redirect.headers["Location"]) == (308, "/there/")


TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(detail=TEXT, code=TEXT, member=TEXT, header=TEXT)
@example(detail="\ud800", code="\ud800", member="\ud800", header="x")
async def test_any_text(
    any_error_client: Client, detail: str, code: str, member: str, header: str
) -> None:
    """Whatever text stands in an exception, the answer is a valid problem and injects nothing."""
    error = NotFound(detail, code=code, headers={"X-A": header}, member=member)
    body = await answer_to(any_error_client, error)
    if body["status"] == 404:
        assert body["detail"] == detail.encode("utf-8", "replace").decode("utf-8")
    else:
        assert any(unicodedata.category(character) in ("Cc", "Cs") for character in header)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=TEXT)
async def test_any_text_of_others(any_error_client: Client, text: str) -> None:
    """The same for the exceptions of aiohttp, and for unknown ones, of which nothing is told."""
    body = await answer_to(any_error_client, KeyError(text))
    assert body["detail"] == "A server error occurred."
    with contextlib.suppress(UnicodeEncodeError):  # aiohttp itself refuses surrogates
        body = await answer_to(any_error_client, web.HTTPConflict(text=text))
        assert body["detail"] in (text, Conflict.detail)


async def answer_to(client: Client, error: Exception) -> dict[str, Any]:
    """Have the error raised, check the head of the answer, and give the problem."""
    client.app[ERROR][0] = error
    response = await client.get("/x/1")
    body: dict[str, Any] = json.loads((await response.read()).decode("utf-8"))
    assert response.content_type == "application/problem+json"
    assert response.status == body["status"]
    assert body["type"] == "about:blank"
    assert set(response.headers) <= {"X-A", "Content-Type", "Content-Length", "Date", "Server"}
    return body


ERROR = web.AppKey("ERROR", list[Exception])


@pytest.fixture
async def any_error_client(aiohttp_client: AiohttpClient) -> Client:
    async def handler(request: web.Request) -> web.StreamResponse:
        raise request.app[ERROR][0]

    quiet = logging.getLogger("webaio.tests.quiet")  # a half character in a report stops xdist
    quiet.setLevel(logging.CRITICAL)
    app = application(handler, logger=quiet)
    errors: list[Exception] = [NotFound()]
    app[ERROR] = errors
    return await aiohttp_client(app)


class Torn(NotFound):
    detail = "half a character: \ud800"


class Overridden(NotFound):
    def problem(self) -> dict[str, Any]:
        return {**super().problem(), "title": "Nowhere"}


class Code(enum.Enum):
    GONE = "gone"


def coded(code: Any) -> APIException:
    error = NotFound()
    error.code = code
    return error


@pytest.mark.parametrize(
    "error",
    [
        NotFound(),
        NotFound('quote " and é and \u2028'),
        NotFound("told", code="other"),
        NotFound(members=["one"]),
        Conflict(),
        Overridden(),
        Torn(),
        coded(Code.GONE),
        coded(["unhashable"]),
        APIException(),
    ],
    ids=repr,
)
@pytest.mark.parametrize("request_id", [None, "id-1"])
@pytest.mark.parametrize("path", ["/x/1", "/x/%22%5c", '/x/"'])
async def test_written_in_part(error: APIException, request_id: str | None, path: str) -> None:
    """What is encoded once for all exceptions of a kind gives what encoding the whole gives."""
    request = make_mocked_request("GET", "/")
    request = request.clone(rel_url=URL(path, encoded=True))
    responder = Responder({}, api_response, logging.getLogger())
    token = _request_id.set(request_id)
    try:
        for _ in range(2):
            response = responder.respond(request, error)
            assert response.body == encoded_problem(problem_for(request, error))
            assert response.headers.get("X-Request-ID") == request_id
    finally:
        _request_id.reset(token)


async def test_changed_afterwards(aiohttp_client: AiohttpClient, monkeypatch: Any) -> None:
    """An attribute that is set later, on the class or the instance, is told from then on."""
    error = NotFound()
    client = await aiohttp_client(application(raising(error)))
    assert (await problem_of(await client.get("/x/1"), 404))["detail"] == "Not found."
    monkeypatch.setattr(NotFound, "detail", "Nothing here")
    assert (await problem_of(await client.get("/x/1"), 404))["detail"] == "Nothing here"
    monkeypatch.setattr(error, "title", "Nowhere")
    assert (await (await client.get("/x/1")).json())["title"] == "Nowhere"


class Teapot(int, enum.Enum):
    EMPTY = 418


class LanguageText:
    """A text that is translated when it is written."""

    language = "en"

    def __str__(self) -> str:
        return f"Not here ({LanguageText.language})"


class Translated(NotFound):
    title = LanguageText()  # type: ignore[assignment]  # a lazy text


class TranslatedDetail(NotFound):
    detail = LanguageText()  # type: ignore[assignment]  # a lazy text


@pytest.mark.parametrize(("kind", "member"), [(Translated, "title"), (TranslatedDetail, "detail")])
async def test_translated(
    aiohttp_client: AiohttpClient, monkeypatch: Any, kind: Any, member: str
) -> None:
    """A text of a class that is made when it is written is made for each answer."""
    client = await aiohttp_client(application(raising(kind)))
    for language in ("en", "es", "en"):
        monkeypatch.setattr(LanguageText, "language", language)
        problem = await (await client.get("/x/1")).json()
        assert problem[member] == f"Not here ({language})"


async def test_status_of_an_enum(aiohttp_client: AiohttpClient) -> None:
    """A status that is a member of an Enum is written as the number that it is."""

    class Empty(APIException):
        status_code = Teapot.EMPTY

    response = await (await aiohttp_client(application(raising(Empty)))).get("/x/1")
    assert (response.status, (await response.json())["status"]) == (418, 418)


def test_details_are_not_kept() -> None:
    """Only what a class says itself is kept: details hold what clients send."""
    request = make_mocked_request("GET", "/")
    responder = Responder({}, api_response, logging.getLogger())
    responder.respond(request, NotFound())
    kept = _common.cache_info().currsize
    for number in range(100):
        responder.respond(request, NotFound(f"Artist {number}"))
        responder.respond(request, NotFound(code=f"code_{number}"))
    assert _common.cache_info().currsize == kept
