"""What an action is given by functions: `Depends`."""

import asyncio
import dataclasses
import functools
import inspect
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, ClassVar, Final, Generic, TypeVar

import msgspec
import pytest
from aiohttp import ClientError, web
from aiohttp.test_utils import TestClient
from msgspec import Meta

from webaio.decorators import action, operation
from webaio.exceptions import APIException, ImproperlyConfigured, NotFound, PermissionDenied
from webaio.middlewares import api_exception_handler
from webaio.parameters import Body, Cookie, Depends, Header, Query, overriding
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

Client = TestClient[web.Request, web.Application]
CV = ClassVar
LOG = web.AppKey("log", list[str])
Integers = list[int]
Strings = list[str]


class Artist(msgspec.Struct):
    name: Annotated[str, Meta(min_length=1)]


class Conflict(APIException):
    status_code = 409


def log_of(request: web.Request) -> list[str]:
    return request.config_dict[LOG]


async def number(request: web.Request) -> int:
    log_of(request).append("number")
    return 7


def doubled(number: Annotated[int, Depends(number)]) -> int:
    return number * 2


async def session(request: web.Request) -> AsyncIterator[str]:
    log = log_of(request)
    log.append("begin")
    try:
        yield "session"
    except BaseException as error:
        log.append(f"rollback {type(error).__name__}")
        raise
    log.append("commit")


async def inner(
    request: web.Request, session: Annotated[str, Depends(session)]
) -> AsyncIterator[str]:
    log_of(request).append("inner begins")
    try:
        yield f"inner of {session}"
    finally:
        log_of(request).append("inner ends")


async def page(page: Annotated[int, Meta(ge=1)] = 1, size: int = 10) -> tuple[int, int]:
    return page, size


Number = Annotated[int, Depends(number)]
Session = Annotated[str, Depends(session)]
Page = Annotated[tuple[int, int], Depends(page)]


class Kinds(BaseViewSet):
    async def list(
        self,
        doubled: Annotated[int, Depends(doubled)],
        number: Number,
        again: Number,
        inner: Annotated[str, Depends(inner)],
        page: Page,
    ) -> dict[str, Any]:
        return {"all": [doubled, number, again, inner, page]}

    async def detail(self, id: int, session: Session) -> int:
        if id == 0:
            raise Conflict
        if id == 1:
            raise ZeroDivisionError
        if id == 2:
            raise web.HTTPGone
        if id == 3:
            await asyncio.sleep(30)
        return id

    async def create(self, session: Session, body: Artist, page: Page) -> Artist:
        return body

    async def update(self, id: int, session: Session) -> web.Response:
        return web.Response(status=500)


@pytest.fixture
async def client(aiohttp_client: Any) -> Client:
    return await client_of(aiohttp_client, Kinds)


async def client_of(aiohttp_client: Any, viewset: type[BaseViewSet], *middlewares: Any) -> Client:
    router = SimpleRouter()
    router.register(viewset, basename="artist")
    app = web.Application(middlewares=middlewares)
    app[LOG] = []
    app.add_routes(router.routespatters)
    client: Client = await aiohttp_client(app)
    return client


def log(client: Client) -> list[str]:
    """Give what the functions have written, and forget it."""
    found = client.app[LOG][:]
    client.app[LOG].clear()
    return found


async def test_kinds(client: Client) -> None:
    """Plain, async and generator functions, nested; each runs once, however often it is named."""
    response = await client.get("/artist/?page=3")
    assert await response.json() == {"all": [14, 7, 7, "inner of session", [3, 10]]}
    assert log(client) == ["number", "begin", "inner begins", "inner ends", "commit"]


@pytest.mark.parametrize(
    ("path", "status", "end"),
    [
        ("/artist/5/", 200, "commit"),
        ("/artist/0/", 409, "rollback Conflict"),
        ("/artist/1/", 500, "rollback ZeroDivisionError"),
        ("/artist/2/", 410, "rollback HTTPGone"),
    ],
)
@pytest.mark.parametrize("middlewares", [(), (api_exception_handler,)])
async def test_end(
    aiohttp_client: Any, path: str, status: int, end: str, middlewares: tuple[Any, ...]
) -> None:
    """What follows `yield` sees the exception that ended the action, with and without middleware."""
    client = await client_of(aiohttp_client, Kinds, *middlewares)
    assert (await client.get(path)).status == status
    assert log(client) == ["begin", end]


