"""One application speaks of its errors in one voice, whoever finds them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from aiohttp.typedefs import Handler, Middleware
from msgspec import Struct, structs
from pytest_aiohttp import AiohttpClient

from webaio.decorators import action
from webaio.exceptions import (
    APIException,
    Conflict,
    Fault,
    NotAcceptable,
    NotAuthenticated,
    NotFound,
    ParseError,
    ValidationError,
    exception_of_status,
)
from webaio.middlewares import (
    api_exception_handler,
    exception_handler,
    request_id_middleware,
)
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

Client = TestClient[web.Request, web.Application]

SECRET = "SELECT password FROM artist"
SHARED = Conflict()
JSON = {"Content-Type": "application/json"}
ERRORS: dict[str, Callable[[], Exception]] = {
    "bug": lambda: RuntimeError(SECRET),
    "own": lambda: NotFound("No such artist", hint="Try 1"),
    "shared": lambda: SHARED,
    "malformed": lambda: ParseError("No number"),
    "credentials": NotAuthenticated,
    "acceptable": NotAcceptable,
    "fault": lambda: ValidationError(errors=[Fault("/name", "taken", "It is taken", "header")]),
    "of aiohttp": lambda: web.HTTPConflict(text="Taken"),
    "of aiohttp, 401": web.HTTPUnauthorized,
    "of aiohttp, large": lambda: web.HTTPRequestEntityTooLarge(1, 2),
    "of aiohttp, 415": web.HTTPUnsupportedMediaType,
}


class Artist(Struct):
    name: str


class ArtistViewSet(BaseViewSet):
    """Typed, and with actions of a request alone."""

    async def list(self, raises: str = "", limit: int = 1) -> int:
        if raises:
            raise ERRORS[raises]()
        return limit

    async def create(self, body: Artist) -> Artist:
        return body

    async def detail(self, id: int) -> int:
        return id

    @action(detail=False)
    async def untyped(self, request: web.Request) -> web.Response:
        raise ERRORS[request.query["raises"]]()

    @action(detail=False)
    async def returned(self) -> web.Response:
        return web.HTTPGone()


async def bare_list(request: web.Request) -> web.Response:
    if request.query["raises"] == "nothing":
        return None  # type: ignore[return-value]  # a mistake of theirs
    raise ERRORS[request.query["raises"]]()


async def bare_create(request: web.Request) -> web.Response:
    return web.json_response(await request.json())


class BareViewSet(BaseViewSet):
    """The tutorial's form."""

    list = staticmethod(bare_list)
    create = staticmethod(bare_create)


async def plain(request: web.Request) -> web.StreamResponse:
    raise ERRORS[request.query["raises"]]()


def routes(namespace: str) -> list[web.AbstractRouteDef]:
    router = SimpleRouter(namespace=namespace)
    router.register(ArtistViewSet, basename="artist")
    router.register(BareViewSet, basename="bare")
    return [*router.routespatters, web.get("/plain/", plain)]


def application(
    *middlewares: Middleware, inner: tuple[Middleware, ...] | None = None, namespace: str = ""
) -> web.Application:
    """Make an application; with `inner` the same again, in a sub-application with these."""
    app = web.Application(middlewares=middlewares, client_max_size=100)
    app.add_routes(routes(namespace))
    if inner is not None:
        app.add_subapp("/sub", application(*inner, namespace="sub"))
    return app


class Asked(Struct):
    """A request, and what its answer must be."""

    status: int
    path: str
    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = {}
    code: str = ""
    by_router: bool = True


