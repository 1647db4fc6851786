"""A handler that answers its own errors, as an error middleware above it would."""

import functools
import json
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from aiohttp.typedefs import Handler, Middleware
from hypothesis import given
from hypothesis import strategies as st
from pytest_aiohttp import AiohttpClient

from webaio.exceptions import (
    APIException,
    BadRequest,
    Conflict,
    Fault,
    NotFound,
    ValidationError,
    exception_of_status,
)
from webaio.middlewares import (
    api_exception_handler,
    exception_handler,
    handle_exceptions,
    request_id_middleware,
)
from webaio.middlewares._problem import encoded_errors, encoded_problem, problem_for
from webaio.responses import Head, JSONResponse

TAKEN = Fault("/name", "taken", "It is taken")


def raising(error: Exception | type[Exception]) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        """Raise."""
        raise error

    return handler


def application(handler: Handler, *middlewares: Middleware) -> web.Application:
    app = web.Application(middlewares=middlewares)
    app.router.add_route("*", "/", handler)
    return app


@web.middleware
async def transparent(request: web.Request, handler: Handler) -> web.StreamResponse:
    return await handler(request)


def seeing(seen: list[Exception]) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as error:
            seen.append(error)
            raise

    return middleware


ERRORS = [
    NotFound("Not here", headers={"X-A": "b"}, hint=1),
    NotFound,
    ValidationError(errors=[TAKEN, {"b": 1}]),
    BadRequest(errors=[TAKEN]),
    web.HTTPConflict(text="Taken", headers={"X-A": "b"}),
    web.HTTPMethodNotAllowed("GET", ["PUT"]),
    web.HTTPUnavailableForLegalReasons("http://a.b/"),
    web.HTTPBadRequest(text="{}", content_type="application/json"),
    web.HTTPFound("/there"),
    type("Odd", (APIException,), {"status_code": 499}),
    web.RequestPayloadError("broken"),
    RuntimeError("a bug"),
]


@pytest.mark.parametrize("error", ERRORS, ids=str)
@pytest.mark.parametrize(
    "middlewares",
    [(), (request_id_middleware,), (transparent,), (api_exception_handler, transparent)],
)
async def test_the_same_answer(
    aiohttp_client: AiohttpClient, error: Any, middlewares: Sequence[Middleware]
) -> None:
    """It is what the middleware answers, however often: status, headers and body."""
    expected = await aiohttp_client(application(raising(error), api_exception_handler))
    client = await aiohttp_client(application(handle_exceptions(raising(error)), *middlewares))
    is_own = isinstance(error, (APIException, type))
    if not is_own and middlewares == (transparent,):
        return  # left to the middlewares of the application, and to aiohttp
    for _ in range(2):
        wanted = await expected.get("/", allow_redirects=False)
        answer = await client.get("/", allow_redirects=False)
        assert answer.status == wanted.status
        headers = {name: text for name, text in answer.headers.items() if name != "X-Request-ID"}
        assert headers.keys() == wanted.headers.keys()
        assert {**headers, "Date": ""} | {"Content-Length": ""} == {
            **wanted.headers, "Date": "", "Content-Length": ""
        }  # fmt: skip
        problem, wanted_problem = await answer.text(), await wanted.text()
        if "request_id" in problem:
            told = json.loads(problem)
            assert told.pop("request_id") == answer.headers["X-Request-ID"]
            assert told == json.loads(wanted_problem)
        else:
            assert problem == wanted_problem


async def test_the_nearest_middleware_answers(aiohttp_client: AiohttpClient) -> None:
    """The map, the formatter and the log are those of the nearest error middleware."""
    inner = exception_handler(problem=lambda request, problem: {"inner": problem["code"]})
    outer = exception_handler(problem=lambda request, problem: {"outer": problem["code"]})
    handler = handle_exceptions(raising(NotFound))
    for middlewares, who in (((outer, inner), "inner"), ((outer, inner, transparent), "inner")):
        client = await aiohttp_client(application(handler, *middlewares))
        assert json.loads(await (await client.get("/")).text()) == {who: "not_found"}
    above = application(raising(NotFound), outer)
    above.add_subapp("/sub", application(handler, inner))
    client = await aiohttp_client(above)
    assert json.loads(await (await client.get("/sub/")).text()) == {"inner": "not_found"}
    mapped = exception_handler(map={KeyError: NotFound})
    client = await aiohttp_client(application(handle_exceptions(raising(KeyError)), mapped))
    assert (await client.get("/")).status == 404