async def test_returned_error_is_no_exception(client: Client) -> None:
    """A response of any status is an answer."""
    assert (await client.put("/artist/5/")).status == 500
    assert log(client) == ["begin", "commit"]


async def seen(request: web.Request) -> AsyncGenerator[None, web.StreamResponse]:
    response = yield
    log_of(request).append(f"{response.status} {response.headers.get('X-After')}")


class Seen(BaseViewSet):
    async def after(self, response: web.StreamResponse) -> None:
        response.headers["X-After"] = "yes"

    @action(detail=False)
    async def typed(self, seen: Annotated[None, Depends(seen)]) -> int:
        return 1

    @action(detail=False)
    async def refuses(self, seen: Annotated[None, Depends(seen)]) -> web.Response:
        return web.Response(status=409)

    @action(detail=False)
    async def lines(self, seen: Annotated[None, Depends(seen)]) -> AsyncIterator[int]:
        yield 1


async def test_two_names_of_one_function(aiohttp_client: Any) -> None:
    class Twice(BaseViewSet):
        async def list(self, a: Number, b: Number) -> Integers:
            return [a, b]

    client = await client_of(aiohttp_client, Twice)
    assert await (await client.get("/artist/")).json() == [7, 7]
    assert log(client) == ["number"]


async def test_yield_gives_the_response(aiohttp_client: Any) -> None:
    """As `after` has left it; where the action raises, there is none."""
    client = await client_of(aiohttp_client, Seen)
    for path in ("typed", "refuses", "lines"):
        await (await client.get(f"/artist/{path}/")).read()
    assert log(client) == ["200 yes", "409 yes", "200 yes"]


async def test_faults_come_first(client: Client) -> None:
    """All parameters are read, those of functions too, before any function runs: one answer."""
    response = await client.post("/artist/?page=0&size=x", json={"name": ""})
    assert response.status == 422
    errors = (await response.json(content_type=None))["errors"]
    assert {(each["in"], each["pointer"]) for each in errors} == {
        ("body", "/name"),
        ("query", "/page"),
        ("query", "/size"),
    }
    assert (await client.get("/artist/x/")).status == 404
    assert log(client) == []


async def test_cancelled(aiohttp_client: Any) -> None:
    """The end runs when the client goes and the action is cancelled."""
    router = SimpleRouter()
    router.register(Kinds, basename="artist")
    app = web.Application()
    app[LOG] = []
    app.add_routes(router.routespatters)
    client = await aiohttp_client(app, server_kwargs={"handler_cancellation": True})
    with pytest.raises((TimeoutError, ClientError)):
        await asyncio.wait_for(client.get("/artist/3/"), 0.2)
    for _ in range(100):
        if len(app[LOG]) == 2:
            break
        await asyncio.sleep(0.02)
    assert app[LOG] == ["begin", "rollback CancelledError"]


class Order(BaseViewSet):
    """The attributes, the hook, the path, the rest, the functions, the action, the hook, the ends."""

    session: Session

    async def before(self) -> None:
        log_of(self.request).append(f"before {self.session}")

    async def after(self, response: web.StreamResponse) -> None:
        log_of(self.request).append(f"after {self.session}")

    async def list(self, session: Session, number: Number, page: Page) -> Strings:
        log_of(self.request).append("action")
        return [session, self.session]

    async def detail(self, request: web.Request) -> web.Response:
        return web.Response(text=self.session)

    @action(detail=False)
    async def lines(self, number: Number) -> AsyncIterator[int]:
        yield number
        log_of(self.request).append("item")
        yield number
        if "fail" in self.request.query:
            raise ZeroDivisionError