ASKED = [
    *(
        Asked(status, f"{path}?raises={name}", code=code, by_router=path != "/plain/")
        for path in ("/artist/", "/artist/untyped/", "/bare/", "/plain/")
        for name, status, code in (
            ("bug", 500, "internal_server_error"),
            ("own", 404, "not_found"),
            ("shared", 409, "conflict"),
            ("malformed", 400, "parse_error"),
            ("credentials", 401, "not_authenticated"),
            ("acceptable", 406, "not_acceptable"),
            ("fault", 422, "invalid"),
            ("of aiohttp", 409, "conflict"),
            ("of aiohttp, 401", 401, "unauthorized"),
            ("of aiohttp, large", 413, "content_too_large"),
            ("of aiohttp, 415", 415, "unsupported_media_type"),
        )
    ),
    Asked(400, "/artist/", "POST", b"{", JSON, code="parse_error"),
    Asked(400, "/artist/", "POST", b'{"name":1,"name":2}', JSON, code="parse_error"),
    Asked(400, "/bare/", "POST", b"{", JSON, code="parse_error"),
    Asked(404, "/artist/x/", code="not_found"),
    Asked(404, "/nowhere/", code="not_found", by_router=False),
    Asked(405, "/artist/", "PUT", code="method_not_allowed"),
    Asked(405, "/artist/1/", "DELETE", code="method_not_allowed"),
    Asked(405, "/plain/", "PUT", code="method_not_allowed", by_router=False),
    Asked(410, "/artist/returned/", code="gone"),
    Asked(413, "/artist/", "POST", b'"%s"' % (b"x" * 100), JSON, code="content_too_large"),
    Asked(413, "/bare/", "POST", b'"%s"' % (b"x" * 100), JSON, code="content_too_large"),
    Asked(415, "/artist/", "POST", b"x", code="unsupported_media_type"),
    Asked(422, "/artist/", "POST", b'{"name":1}', JSON, code="invalid"),
    Asked(422, "/artist/?limit=x", code="invalid"),
    Asked(500, "/bare/?raises=nothing", code="internal_server_error"),
]


async def ask(client: Client, asked: Asked, below: str = "") -> dict[str, Any]:
    """Make a request, and check all that problems have in common; give the problem."""
    response = await client.request(
        asked.method, below + asked.path, data=asked.body, headers=asked.headers
    )
    text = await response.text()
    assert response.status == asked.status
    assert response.headers.getall("Content-Type") == ["application/problem+json"]
    assert SECRET not in text
    problem: dict[str, Any] = json.loads(text)
    assert text == json.dumps(problem, separators=(",", ":"), ensure_ascii=False)
    if asked.status == 401:
        assert response.headers["WWW-Authenticate"] == "Bearer"
    if asked.status == 405:
        assert "OPTIONS" in response.headers["Allow"] or not asked.by_router
    return problem


def names(asked: Asked) -> list[str]:
    """Give the members of a problem, in order."""
    own = {"own": ["hint"], "fault": ["errors"]}.get(asked.path.partition("raises=")[2], [])
    if asked.status == 422 and not own:
        own = ["errors"]
    return ["type", "title", "status", "detail", "code", *own, "instance"]


@web.middleware
async def transparent(request: web.Request, handler: Handler) -> web.StreamResponse:
    return await handler(request)


FORMS = {
    "nothing": ((), ()),
    "errors": ((api_exception_handler,), ()),
    "errors in both": ((api_exception_handler,), (api_exception_handler,)),
    "errors, and others between": ((api_exception_handler, transparent), (transparent,)),
    "errors, and others outside": ((transparent, api_exception_handler), ()),
    "others only": ((transparent,), (transparent,)),
}


@pytest.mark.parametrize("form", FORMS)
async def test_one_voice(aiohttp_client: AiohttpClient, form: str) -> None:
    """One media type, one spelling, the same members in one order, whoever finds an error."""
    outer, inner = FORMS[form]
    client = await aiohttp_client(application(*outer, inner=inner))
    for below in ("", "/sub"):
        for asked in ASKED:
            if api_exception_handler not in outer and not _is_answered_alone(asked, outer + inner):
                continue
            problem = await ask(client, asked, below)
            assert list(problem) == names(asked)
            assert problem["code"] == asked.code
            assert problem["title"] == exception_of_status(asked.status).title
            assert problem["instance"] == (below + asked.path).partition("?")[0]


def _is_answered_alone(asked: Asked, middlewares: tuple[Middleware, ...]) -> bool:
    """Tell what a router answers without an error middleware.

    What is no `APIException` is left to other middlewares, and to aiohttp.
    """
    is_own = asked.status != 500 and asked.path not in ("/bare/", "/artist/returned/")
    return asked.by_router and ((is_own and "of aiohttp" not in asked.path) or not middlewares)