async def test_what_stands_between_sees_it(aiohttp_client: AiohttpClient) -> None:
    """Under an error middleware the exception itself; without one, an answer of aiohttp from it."""
    error, seen = NotFound(), list[Exception]()
    handler = handle_exceptions(raising(error))
    client = await aiohttp_client(application(handler, api_exception_handler, seeing(seen)))
    assert (await client.get("/")).status == 404
    assert seen == [error]
    client = await aiohttp_client(application(handler, seeing(seen)))
    assert (await client.get("/")).status == 404
    assert isinstance(seen[-1], web.HTTPNotFound)
    assert isinstance(seen[-1], NotFound)
    assert seen[-1].__cause__ is error


class ArtistMissing(NotFound):
    """Takes what it says in a constructor of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(f"No {name}", headers={"X-A": "b"}, name=name)
        self.name = self.status = name


class Named(APIException):
    """A class that not everybody may extend."""

    status_code = 418

    def __init_subclass__(cls, *, name: str, **options: Any) -> None:
        super().__init_subclass__(**options)


class Made(NotFound):
    """Is made by a constructor of its own."""

    def __new__(cls, artist: str) -> Self:
        return super().__new__(cls, artist)


class Fixed(NotFound):
    """Lets nothing be set."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in ("detail", "code", "members", "headers"):
            raise AttributeError(name)
        super().__setattr__(name, value)


REGISTERED: dict[str, type] = {}


class Registered(NotFound):
    """Keeps a list of its subclasses."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.code in REGISTERED:
            raise ValueError(cls.code)
        REGISTERED[cls.code] = cls


class Second(Registered):
    code = "second"


class Slotted(NotFound):
    __slots__ = ("artist",)

    def __init__(self, artist: str) -> None:
        super().__init__()
        self.artist = artist


class Shadowing(NotFound):
    """Has attributes that a response has, too."""

    def __init__(self) -> None:
        super().__init__()
        self.prepare = self.body = self.status = True


ODD = [Made("a"), Fixed(), Second(), Slotted("a"), Shadowing()]


@pytest.mark.parametrize("error", ODD, ids=lambda error: type(error).__name__)
async def test_classes_that_mind(aiohttp_client: AiohttpClient, error: APIException) -> None:
    """Where others stand, an exception of any class is answered; none is extended that would notice."""
    client = await aiohttp_client(application(handle_exceptions(raising(error)), transparent))
    for _ in range(2):
        response = await client.get("/")
        assert response.status == 404
        assert (await response.json(content_type=None))["code"] == error.code
    assert {"second": Second} == REGISTERED


async def test_what_others_see_of_it(aiohttp_client: AiohttpClient) -> None:
    """Its name, arguments, traceback and headers are those of what was raised."""
    seen: list[Any] = []
    error = Conflict("Taken", headers={"X-A": "b"}, hint=1)

    async def inner(request: web.Request) -> web.StreamResponse:
        raise error

    @handle_exceptions
    async def outer(request: web.Request) -> web.StreamResponse:
        return await handle_exceptions(inner)(request)

    @web.middleware
    async def own(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except APIException as raised:
            seen.append(raised)
            told = {"why": raised.code, **raised.members}
            return web.json_response(told, status=raised.status_code, headers=raised.headers)

    client = await aiohttp_client(application(outer, own))
    for _ in range(2):
        response = await client.get("/")
        assert (response.status, response.headers["X-A"]) == (409, "b")
        assert await response.json() == {"why": "conflict", "hint": 1}
    raised = seen.pop()
    assert type(raised).__name__ == "Conflict"
    assert type(raised).__module__ == Conflict.__module__
    assert (raised.args, str(raised)) == (("Taken",), "Taken")
    assert raised.problem() == error.problem()
    assert "inner" in "".join(traceback.format_exception(raised))
    assert error.__traceback__ is None


@pytest.mark.parametrize("error", [ArtistMissing("Gus"), Named("No tea")], ids=["own", "closed"])
async def test_errors_of_an_application_of_its_own(
    aiohttp_client: AiohttpClient, error: APIException
) -> None:
    """A middleware of the application may answer an `APIException` as it likes, or let it be."""

    @web.middleware
    async def own(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ArtistMissing as missing:
            told = {"name": missing.name, "code": missing.code, "header": missing.headers["X-A"]}
            return web.json_response(told)

    client = await aiohttp_client(application(handle_exceptions(raising(error)), own))
    for _ in range(2):
        response = await client.get("/")
        if isinstance(error, ArtistMissing):
            assert await response.json() == {
                "name": "Gus",
                "code": "not_found",
                "header": "b",
            }
        else:
            assert response.status == 418
            assert (await response.json(content_type=None))["detail"] == "No tea"


def wrapped(inner: Middleware, seen: list[Any]) -> Middleware:
    """A middleware that calls another around a transaction of its own."""

    @web.middleware
    @functools.wraps(inner)
    async def outer(request: web.Request, handler: Handler) -> web.StreamResponse:
        async def in_transaction(request: web.Request) -> web.StreamResponse:
            try:
                response = await handler(request)
            except Exception as error:
                seen.append(type(error))
                raise
            seen.append(None)
            return response

        return await inner(request, in_transaction)

    return outer


async def test_a_wrapped_error_middleware(aiohttp_client: AiohttpClient) -> None:
    """It is not known from outside: what it does in between sees the exception, and it answers."""
    seen: list[Any] = []
    short = exception_handler(
        map={KeyError: NotFound}, problem=lambda request, problem: {"why": problem["code"]}
    )

    @web.middleware
    async def adding(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            error.headers["X-Added"] = "1"
            error.set_cookie("a", "b")
            raise

    for raised in (Conflict, KeyError):
        handler = handle_exceptions(raising(raised))
        client = await aiohttp_client(application(handler, wrapped(short, seen), adding))
        response = await client.get("/")
        assert json.loads(await response.text()) == {
            "why": "conflict" if raised is Conflict else "not_found"
        }
        assert issubclass(seen.pop(), raised)
        if raised is Conflict:
            assert response.headers["X-Added"] == "1"
            assert response.headers["Set-Cookie"] == "a=b; Path=/"


async def test_constants_collect_nothing(aiohttp_client: AiohttpClient) -> None:
    """An exception in a constant keeps no traceback, and so no request."""
    error = NotFound()
    for middlewares in ((), (transparent,), (api_exception_handler, transparent)):
        client = await aiohttp_client(application(handle_exceptions(raising(error)), *middlewares))
        for _ in range(3):
            assert (await client.get("/")).status == 404
        assert error.__traceback__ is None


@dataclass(frozen=True)
class Taken(Exception):
    """An exception whose attributes cannot be set."""

    name: str = "Gus"


async def test_frozen_exceptions(aiohttp_client: AiohttpClient) -> None:
    """They are mapped, and answered, as any other."""
    client = await aiohttp_client(
        application(raising(Taken()), exception_handler(map={Taken: Conflict}))
    )
    assert (await client.get("/")).status == 409
    client = await aiohttp_client(application(handle_exceptions(raising(Taken()))))
    response = await client.get("/")
    assert (response.status, response.content_type) == (500, "application/problem+json")


class ArtistView(web.View):
    """Methods that answer their own errors."""

    @handle_exceptions
    async def get(self) -> web.StreamResponse:
        raise NotFound

    @handle_exceptions
    async def method(self, request: web.Request) -> web.StreamResponse:
        raise Conflict


async def test_methods(aiohttp_client: AiohttpClient) -> None:
    """A method is decorated as a function is, that of a view too."""
    app = web.Application()
    app.router.add_view("/", ArtistView)
    app.router.add_get("/method", ArtistView.method.__get__(object()))
    client = await aiohttp_client(app)
    assert (await (await client.get("/")).json(content_type=None))["code"] == "not_found"
    assert (await (await client.get("/method")).json(content_type=None))["code"] == "conflict"


async def test_a_mocked_request() -> None:
    """A handler can be called with aiohttp's mocked request."""
    response = await handle_exceptions(raising(NotFound))(make_mocked_request("GET", "/"))
    assert response.status == 404