async def test_order(aiohttp_client: Any) -> None:
    """What an attribute has is what a parameter has, and the end comes after `after`."""
    client = await client_of(aiohttp_client, Order)
    assert await (await client.get("/artist/")).json() == ["session", "session"]
    expected = ["begin", "before session", "number", "action", "after session", "commit"]
    assert log(client) == expected
    assert (await client.get("/artist/?page=x")).status == 422
    assert log(client) == ["begin", "before session", "rollback ValidationError"]
    assert await (await client.get("/artist/5/")).text() == "session"
    assert log(client) == ["begin", "before session", "after session", "commit"]


async def test_stream(aiohttp_client: Any) -> None:
    """Of a stream the end comes after the last item, and sees what broke it."""
    client = await client_of(aiohttp_client, Order)
    assert await (await client.get("/artist/lines/")).text() == "7\n7\n"
    middle = ["begin", "before session", "number", "after session", "item"]
    assert log(client) == [*middle, "commit"]
    with pytest.raises(ClientError):
        await (await client.get("/artist/lines/?fail")).text()
    assert log(client) == [*middle, "rollback ZeroDivisionError"]


async def failing_end(request: web.Request) -> AsyncIterator[int]:
    yield 1
    raise Conflict("At the end.")


async def failing_begin(session: Session) -> AsyncIterator[int]:
    raise Conflict("At the beginning.")
    yield 1


async def swallowing(session: Session) -> AsyncIterator[int]:
    with suppress(Exception):
        yield 1


async def replacing(session: Session) -> AsyncIterator[int]:
    try:
        yield 1
    except ZeroDivisionError:
        raise Conflict("In place of it.") from None


async def twice(session: Session) -> AsyncIterator[int]:
    yield 1
    yield 2


async def never(session: Session) -> AsyncIterator[int]:
    if not session:
        yield 1


class Ends(BaseViewSet):
    async def list(self, session: Session, end: Annotated[int, Depends(failing_end)]) -> int:
        return end

    async def create(self, begin: Annotated[int, Depends(failing_begin)]) -> int:
        return begin

    async def detail(self, id: int, one: Annotated[int, Depends(swallowing)]) -> int:
        raise ZeroDivisionError

    async def update(self, id: int, one: Annotated[int, Depends(replacing)]) -> int:
        raise ZeroDivisionError

    async def destroy(self, id: int, one: Annotated[int, Depends(twice)]) -> int:
        return id

    async def partial_update(self, id: int, one: Annotated[int, Depends(never)]) -> int:
        return id


@pytest.mark.parametrize(
    ("method", "path", "status", "end"),
    [
        ("GET", "/artist/", 409, "rollback Conflict"),
        ("POST", "/artist/", 409, "rollback Conflict"),
        ("GET", "/artist/1/", 500, "rollback ZeroDivisionError"),
        ("PUT", "/artist/1/", 409, "rollback Conflict"),
        ("DELETE", "/artist/1/", 500, "rollback RuntimeError"),
        ("PATCH", "/artist/1/", 500, "rollback TypeError"),
    ],
)
async def test_functions_that_fail(
    aiohttp_client: Any, method: str, path: str, status: int, end: str
) -> None:
    """What a function raises is answered like what the action raises, and the others see it.

    One that swallows the exception does not make it undone.
    """
    client = await client_of(aiohttp_client, Ends)
    assert (await client.request(method, path)).status == status
    assert log(client) == ["begin", end]


class Clock:
    """An object that can be called, a method of one, and a class."""

    def __init__(self, start: int = 5) -> None:
        self.start = start

    async def __call__(self, plus: int = 0) -> int:
        return self.start + plus

    async def now(self, plus: int = 0) -> int:
        return self.start + plus

    @staticmethod
    async def zero() -> int:
        return 0


@dataclasses.dataclass
class Paging:
    page: Annotated[int, Meta(ge=1)] = 1
    size: int = 10


CLOCK = Clock()


def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return 100 + await function(*args, **kwargs)

    return wrapper


@wrapped
async def decorated(plus: "Annotated[int, Query]" = 0) -> int:
    return plus


