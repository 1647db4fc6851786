"""What is said of an action beside its signature: marks, resolved for (viewset, action)."""

import functools
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from aiohttp.typedefs import Handler

from webaio.decorators import action, operation
from webaio.decorators._mark import mark, record_on, records_of
from webaio.exceptions import APIException, Conflict, ImproperlyConfigured, NotAuthenticated
from webaio.middlewares import api_exception_handler
from webaio.openapi._about import About
from webaio.openapi._document import document
from webaio.parameters import Body, Depends
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

Connect = Callable[..., Awaitable[TestClient[web.Request, web.Application]]]
SCHEMES = {
    "token": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
}


def document_of(viewset: type[BaseViewSet], schemes: Any = SCHEMES) -> Any:
    router = SimpleRouter()
    router.register(viewset, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    return msgspec.json.decode(document(app, About("API", "1", security_schemes=schemes)))["paths"]


class Crud(BaseViewSet):
    """A base whose actions differ from viewset to viewset."""

    async def create(self, x: int = 0) -> int:
        return x

    @operation(status=202, errors=[409], summary="Take away")
    async def destroy(self, id: int) -> int:
        return id

    @action(detail=True, method="post", url_path="send-it", errors=[410])
    async def send(self, id: int) -> int:
        return id


class Artists(Crud):
    operations = {
        "create": operation(status=203, errors=[Conflict]),
        "destroy": operation(errors=[], deprecated=True),
    }

    async def send(self, id: int) -> int:
        return id + 1


class Albums(Artists):
    operations = {"create": operation(status=200)}
    destroy = None  # type: ignore[assignment]  # it is taken away


async def test_words_differ_per_viewset(connect: Connect) -> None:
    """The nearest class that says a word wins, word by word; the base itself is as it was."""
    statuses = {}
    for viewset in (Crud, Artists, Albums):
        client = await connect(viewset)
        statuses[viewset] = [
            (await client.post("/artist/")).status,
            (await client.delete("/artist/1/")).status,
        ]
    assert statuses == {Crud: [201, 202], Artists: [203, 202], Albums: [200, 404]}
    destroy = document_of(Artists)["/artist/{id}/"]["delete"]
    assert (destroy["summary"], destroy["deprecated"]) == ("Take away", True)
    assert "409" not in destroy["responses"]
    assert "409" in document_of(Crud)["/artist/{id}/"]["delete"]["responses"]
    assert "409" in document_of(Albums)["/artist/"]["post"]["responses"]


async def test_override_keeps_its_mark(connect: Connect) -> None:
    """An action that is defined anew, without a mark, has the URL and the words of the base's."""
    client = await connect(Artists)
    assert await (await client.post("/artist/5/send-it/")).json() == 6
    assert "410" in document_of(Artists)["/artist/{id}/send-it/"]["post"]["responses"]


def test_operations_of_nothing() -> None:
    """Words of an action that there is not, and no words, are refused."""
    for operations, message in (
        ({"crate": operation(status=202)}, "it has 'crate', which is no action"),
        ({"create": 5}, "'create' has 5. Write operation(...)"),
        ({"before": operation()}, "it has 'before', which is no action"),
        ({"app": operation()}, "it has 'app', which is no action"),
        ({1: operation()}, "it has 1, which is no action"),
        ([operation()], "is no dict"),
    ):
        viewset = type("Broken", (Crud,), {"operations": operations})
        with pytest.raises(ImproperlyConfigured, match=re.escape(message)):
            SimpleRouter().register(viewset, basename="artist")


class Auth:
    """An object that is called."""

    @operation(errors=[403], security=["token"])
    async def __call__(self, request: web.Request) -> str:
        return "ann"


class Hooked(BaseViewSet):
    @operation(errors=[NotAuthenticated], security=["key"])
    async def before(self) -> None: ...

    async def list(self, user: Annotated[str, Depends(Auth())]) -> str:
        return user


async def given_body(body: Annotated[dict[str, int], Body]) -> int:
    return len(body)


class WithBody(BaseViewSet):
    size: Annotated[int, Depends(given_body)]

    async def create(self, request: web.Request) -> web.Response:
        return web.Response()


def test_documented_objects_and_hooks() -> None:
    """What is said of the call of an object, and of a hook, is in the document."""
    listed = document_of(Hooked)["/artist/"]["get"]
    assert set(listed["responses"]) == {"200", "401", "403"}
    assert listed["security"] == [{"token": [], "key": []}]
    created = document_of(WithBody)["/artist/"]["post"]["requestBody"]
    assert created["content"]["application/json"]["schema"]["type"] == "object"


def test_words_of_a_hook() -> None:
    """A hook has no status."""

    class Artists(Crud):
        @operation(status=202)
        async def before(self) -> None: ...

    with pytest.raises(ImproperlyConfigured, match=r"before: @operation says status= of it"):
        SimpleRouter().register(Artists, basename="artist")


@pytest.mark.parametrize(
    "name", ["authentication_classes", "permission_classes", "renderer_classes"]
)
def test_words_of_rest_framework(name: str) -> None:
    """Who writes them means something, such as to keep somebody out: they are not passed by."""
    viewset = type("Artists", (Crud,), {name: []})
    with pytest.raises(ImproperlyConfigured, match=rf"Artists.{name}: nobody reads it"):
        SimpleRouter().register(viewset, basename="artist")


def logging_as(name: str, *, stops: bool = False) -> Any:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if "stop" in request.query and stops:
            raise NotAuthenticated
        response = await handler(request)
        response.headers.add("X-Passed", name)
        return response

    return middleware


guard = operation(errors=[NotAuthenticated], security=["token"], headers={"X-Passed": str})(
    logging_as("guard", stops=True)
)


class Seen(Exception):
    pass


async def seeing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A middleware that turns an exception of the action into another answer."""
    try:
        return await handler(request)
    except Seen:
        return web.Response(status=418)


class Guarded(BaseViewSet):
    middlewares = (logging_as("viewset"), guard)

    async def list(self) -> int:
        return 1

    @operation(middlewares=[logging_as("first"), logging_as("second")])
    async def create(self, x: int = 0) -> int:
        if x:
            raise Seen
        return x

    @action(detail=False, middlewares=[seeing])
    async def seen(self) -> int:
        raise Seen

    @action(detail=False, middlewares=[functools.partial(seeing)])
    async def lines(request: web.Request) -> web.Response:  # type: ignore[misc]  # no self
        raise Seen


class OtherGuarded(Guarded):
    middlewares = ()  # type: ignore[assignment]  # of another length
    operations = {"create": operation(middlewares=[])}


@pytest.mark.parametrize("outer", [(), (api_exception_handler,)])
async def test_middlewares(connect: Connect, outer: Any) -> None:
    """They are around each action, the viewset's outermost, and see what it raises."""
    client = await connect(Guarded, middlewares=outer)
    response = await client.get("/artist/")
    assert response.headers.getall("X-Passed") == ["guard", "viewset"]
    response = await client.post("/artist/")
    assert response.headers.getall("X-Passed") == ["second", "first", "guard", "viewset"]
    assert (await client.post("/artist/?x=1")).status == 500
    response = await client.get("/artist/?stop")
    assert response.status == 401
    assert (await response.json(content_type=None))["code"] == "not_authenticated"
    assert (await client.get("/artist/seen/")).status == 418
    assert (await client.get("/artist/lines/")).status == 418
    client = await connect(OtherGuarded, middlewares=outer)
    assert "X-Passed" not in (await client.post("/artist/")).headers


def test_documented_middlewares() -> None:
    """A middleware says the errors and the security that it adds."""
    listed = document_of(Guarded)["/artist/"]["get"]
    assert listed["security"] == [{"token": []}]
    assert "NotAuthenticated" in str(listed["responses"]["401"])
    assert listed["responses"]["200"]["headers"] == {"X-Passed": {"schema": {"type": "string"}}}
    assert "security" not in document_of(OtherGuarded)["/artist/"]["get"]


@operation(errors=[401], security=["token", "key"])
def user() -> str:
    return "ann"


@operation(errors=[Conflict], security=["key"])
async def tenant(user: Annotated[str, Depends(user)]) -> str:
    return "tenant"


class Secured(BaseViewSet):
    async def list(self, tenant: Annotated[str, Depends(tenant)]) -> str:
        return tenant

    @operation(security=["token"])
    async def create(self, tenant: Annotated[str, Depends(tenant)]) -> str:
        return tenant

    @operation(security=[])
    async def detail(self, id: int, user: Annotated[str, Depends(user)]) -> str:
        return user

    @operation(security=[])
    async def destroy(self, id: int) -> None: ...

    async def update(self, id: int) -> None: ...


def test_documented_security() -> None:
    """What functions need is needed together; what the action needs itself comes on top."""
    paths = document_of(Secured)
    both: list[Any] = [{"token": [], "key": []}, {"key": []}]
    assert paths["/artist/"]["get"]["security"] == [{"token": [], "key": []}, {"key": []}] == both
    assert set(paths["/artist/"]["get"]["responses"]) == {"200", "401", "409"}
    assert paths["/artist/"]["post"]["security"] == [{"token": [], "key": []}]
    item = paths["/artist/{id}/"]
    assert "security" not in item["get"]  # as in the whole document: any one of both
    assert item["delete"]["security"] == []
    assert "security" not in item["put"]


@operation(summary="It slows down")
async def summed(request: web.Request, handler: Handler) -> web.StreamResponse:
    return await handler(request)


def test_words_of_a_middleware() -> None:
    """Those that only an action has are refused."""
    viewset = type("Artists", (Crud,), {"middlewares": [summed]})
    with pytest.raises(ImproperlyConfigured, match="summed: @operation says summary= of it"):
        SimpleRouter().register(viewset, basename="artist")


def broken(request: web.Request) -> None: ...
async def short(request: web.Request) -> None: ...


@pytest.mark.parametrize(
    "middlewares", [5, [5], [broken], [short], short, ["guard"], [Conflict], filter(None, [guard])]
)
def test_no_middlewares(middlewares: Any) -> None:
    """What aiohttp could not call is refused where it is written, and at registration."""
    with pytest.raises(ImproperlyConfigured, match="middlewares="):
        operation(middlewares=middlewares)
    viewset = type("Artists", (Crud,), {"middlewares": middlewares})
    with pytest.raises(ImproperlyConfigured, match=r"Artists: middlewares="):
        SimpleRouter().register(viewset, basename="artist")


class Limit(msgspec.Struct, frozen=True):
    """A record of somebody else's feature."""

    most: int


class Other(msgspec.Struct, frozen=True):
    most: int


def test_marks() -> None:
    """A function has one record of each kind, and a viewset those of its bases, the nearest first."""

    def limited(most: int) -> Callable[[Any], Any]:
        def decorate(function: Any) -> Any:
            mark(function, Limit(most))
            return function

        return decorate

    class Base(BaseViewSet):
        @limited(5)
        @staticmethod
        async def list(request: web.Request) -> web.Response:
            return web.Response()

    class Child(Base):
        @limited(7)
        async def list(self, request: web.Request) -> web.Response:
            return web.Response()

    class Grandchild(Child):
        async def list(self, request: web.Request) -> web.Response:
            return web.Response()

    assert [*records_of(Grandchild, "list", Limit)] == [Limit(7), Limit(5)]
    assert [*records_of(Grandchild, "list", Other)] == []
    assert [*records_of(Grandchild, "nothing", Limit)] == []
    assert record_on(functools.partial(Child.list), Limit) == Limit(7)
    assert record_on(Grandchild.list, Limit) is None
    mark(Grandchild.list, Other(1))
    assert (record_on(Grandchild.list, Other), record_on(Child.list, Other)) == (Other(1), None)


def test_exception_is_an_error() -> None:
    """The words of a function are checked as those of an action."""
    assert issubclass(Conflict, APIException)
    with pytest.raises(ImproperlyConfigured, match="errors= has 200"):
        operation(errors=[200])(user)
    with pytest.raises(ImproperlyConfigured, match="its words are given twice"):
        operation(errors=[409])(user)


class Sized(BaseViewSet):
    @operation(client_max_size=999, status=202, headers={})
    async def create(self, body: dict[str, int]) -> int:
        return 1

    @operation(status=204)
    async def destroy(self, id: int) -> None: ...

    @operation(status=202)
    async def update(self, id: int) -> int:
        return id


class Unsized(Sized):
    async def create(self, q: int = 1) -> int:  # type: ignore[override]  # it takes no body
        return q

    async def destroy(self, id: int) -> int:  # type: ignore[override]  # it gives something
        return id

    async def update(self, request: web.Request, id=None) -> web.Response:  # type: ignore[no-untyped-def,override]  # that is the point
        return web.Response(text=id)


async def test_words_of_a_base_that_do_not_fit(connect: Connect) -> None:
    """Nobody could take them out there: they are left, and the rest holds."""
    client = await connect(Unsized)
    assert (await client.post("/artist/")).status == 202
    assert (await client.delete("/artist/1/")).status == 200
    response = await client.put("/artist/1/")
    assert (response.status, await response.text()) == (200, "1")


class Marking:
    @action(detail=False, errors=[410])
    async def search(self, term: str) -> str:
        return term


class Helping(BaseViewSet):
    async def search(self, term: str) -> str:
        return term

    async def list(self) -> int:
        return 1


class Beside(Helping, Marking): ...


class Below(Marking, Helping): ...


def test_helper_beside_an_action() -> None:
    """A helper that has the name of another class's action by chance is no action."""
    assert {*document_of(Beside)} == {"/artist/"}
    assert {*document_of(Below)} == {"/artist/", "/artist/search/"}


class Copied(Crud):
    @action(detail=True, method="get", url_path="sent")
    @functools.wraps(Crud.send)
    async def send(self, id: int) -> int:  # type: ignore[override]  # mypy: of the wrapper
        return id


def test_copied_marks() -> None:
    """What functools.wraps has copied is not said of the function itself."""
    assert "/artist/{id}/sent/" in document_of(Copied)


async def reading(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A middleware that may read the body before the action does."""
    if "first" in request.query:
        await request.read()
    return await handler(request)


async def body_of(request: web.Request) -> int:
    return len(await request.read())


class Reading(BaseViewSet):
    operations = {"update": operation(client_max_size=200)}
    middlewares = (reading,)

    @operation(client_max_size=200)
    async def create(request: web.Request) -> web.Response:  # type: ignore[misc]  # no self
        return web.json_response(len(await request.read()))

    async def update(self, request: web.Request) -> web.Response:
        return web.json_response(len(await self.request.text()))

    @operation(client_max_size=20)
    async def partial_update(self, request: web.Request, id: int) -> int:
        return len(str((await request.post())["text"]))

    @action(detail=False, method="post", client_max_size=200)
    async def depends(self, size: Annotated[int, Depends(body_of)]) -> int:
        return size

    @action(detail=False, method="post")
    async def usual(self, request: web.Request) -> int:
        return len(await request.read())


@pytest.mark.parametrize("outer", [(), (api_exception_handler,)])
@pytest.mark.parametrize(
    ("method", "path", "size", "status"),
    [
        ("POST", "/artist/", 150, 200),
        ("POST", "/artist/", 250, 413),
        ("PUT", "/artist/1/", 150, 200),
        ("PUT", "/artist/1/", 250, 413),
        ("POST", "/artist/depends/", 150, 200),
        ("POST", "/artist/depends/", 250, 413),
        ("POST", "/artist/usual/", 90, 200),
        ("POST", "/artist/usual/", 150, 413),
        ("POST", "/artist/?first=1", 90, 200),
        ("PATCH", "/artist/1/", 10, 200),
        ("PATCH", "/artist/1/", 30, 413),
    ],
)
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_limit_of_what_reads_by_itself(
    aiohttp_client: Any,
    outer: Any,
    method: str,
    path: str,
    size: int,
    status: int,
    is_chunked: bool,
) -> None:
    """An action that is given the request has its own limit there, above and below the other."""
    router = SimpleRouter()
    router.register(Reading, basename="artist")
    app = web.Application(middlewares=outer, client_max_size=100)
    app.add_routes(router.routespatters)
    client = await aiohttp_client(app)
    body = b"text=" + b"x" * (size - 5)

    async def chunks() -> Any:
        yield body

    response = await client.request(
        method,
        path,
        data=chunks() if is_chunked else body,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert response.status == status
    if status == 200:
        assert await response.json() == (size - 5 if method == "PATCH" else size)
    else:
        assert response.content_type == "application/problem+json"


def test_documented_limit() -> None:
    """A 413 is told where there is a limit of its own."""
    found = {
        (path, method): "413" in each["responses"]
        for path, item in document_of(Reading).items()
        for method, each in item.items()
    }
    assert {each for each, is_told in found.items() if not is_told} == {("/artist/usual/", "post")}