@pytest.mark.parametrize(
    "error",
    [
        ValidationError(errors=[Fault("/a", "b", 5)]),  # type: ignore[arg-type]  # a mistake of theirs
        ValidationError(errors=[Fault(5, "b", "c")]),  # type: ignore[arg-type]  # a mistake of theirs
        type("Titled", (NotFound,), {"title": {"en": "x"}}),
        type("Detailed", (NotFound,), {"detail": ["x"]}),
    ],
    ids=["detail", "pointer", "title", "class"],
)
async def test_words_that_are_no_text(aiohttp_client: AiohttpClient, error: Any) -> None:
    """They are written as the JSON that they are: a mistake there hides no error."""
    client = await aiohttp_client(application(handle_exceptions(raising(error))))
    response = await client.get("/")
    assert response.status == (404 if isinstance(error, type) else 422)


async def test_errors_of_a_class(aiohttp_client: AiohttpClient) -> None:
    """A class may have its faults as an attribute."""
    kind = type("NameTaken", (ValidationError,), {"errors": [TAKEN]})
    client = await aiohttp_client(application(handle_exceptions(raising(kind))))
    problem = await (await client.get("/")).json(content_type=None)
    assert problem["errors"] == [TAKEN.problem("query")]
    formatted = exception_handler(problem=lambda request, problem: {"errors": problem["errors"]})
    client = await aiohttp_client(application(raising(kind), formatted))
    problem = await (await client.get("/")).json(content_type=None)
    assert problem == {"errors": [TAKEN.problem("query")]}