class Callables(BaseViewSet):
    async def list(
        self,
        called: Annotated[int, Depends(CLOCK)],
        method: Annotated[int, Depends(CLOCK.now)],
        same: Annotated[int, Depends(CLOCK.now)],
        static: Annotated[int, Depends(Clock.zero)],
        partial: Annotated[int, Depends(functools.partial(CLOCK.now, plus=50))],
        a_class: Annotated[Paging, Depends(Paging)],
        decorated: Annotated[int, Depends(decorated)],
        small: Annotated[int, Depends(lambda: 1)],
    ) -> tuple[int, int, int, int, int, Paging, int, int]:
        return called, method, same, static, partial, a_class, decorated, small


async def test_callables(aiohttp_client: Any) -> None:
    """Whatever can be called with parameters that have names and types is a function."""
    client = await client_of(aiohttp_client, Callables)
    response = await client.get("/artist/?plus=2&page=4")
    paging = {"page": 4, "size": 10}
    assert await response.json() == [7, 7, 7, 0, 55, paging, 102, 1]
    errors = (await (await client.get("/artist/?plus=x")).json(content_type=None))["errors"]
    assert [(each["in"], each["pointer"]) for each in errors] == [("query", "/plus")]


Model = TypeVar("Model")


class Stored(BaseViewSet, Generic[Model]):
    """A base that loads its object by a dependency of the URL's id."""

    number: "Number"

    async def detail(self, id: int) -> Model:
        raise NotImplementedError


def load(id: int) -> Artist:
    if id == 404:
        raise NotFound
    return Artist(f"artist {id}")


class Loaded(Stored[Artist]):
    async def detail(  # type: ignore[override]  # it takes what is loaded
        self, artist: Annotated[Artist, Depends(load)]
    ) -> Artist:
        return artist

    @action(detail=True)
    async def number_of(self, id: int) -> int:
        return self.number


async def test_path_of_a_function(aiohttp_client: Any) -> None:
    """A function may read the path of whatever action names it; attributes come from bases too."""
    client = await client_of(aiohttp_client, Loaded)
    assert await (await client.get("/artist/5/")).json() == {"name": "artist 5"}
    assert (await client.get("/artist/404/")).status == 404
    assert (await client.get("/artist/x/")).status == 404
    assert await (await client.get("/artist/5/number-of/")).json() == 7


async def test_overrides(client: Client, aiohttp_client: Any) -> None:
    """What the application says stands in place of a function, with parameters of its own."""

    async def other(request: web.Request, add: int = 0) -> AsyncIterator[int]:
        log_of(request).append("other begins")
        yield 100 + add
        log_of(request).append("other ends")

    before = await (await client.get("/artist/")).json()
    log(client)
    with overriding(client.app, number, other), overriding(client.app, session, lambda: "none"):
        response = await client.get("/artist/?add=1")
        assert await response.json() == {"all": [202, 101, 101, "inner of none", [1, 10]]}
        assert log(client) == ["other begins", "inner begins", "inner ends", "other ends"]
        errors = (await (await client.get("/artist/?add=x")).json(content_type=None))["errors"]
        assert [each["pointer"] for each in errors] == ["/add"]
        another = await client_of(aiohttp_client, Kinds)
        with overriding(another.app, number, lambda: 0):
            assert (await (await client.get("/artist/")).json())["all"][0] == 200
            assert (await (await another.get("/artist/")).json())["all"][0] == 0
    assert await (await client.get("/artist/")).json() == before


def test_override_of_nothing() -> None:
    """A function on which nothing depends is not the one that was meant."""
    with pytest.raises(ImproperlyConfigured, match=r"override\(load\): no action of the app"):  # noqa: SIM117  # the block is entered only if it is wrong
        with overriding(web.Application(), load, lambda: 0):
            raise NotImplementedError


def first(second: "Annotated[int, Depends(second)]") -> int:
    return second


def second(first: Annotated[int, Depends(first)]) -> int:
    return first


def untyped(x, y): ...  # type: ignore[no-untyped-def]  # that is the point


def two_bodies(body: Artist) -> Artist:
    return body