def short(request: web.Request, problem: dict[str, Any]) -> dict[str, Any]:
    return {"why": problem["code"], "path": problem["instance"], "errors": problem.get("errors")}


async def wrapping(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A middleware of the application's own around the errors."""
    return await FORMATTING(request, handler)


FORMATTING = exception_handler(problem=short)


@pytest.mark.parametrize(
    "middlewares",
    [(FORMATTING,), (FORMATTING, transparent), (web.middleware(wrapping),)],
    ids=["alone", "with another", "wrapped"],
)
async def test_formatter(
    aiohttp_client: AiohttpClient, middlewares: tuple[Middleware, ...]
) -> None:
    """A formatter shapes every error."""
    client = await aiohttp_client(application(*middlewares, inner=()))
    for below in ("", "/sub"):
        for asked in ASKED:
            problem = await ask(client, asked, below)
            assert list(problem) == ["why", "path", "errors"]
            assert problem["why"] == asked.code


@pytest.mark.parametrize(
    "middlewares",
    [
        (request_id_middleware, api_exception_handler),
        (api_exception_handler, request_id_middleware),
        (request_id_middleware, api_exception_handler, transparent),
        (request_id_middleware,),
        (request_id_middleware, transparent),
    ],
)
async def test_request_id(
    aiohttp_client: AiohttpClient, middlewares: tuple[Middleware, ...]
) -> None:
    """Each problem has the id of its request, in the header and in the body."""
    client = await aiohttp_client(application(*middlewares))
    for asked in ASKED:
        is_alone = api_exception_handler not in middlewares
        if is_alone and not _is_answered_alone(asked, middlewares[1:]):
            continue
        headers = {**asked.headers, "X-Request-ID": "a1"}
        problem = await ask(client, structs.replace(asked, headers=headers))
        is_inside = middlewares[0] is api_exception_handler
        assert problem.get("request_id") == "a1" or is_inside


class Seen:
    """A middleware that keeps what it sees, as a transaction would."""

    def __init__(self) -> None:
        self.seen: list[BaseException | None] = []

    def middleware(self) -> Middleware:
        @web.middleware
        async def transaction(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                response = await handler(request)
            except BaseException as error:
                self.seen.append(error)
                raise
            self.seen.append(None)
            return response

        return transaction


async def test_what_a_transaction_sees(aiohttp_client: AiohttpClient) -> None:
    """Between an action and the error middleware each error is the exception that it is."""
    transaction = Seen()
    app = application(api_exception_handler, transaction.middleware())
    client = await aiohttp_client(app)
    for asked in ASKED:
        await ask(client, asked)
        seen = transaction.seen[-1]
        status = getattr(seen, "status", None) or getattr(seen, "status_code", 500)
        assert status == asked.status or asked.path.startswith("/bare/")
        assert seen is not None
        if (
            asked.by_router
            and asked.code in ("invalid", "parse_error")
            and "/bare" not in asked.path
        ):
            assert isinstance(seen, APIException)
    await ask(client, Asked(409, "/artist/?raises=shared"))
    assert transaction.seen[-1] is SHARED


async def test_what_a_transaction_sees_alone(aiohttp_client: AiohttpClient) -> None:
    """Without an error middleware it sees what was raised, which aiohttp can send as the problem."""
    transaction = Seen()
    client = await aiohttp_client(application(transaction.middleware()))
    for asked in (each for each in ASKED if each.by_router):
        is_answered = _is_answered_alone(asked, (transparent,))
        if is_answered:
            await ask(client, asked)
        else:
            await client.request(asked.method, asked.path, data=asked.body, headers=asked.headers)
        seen = transaction.seen[-1]
        if is_answered:
            assert isinstance(seen, APIException)
            assert isinstance(seen, web.HTTPException)
            assert isinstance(seen.__cause__, APIException)
            known = {404: web.HTTPNotFound, 405: web.HTTPMethodNotAllowed, 409: web.HTTPConflict}
            assert isinstance(seen, known.get(asked.status, web.HTTPException))
        else:
            assert not isinstance(seen, APIException)


async def test_errors_of_an_application_of_its_own(aiohttp_client: AiohttpClient) -> None:
    """Its own error middleware sees its own exceptions, and may answer them."""

    @web.middleware
    async def own(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except RuntimeError:
            return web.Response(status=503)

    client = await aiohttp_client(application(own))
    assert (await client.get("/artist/?raises=bug")).status == 503
    assert (await client.get("/bare/?raises=bug")).status == 503


class Moving(BaseViewSet):
    """Sets another request, or none."""

    async def before(self) -> None:
        if "nothing" in self.request.query:
            self.request = None  # type: ignore[assignment]  # a mistake of theirs
        else:
            self.request = self.request.clone(rel_url="/elsewhere/")

    async def list(self, x: int = 1) -> None:
        raise NotFound


async def test_the_request_that_was_asked(aiohttp_client: AiohttpClient) -> None:
    """A problem is about the request that came, whatever `before` has made of it."""
    router = SimpleRouter()
    router.register(Moving, basename="moving")
    app = web.Application()
    app.add_routes(router.routespatters)
    client = await aiohttp_client(app)
    for query, status in (("", 404), ("?nothing", 500)):
        response = await client.get(f"/moving/{query}")
        assert response.status == status
        assert (await response.json(content_type=None))["instance"] == "/moving/"


async def test_cookies_and_redirects(aiohttp_client: AiohttpClient) -> None:
    """An exception of aiohttp keeps its headers and cookies; a redirect stays one."""

    class Away(BaseViewSet):
        async def list(self, to: str = "") -> None:
            error = web.HTTPFound(to) if to else web.HTTPConflict(headers={"X-A": "b"})
            error.set_cookie("a", "b")
            raise error

    for middlewares in ((), (api_exception_handler,), (api_exception_handler, transparent)):
        router = SimpleRouter()
        router.register(Away, basename="away")
        app = web.Application(middlewares=middlewares)
        app.add_routes(router.routespatters)
        client = await aiohttp_client(app)
        for _ in range(2):
            response = await client.get("/away/?to=/there", allow_redirects=False)
            assert (response.status, response.headers["Location"]) == (302, "/there")
            assert response.headers.getall("Set-Cookie") == ["a=b; Path=/"]
            response = await client.get("/away/")
            assert (response.status, response.headers["X-A"]) == (409, "b")
            assert response.headers.getall("Set-Cookie") == ["a=b; Path=/"]
            assert response.content_type == "application/problem+json"


async def test_what_is_logged(
    aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug is logged once, with its traceback, with and without the middleware."""
    for middlewares in ((), (api_exception_handler,), (api_exception_handler, transparent)):
        caplog.clear()
        client = await aiohttp_client(application(*middlewares))
        await client.get("/artist/?raises=bug")
        (record,) = [each for each in caplog.records if each.exc_info]
        assert record.name == "webaio.middlewares"
        assert record.exc_info is not None
        assert isinstance(record.exc_info[1], RuntimeError)


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        (b"{", 1, 2),
        (b'{"name":1,}', 1, 11),
        (b'{"name":\n  x}', 2, 3),
        ('{"née": "é",\n"é" 1}'.encode(), 2, 5),
        (b'{"name":"a"}}', 1, 14),
    ],
)
async def test_place_of_malformed_json(
    aiohttp_client: AiohttpClient, body: bytes, line: int, column: int
) -> None:
    """A 400 says the line and the column, in characters, of a typed and of an untyped action."""
    client = await aiohttp_client(application(api_exception_handler))
    response = await client.post("/artist/", data=body, headers=JSON)
    detail = (await response.json(content_type=None))["detail"]
    assert detail == f"The body is not valid JSON: line {line}, column {column}."
    response = await client.post("/bare/", data=body, headers=JSON)
    detail = (await response.json(content_type=None))["detail"]
    assert detail.startswith(f"The body is not valid JSON: line {line}, column ")