async def test_status_line(aiohttp_client: AiohttpClient) -> None:
    """Its words are those of the title, in any Python."""
    for status in (413, 422):
        for headers in ({}, {"X-A": "b"}):
            error = exception_of_status(status)(headers=headers)
            client = await aiohttp_client(application(handle_exceptions(raising(error))))
            assert (await client.get("/")).reason == error.title


async def test_sub_application(aiohttp_client: AiohttpClient) -> None:
    """What stands between is looked for in all applications that the request passes."""
    seen = list[Exception]()
    for inner, outer in (((), (seeing(seen),)), ((seeing(seen),), ())):
        above = web.Application(middlewares=[api_exception_handler, *outer])
        above.add_subapp("/sub", application(handle_exceptions(raising(NotFound)), *inner))
        client = await aiohttp_client(above)
        assert (await client.get("/sub/")).status == 404
        assert isinstance(seen.pop(), NotFound)


def test_it_is_still_the_handler() -> None:
    """It has the handler's name and docstring."""
    handler = handle_exceptions(raising(NotFound))
    assert (handler.__name__, handler.__doc__) == ("handler", "Raise.")


@pytest.mark.parametrize(
    ("method", "body", "source"),
    [
        ("GET", None, "query"),
        ("GET", b"{}", "query"),
        ("POST", b"{}", "body"),
        ("POST", None, "query"),
        ("DELETE", None, "query"),
        ("PATCH", b"{}", "body"),
    ],
)
async def test_source_of_a_fault(
    aiohttp_client: AiohttpClient, method: str, body: bytes | None, source: str
) -> None:
    """Where nobody says where a fault is, it is in the body that was sent, and never in a GET's."""
    said = Fault("/key", "type", "No", "header")
    for middlewares in (
        (),
        (api_exception_handler,),
        (exception_handler(problem=lambda _, one: one),),
    ):
        error = ValidationError(errors=[TAKEN, said])
        client = await aiohttp_client(application(handle_exceptions(raising(error)), *middlewares))
        problem = json.loads(await (await client.request(method, "/", data=body)).text())
        assert [each["in"] for each in problem["errors"]] == [source, "header"]


class Shaped(ValidationError):
    """Writes its errors in a form of its own."""

    def problem(self) -> dict[str, Any]:
        return {**super().problem(), "errors": {"count": len(self.errors)}}


async def test_errors_of_its_own_form(aiohttp_client: AiohttpClient) -> None:
    """A class that shapes its problem itself is left alone."""
    client = await aiohttp_client(application(handle_exceptions(raising(Shaped(errors=[TAKEN])))))
    assert (await (await client.post("/")).json(content_type=None))["errors"] == {"count": 1}


TEXTS = st.text(st.characters(exclude_categories=()))
SOURCES = st.sampled_from([None, "body", "cookie", "header", "path", "query"])
FAULTS = st.builds(Fault, TEXTS, TEXTS, TEXTS, SOURCES)
OTHERS = st.dictionaries(st.text(), st.integers() | st.text())


@given(st.lists(FAULTS | OTHERS, min_size=1))
async def test_both_ways_of_writing_faults(errors: list[Any]) -> None:
    """Faults are written piece by piece; the bytes are those of the whole problem."""
    request, error = make_mocked_request("GET", "/"), ValidationError(errors=errors)
    written = encoded_errors(request, error.errors).encode("utf-8", "replace")
    assert b'"errors":' + written in encoded_problem(problem_for(request, error))


async def test_a_begun_response(aiohttp_client: AiohttpClient) -> None:
    """Nothing is written into a response that has begun: the client sees that its end is missing."""

    def beginning(error: Exception) -> Handler:
        @handle_exceptions
        async def handler(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse()
            await response.prepare(request)
            await response.write(b"1")
            raise error

        return handler

    for error in (NotFound(), web.HTTPConflict(), RuntimeError()):
        handler = beginning(error)
        for middlewares in ((), (transparent,), (api_exception_handler,)):
            client = await aiohttp_client(application(handler, *middlewares))
            response = await client.get("/")
            with pytest.raises(Exception, match=r"payload|not completed"):
                await response.read()


async def test_json_response_is_public(aiohttp_client: AiohttpClient) -> None:
    """A plain handler may answer by it; its head is made once."""
    created = Head(201)

    async def create(request: web.Request) -> web.Response:
        return JSONResponse(created, b'{"id":1}', location="/1/")

    client = await aiohttp_client(application(create, request_id_middleware))
    response = await client.post("/")
    assert (response.status, await response.json()) == (201, {"id": 1})
    assert response.headers["Location"] == "/1/"
    assert response.headers["X-Request-ID"]