class Refused(BaseViewSet):
    """Each action is refused, by itself."""

    async def cycle(self, id: int, x: Annotated[int, Depends(first)]) -> None: ...
    async def no_type(self, id: int, x: Annotated[int, Depends(untyped)]) -> None: ...
    async def in_the_url(self, id: Annotated[int, Depends(number)]) -> None: ...
    async def as_default(self, id: int, x: int = Depends(number)) -> None: ...  # type: ignore[assignment]  # that is the point
    async def inside(self, id: int, x: Annotated[int, Depends(number)] | None) -> None: ...
    async def class_alone(self, id: int, x: Annotated[int, Depends]) -> None: ...
    async def both(
        self, id: int, body: Artist, x: Annotated[Artist, Depends(two_bodies)]
    ) -> None: ...
    async def marked_twice(self, id: int, x: Annotated[int, Query, Depends(number)]) -> None: ...


MESSAGES = {
    "cycle": "first: it depends on itself, by first → second → first",
    "no_type": "untyped, parameter 'x': it has no type, and is not in the URL",
    "in_the_url": "its name is in the URL, and it is marked Depends",
    "as_default": "Depends is given as the default. Write `x: Annotated[..., Depends]`",
    "inside": "it is marked inside its type",
    "class_alone": "Depends cannot be made without arguments",
    "both": "it takes two bodies, 'body' and two_bodies, parameter 'body'",
    "marked_twice": "it is marked twice",
}


@pytest.mark.parametrize(("name", "message"), MESSAGES.items())
def test_refused(name: str, message: str) -> None:
    """What cannot work is refused when the viewset is registered."""
    viewset = type("Artists", (BaseViewSet,), {"partial_update": getattr(Refused, name)})
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)):
        SimpleRouter().register(viewset, basename="artist")


def test_every_refusal_is_tried() -> None:
    """The table is complete."""
    assert {name for name in vars(Refused) if not name.startswith("_")} == set(MESSAGES)


class Unhashable:
    __hash__ = None  # type: ignore[assignment]  # that is the point

    def __call__(self) -> int:
        return 1


def generator() -> Iterator[int]:
    yield 1


@asynccontextmanager
async def managed() -> AsyncIterator[int]:
    yield 1


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (5, "Depends: 5 is no function. Write Depends(function)"),
        (generator, "it is a generator. Write `async def`"),
        (managed, "it gives a context manager. Take `@asynccontextmanager` off"),
        (Unhashable(), "it has no hash"),
    ],
)
def test_no_function(function: Any, message: str) -> None:
    """What is no such function is refused where it is written."""
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)):
        Depends(function)


@pytest.mark.parametrize("mark", [Depends(number), Depends(session)])
def test_mark_as_the_value_of_an_attribute(mark: Any) -> None:
    """It would be the mark itself, and nobody would be asked."""
    viewset = type("Artists", (Kinds,), {"user": mark})
    message = rf"Artists.user: {type(mark).__name__} is given as its value. Write `user: Annotated"
    with pytest.raises(ImproperlyConfigured, match=message):
        SimpleRouter().register(viewset, basename="artist")


@operation(status=202)
def with_status() -> int:
    return 1


def test_words_that_only_an_action_has() -> None:
    """Said of a function on which an action depends they would do nothing."""

    class Artists(BaseViewSet):
        async def list(self, x: Annotated[int, Depends(with_status)]) -> int:
            return x

    with pytest.raises(ImproperlyConfigured, match="with_status: @operation says status= of it"):
        SimpleRouter().register(Artists, basename="artist")


async def without_self(request: web.Request) -> web.Response:
    return web.Response()


def test_attribute_of_an_action_without_self() -> None:
    """There would be no instance to set it on."""

    class Artists(BaseViewSet):
        session: Session
        list = staticmethod(without_self)

    with pytest.raises(
        ImproperlyConfigured, match=r"Artists.session: it cannot be set for 'list', which takes no"
    ):
        SimpleRouter().register(Artists, basename="artist")


@pytest.mark.parametrize("mark", [Query, Header("X-Key"), Cookie, Body()])
def test_attribute_with_another_mark(mark: Any) -> None:
    """Nothing would set it."""
    annotations = {"key": Annotated[str, mark]}
    viewset = type("Artists", (Kinds,), {"__annotations__": annotations})
    with pytest.raises(
        ImproperlyConfigured, match=r"Artists.key: only Depends can set an attribute"
    ):
        SimpleRouter().register(viewset, basename="artist")


def test_words_of_a_function() -> None:
    """`operation` takes functions, methods and objects that are called."""
    marked = operation(errors=[401], security=["token"])(Clock())
    assert isinstance(marked, Clock)
    with pytest.raises(ImproperlyConfigured, match="not on a function"):
        operation(errors=[401])(Clock)


class Given(BaseViewSet):
    """What is given by functions that only give what others give."""

    async def list(
        self,
        awaited: Annotated[int, Depends(lambda request: number(request))],
        entered: Annotated[str, Depends(lambda request: session(request))],
    ) -> Strings:
        return [str(awaited), entered]


async def test_functions_that_give_what_others_give(aiohttp_client: Any) -> None:
    """A coroutine is awaited, and a generator run: a check that nobody awaits lets everybody in."""
    client = await client_of(aiohttp_client, Given)
    assert await (await client.get("/artist/")).json() == ["7", "session"]
    assert log(client) == ["number", "begin", "commit"]


def require(request: web.Request, role: str) -> str:
    if request.headers.get("X-Role", "user") != role:
        raise PermissionDenied
    return role


class Bound(BaseViewSet):
    async def list(
        self, role: Annotated[str, Depends(functools.partial(require, role="admin"))]
    ) -> str:
        return role


async def test_what_a_partial_binds(aiohttp_client: Any) -> None:
    """A client does not write it."""
    client = await client_of(aiohttp_client, Bound)
    assert (await client.get("/artist/?role=user")).status == 403
    assert (await client.get("/artist/", headers={"X-Role": "admin"})).status == 200


async def failing_commit(session: Session) -> AsyncIterator[int]:
    yield 1
    raise Conflict("It could not be kept.")


class FailingStream(BaseViewSet):
    async def list(self, x: Annotated[int, Depends(failing_commit)]) -> AsyncIterator[int]:
        yield x


async def test_end_of_a_stream_that_fails(aiohttp_client: Any) -> None:
    """Where the end fails, the end of the stream is missing: nobody takes it for complete."""
    client = await client_of(aiohttp_client, FailingStream)
    with pytest.raises(ClientError):
        await (await client.get("/artist/")).read()
    assert log(client) == ["begin", "rollback Conflict"]


async def twice_after_all(session: Session) -> AsyncIterator[int]:
    with suppress(ZeroDivisionError):
        yield 1
    yield 2


class Twice(BaseViewSet):
    async def list(self, x: Annotated[int, Depends(twice_after_all)]) -> int:
        raise ZeroDivisionError("the first")


async def test_cause_is_kept(aiohttp_client: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A mistake in the end does not hide what ended the action."""
    client = await client_of(aiohttp_client, Twice)
    assert (await client.get("/artist/")).status == 500
    assert "it yields more than once" in caplog.text
    assert "ZeroDivisionError: the first" in caplog.text


async def wrapping(number: Number) -> int:
    return number + 1


async def test_override_that_depends_on_what_it_replaces(client: Client) -> None:
    """It is a cycle, and answered as a problem."""
    with overriding(client.app, number, wrapping):
        response = await client.get("/artist/")
    assert response.status == 500
    assert response.content_type == "application/problem+json"


def only_positional(function: Any) -> Any:
    @functools.wraps(function)
    async def wrapper(*args: Any) -> Any:
        return await function(*args)

    return wrapper


def without_signature() -> Any:
    """Give a builtin that does not say what it takes; which do so differs between Pythons."""
    for each in (max, iter, dict, breakpoint):
        try:
            inspect.signature(each)
        except ValueError:
            return each
    raise AssertionError("each says it")


class Methods(BaseViewSet):
    async def who(self) -> str:
        return self.request.path


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (without_signature(), "it does not say what it takes"),
        (Methods.who, "Methods.who: it is a method, and there is no instance to call it on"),
        (only_positional(number), "number: its decorator cannot be called with its parameters"),
    ],
)
def test_functions_that_cannot_be_called(function: Any, message: str) -> None:
    """They are refused at registration."""

    async def list_(self: BaseViewSet, x: Any) -> None: ...

    list_.__annotations__["x"] = Annotated[int, Depends(function)]
    viewset = type("Artists", (BaseViewSet,), {"list": list_})
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)):
        SimpleRouter().register(viewset, basename="artist")


@pytest.mark.parametrize("default", [Depends(number), Query("x")])
def test_mark_as_a_default_of_a_handler(default: Any) -> None:
    """A plain handler passes by parameters without a type, but no mark."""

    async def list_(self, request, user=default): ...  # type: ignore[no-untyped-def]  # that is the point

    viewset = type("Artists", (BaseViewSet,), {"list": list_})
    with pytest.raises(ImproperlyConfigured, match="is given as the default"):
        SimpleRouter().register(viewset, basename="artist")


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (Number | None, "it is marked inside its type"),
        (Annotated[int, Depends], "Depends cannot be made without arguments"),
        (Annotated[int, number], "Write Depends(number)"),
        ("Annotated[Unknown, Depends(number)]", "its annotation cannot be resolved"),
        (ClassVar[Number], "it is marked inside its type"),
    ],
)
def test_attributes_that_nothing_would_set(annotation: Any, message: str) -> None:
    """A guard that is passed by lets everybody in."""
    viewset = type("Artists", (Kinds,), {"__annotations__": {"user": annotation}})
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)):
        SimpleRouter().register(viewset, basename="artist")


@pytest.mark.parametrize(
    "annotation",
    [
        *("ClassVar[Unknown]", ClassVar[int], int, "int", "typing.ClassVar[Unknown]"),
        *("CV[int]", "tp.ClassVar[int]", "tp.ClassVar[Unknown]", "Final", "Final[int]", Final),
        *("'ClassVar[int]'", Annotated[str, object()], ClassVar[Annotated[str, object()]]),
    ],
)
def test_other_attributes(annotation: Any) -> None:
    """What is not marked is the application's, and other libraries'."""
    viewset = type("Artists", (Kinds,), {"__annotations__": {"user": annotation}})
    SimpleRouter().register(viewset, basename="artist")


class Owned(BaseViewSet, Generic[Model]):
    owner: Model

    async def list(self) -> int:
        return self.owner  # type: ignore[return-value]  # it is one


class OwnedByNumber(Owned[Number]): ...


async def test_attribute_of_a_generic_base(aiohttp_client: Any) -> None:
    """The mark may be what the subclass says."""
    client = await client_of(aiohttp_client, OwnedByNumber)
    assert await (await client.get("/artist/")).json() == 7


@pytest.mark.parametrize("name", ["app", "before", "after", "request", "action", "operations"])
def test_attributes_of_every_viewset(name: str) -> None:
    """They cannot be given by a function."""
    viewset = type("Artists", (Kinds,), {"__annotations__": {name: Number}})
    with pytest.raises(ImproperlyConfigured, match=rf"Artists.{name}: a function gives it"):
        SimpleRouter().register(viewset, basename="artist")


async def nobody(request: web.Request) -> str:
    raise PermissionDenied


class Guarded(BaseViewSet):
    user: Annotated[object, Depends(nobody)]


class Narrowed(Guarded):
    user: str

    async def list(self) -> str:
        return "secret"


async def test_attribute_that_is_narrowed(aiohttp_client: Any) -> None:
    """A type without the mark takes no guard away."""
    client = await client_of(aiohttp_client, Narrowed)
    assert (await client.get("/artist/")).status == 403


@functools.cache
def settings() -> dict[str, int]:
    return {"a": 1}


class Cached(BaseViewSet):
    async def list(self, settings: Annotated[dict[str, int], Depends(settings)]) -> dict[str, int]:
        return settings


async def test_cached_function(aiohttp_client: Any) -> None:
    """functools.cache may be around it."""
    client = await client_of(aiohttp_client, Cached)
    assert await (await client.get("/artist/")).json() == {"a": 1}
