"""Typed actions on a real server: where parameters come from, and what a bad one is answered."""

import datetime
import decimal
import enum
import functools
import io
import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
import pydantic
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from msgspec import Meta

from webaio.decorators import action, operation
from webaio.exceptions import Fault, ValidationError
from webaio.parameters import Body, Cookie, Header, Query
from webaio.schemas import Partial
from webaio.viewsets import BaseViewSet

Client = TestClient[web.Request, web.Application]
Connect = Callable[..., Awaitable[Client]]


class Order(enum.Enum):
    NAME = "name"
    BORN = "born"


class Filters(msgspec.Struct, forbid_unknown_fields=True):
    q: str | None = None
    tag: list[str] = []
    limit: Annotated[int, Meta(ge=1, le=100)] = 10


class FiltersModel(pydantic.BaseModel, extra="forbid"):
    q: str | None = None
    tag: list[str] = []
    limit: Annotated[int, pydantic.Field(ge=1, le=100)] = 10


class Aliased(pydantic.BaseModel, extra="allow", populate_by_name=True):
    tag: list[str] = pydantic.Field([], validation_alias=pydantic.AliasChoices("tags", "t"))
    limit: int = pydantic.Field(10, validation_alias=pydantic.AliasChoices("max", "n"))
    first: str = pydantic.Field("", validation_alias=pydantic.AliasPath("names", 0))


class ArtistIn(msgspec.Struct):
    name: Annotated[str, Meta(min_length=1)]
    tags: list[str] = []


class Artist(msgspec.Struct):
    id: int
    name: str


def viewset_of(**members: Any) -> type[BaseViewSet]:
    return type("Artists", (BaseViewSet,), members)


def echo(annotation: Any, default: Any = ..., name: str = "x") -> type[BaseViewSet]:
    """Make a viewset whose `list` gives back its one parameter, with the type's name."""

    async def list(self: BaseViewSet, x: Any) -> Any:
        return [type(x).__name__, x.model_dump() if isinstance(x, pydantic.BaseModel) else x]

    list.__annotations__ = {"x": annotation, "return": Any}
    list.__defaults__ = None if default is ... else (default,)
    return viewset_of(list=list)


QUERIES: list[tuple[Any, Any, str, Any]] = [
    (int, ..., "?x=5", ["int", 5]),
    (str, ..., "?x=5", ["str", "5"]),
    (str, ..., "?x=", ["str", ""]),
    (str, ..., "?x=a%20b+c%26", ["str", "a b c&"]),
    (bool, ..., "?x=true", ["bool", True]),
    (float, ..., "?x=1.5", ["float", 1.5]),
    (Order, ..., "?x=born", ["Order", "born"]),
    (Literal[1, 2], ..., "?x=2", ["int", 2]),
    (datetime.date, ..., "?x=2026-01-02", ["date", "2026-01-02"]),
    (uuid.UUID, ..., f"?x={uuid.UUID(int=7)}", ["UUID", str(uuid.UUID(int=7))]),
    (decimal.Decimal, ..., "?x=1.10", ["Decimal", "1.10"]),
    (int | None, None, "", ["NoneType", None]),
    (int | None, None, "?x=5", ["int", 5]),
    (int, 7, "", ["int", 7]),
    (int | str, ..., "?x=a", ["str", "a"]),
    (list[int], ..., "?x=1&x=2", ["list", [1, 2]]),
    (list[int], [], "", ["list", []]),
    (Annotated[set[int], Query], ..., "?x=1&x=1", ["set", [1]]),
    (Annotated[int, Meta(ge=1)], ..., "?x=1", ["int", 1]),
    (Annotated[int, pydantic.Field(ge=1)], ..., "?x=1", ["int", 1]),
    (Annotated[int, Query("y")], ..., "?y=5&x=6", ["int", 5]),
    (Annotated[Filters, Query], ..., "?limit=5&tag=a&tag=b", ["Filters", {"q": None, "tag": ["a", "b"], "limit": 5}]),
    (Annotated[FiltersModel, Query], ..., "?limit=5&tag=a", ["FiltersModel", {"q": None, "tag": ["a"], "limit": 5}]),
    (Annotated[Aliased, Query], ..., "?t=a&t=b&n=5&names=x", ["Aliased", {"tag": ["a", "b"], "limit": 5, "first": "x"}]),
    (Annotated[Aliased, Query], ..., "?tags=a&max=5", ["Aliased", {"tag": ["a"], "limit": 5, "first": ""}]),
    (Annotated[Aliased, Query], ..., "?tag=a&limit=5", ["Aliased", {"tag": ["a"], "limit": 5, "first": ""}]),
    (Annotated[Aliased, Query], ..., "?y=1&y=2&z=3", ["Aliased", {"tag": [], "limit": 10, "first": "", "y": ["1", "2"], "z": "3"}]),
    (pydantic.Json[list[int]], ..., "?x=[1,2]", ["list", [1, 2]]),
    (Annotated[Filters, Query], Filters(limit=3), "", ["Filters", {"q": None, "tag": [], "limit": 3}]),
]  # fmt: skip


def name_of(each: object) -> str:
    """Name a case alike in every process: the order of a set is another in each."""
    return str(sorted(each) if isinstance(each, set) else each)


@pytest.mark.parametrize(("annotation", "default", "query", "answer"), QUERIES, ids=name_of)
async def test_query(
    annotation: Any, default: Any, query: str, answer: Any, connect: Connect
) -> None:
    """A parameter that is neither in the URL nor a model is one of the query."""
    client = await connect(echo(annotation, default))
    response = await client.get(f"/artist/{query}")
    assert response.status == 200
    assert (await response.json())[0] == answer[0]
    expected = answer[1]
    found = (await response.json())[1]
    assert found == expected


async def faults_in(response: Any) -> set[tuple[str, str, str]]:
    assert response.status == 422
    assert response.content_type == "application/problem+json"
    problem = await response.json()
    assert problem["status"] == 422
    assert problem["code"] == "invalid"
    return {(each["in"], each["pointer"], each["code"]) for each in problem["errors"]}


BROKEN_QUERIES: list[tuple[Any, str, set[tuple[str, str]]]] = [
    (int, "", {("/x", "required")}),
    (int, "?x=a", {("/x", "type")}),
    (int, "?x=1&x=2", {("/x", "repeated")}),
    (list[int], "", {("/x", "required")}),
    (list[int], "?x=1&x=a&x=b", {("/x/1", "type"), ("/x/2", "type")}),
    (Order, "?x=a", {("/x", "enum")}),
    (Annotated[int, Meta(ge=1, le=100)], "?x=101", {("/x", "maximum")}),
    (Annotated[int, Query("a/b")], "?a/b=x", {("/a~1b", "type")}),
    (Annotated[Aliased, Query], "?n=1&n=2&max=x", {("/n", "repeated"), ("/max", "type")}),
    (Annotated[Aliased, Query], "?limit=1&limit=2", {("/limit", "repeated")}),
    (pydantic.Json[list[int]], '?x=["a"]', {("/x", "type")}),
    (int, "?x=1.0", {("/x", "type")}),
    (datetime.datetime, "?x=2026", {("/x", "format")}),
    (Annotated[Filters, Query], "?limit=0&y=1&q=a&q=b", {("/limit", "minimum"), ("/y", "unknown"), ("/q", "repeated")}),
    (Annotated[FiltersModel, Query], "?limit=0&y=1&q=a&q=b", {("/limit", "minimum"), ("/y", "unknown"), ("/q", "repeated")}),
]  # fmt: skip


@pytest.mark.parametrize(("annotation", "query", "expected"), BROKEN_QUERIES, ids=name_of)
async def test_broken_query(
    annotation: Any, query: str, expected: set[tuple[str, str]], connect: Connect
) -> None:
    """A fault of the query is a 422 with a pointer to its key."""
    client = await connect(echo(annotation))
    found = await faults_in(await client.get(f"/artist/{query}"))
    assert found == {("query", where, code) for where, code in expected}


class HeaderViewSet(BaseViewSet):
    async def list(
        self,
        x_key: Annotated[int, Header],
        session: Annotated[str, Cookie],
        language: Annotated[str, Header("Accept-Language")] = "en",
    ) -> Any:
        return [x_key, session, language]


async def test_headers_and_cookies(connect: Connect) -> None:
    """A marked parameter comes from its header or cookie."""
    client = await connect(HeaderViewSet)
    answer = await client.get("/artist/", headers={"X-KEY": "5", "Cookie": "session=a"})
    assert (await answer.json())[:2] == [5, "a"]
    answer = await client.get(
        "/artist/", headers={"X-Key": "5", "Cookie": "session=a", "Accept-Language": "es"}
    )
    assert await answer.json() == [5, "a", "es"]


async def test_broken_headers_and_cookies(connect: Connect) -> None:
    """Their faults are told together."""
    client = await connect(HeaderViewSet)
    assert await faults_in(await client.get("/artist/", headers={"X-Key": "a"})) == {
        ("header", "/x-key", "type"),
        ("cookie", "/session", "required"),
    }
    twice = [("X-Key", "1"), ("X-Key", "2"), ("Cookie", "session=a")]  # together "1, 2"
    assert await faults_in(await client.get("/artist/", headers=twice)) == {
        ("header", "/x-key", "type")
    }


class EverywhereViewSet(BaseViewSet):
    async def update(
        self,
        id: int,
        body: ArtistIn,
        request: web.Request,
        notify: bool,
        x_key: Annotated[uuid.UUID, Header],
        sid: Annotated[int, Cookie],
    ) -> Artist:
        assert request is self.request
        assert request.app is self.app
        assert self.action == "update"
        return Artist(id, body.name)


async def test_all_sources(connect: Connect) -> None:
    """Path, body, query, header, cookie and the request reach one action."""
    client = await connect(EverywhereViewSet)
    headers = {"X-Key": str(uuid.uuid4()), "Cookie": "sid=1"}
    answer = await client.put("/artist/7/?notify=true", json={"name": "Gus"}, headers=headers)
    assert answer.status == 200
    assert answer.content_type == "application/json"
    assert await answer.json() == {"id": 7, "name": "Gus"}


async def test_all_faults(connect: Connect) -> None:
    """One 422 tells every fault of body, query, header and cookie."""
    client = await connect(EverywhereViewSet)
    answer = await client.put(
        "/artist/7/?notify=x", json={"tags": [1, "a", 2]}, headers={"X-Key": "1"}
    )
    assert await faults_in(answer) == {
        ("body", "/name", "required"),
        ("body", "/tags/0", "type"),
        ("body", "/tags/2", "type"),
        ("query", "/notify", "type"),
        ("header", "/x-key", "format"),
        ("cookie", "/sid", "required"),
    }
    problem = await answer.json()
    assert problem == {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "Invalid input.",
        "code": "invalid",
        "errors": problem["errors"],
        "instance": "/artist/7/",
    }


class PathViewSet(BaseViewSet):
    async def detail(self, id: uuid.UUID, tenant) -> Any:  # type: ignore[no-untyped-def]  # a str of the URL
        return [str(id), tenant]

    @action(detail=True, url_path="tracks/{track}")
    async def track(self, track: Annotated[int, Meta(ge=1)]) -> Any:
        return track

    @action(detail=False)
    async def find(self, id: int) -> Any:
        return id


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/sur/artist/{uuid.UUID(int=7)}/", 200),
        ("/sur/artist/7/", 404),
        ("/sur/artist/a/tracks/3/", 200),
        ("/sur/artist/a/tracks/0/", 404),
        ("/sur/artist/a/tracks/x/", 404),
        (f"/sur/artist/a/tracks/{'9' * 5000}/", 404),
        ("/sur/artist/find/?id=7", 200),
        ("/sur/artist/find/", 422),
    ],
)
async def test_path(path: str, status: int, connect: Connect) -> None:
    """A value of the path that its type refuses is not found; one that is not there is a query's."""
    client = await connect(PathViewSet, prefix="/{tenant}")
    answer = await client.get(path)
    assert answer.status == status
    if status != 200:
        assert answer.content_type == "application/problem+json"
        assert (await answer.json())["status"] == status


class BodyViewSet(BaseViewSet):
    async def create(self, body: ArtistIn | None = None) -> Any:
        return "nothing" if body is None else body.name

    @action(detail=False, method="post")
    async def names(self, names: Annotated[list[str], Body]) -> list[str]:
        return names

    @action(detail=False, method="post")
    async def several(self, artists: list[ArtistIn]) -> int:
        return len(artists)

    @action(detail=False, method="post", client_max_size=40)
    async def small(self, names: Annotated[list[str], Body]) -> int:
        return len(names)

    @operation(client_max_size=3 * 1024**2)
    @action(detail=False, method="post")
    async def large(self, names: Annotated[list[str], Body]) -> int:
        return len(names)

    @action(detail=False, method="post")
    async def taken(self, body: ArtistIn) -> None:
        raise ValidationError(errors=[Fault("/name", "taken", "Another artist has this name")])


@pytest.mark.parametrize(
    ("path", "json", "answer"),
    [
        ("/artist/", {"name": "Gus"}, "Gus"),
        ("/artist/", None, "nothing"),
        ("/artist/names/", ["a", "b"], ["a", "b"]),
        ("/artist/several/", [{"name": "a"}], 1),
    ],
)
async def test_bodies(path: str, json: Any, answer: Any, connect: Connect) -> None:
    """A model, a list of models, and what is marked is the body."""
    client = await connect(BodyViewSet)
    response = await client.post(path, json=json)
    assert response.status in (200, 201)
    assert await response.json() == answer


async def test_no_body(connect: Connect) -> None:
    """A body that may be absent is; one that is needed is told to be empty."""
    client = await connect(BodyViewSet)
    assert await (await client.post("/artist/")).json() == "nothing"
    response = await client.post("/artist/names/")
    assert response.status == 400
    assert "empty" in (await response.json())["detail"]


async def test_own_fault(connect: Connect) -> None:
    """An action may tell a fault that no schema knows."""
    client = await connect(BodyViewSet)
    response = await client.post("/artist/taken/", json={"name": "a"})
    assert await faults_in(response) == {("body", "/name", "taken")}


MEDIA_TYPES = {
    "application/json": 200,
    "Application/JSON": 200,
    "application/json; charset=utf-8": 200,
    'application/json; charset="UTF-8"': 200,
    "application/merge-patch+json": 200,
    "application/problem+json": 200,
    "application/json; charset=latin-1": 400,
    "application/json; charset=nonsense": 400,
    "text/plain": 415,
    "text/json": 415,
    "image/svg+json": 415,
    "application/x-www-form-urlencoded": 415,
    "multipart/form-data; boundary=x": 415,
    "application/jsonp": 415,
    "nonsense": 415,
    "application/json;charset*0*=a;charset*=x'y'utf-8": 415,
    "application/json\xe9": 415,
    "": 415,
}


@pytest.mark.parametrize(("media_type", "status"), MEDIA_TYPES.items())
async def test_media_types(media_type: str, status: int, connect: Connect) -> None:
    """Another type than JSON is a 415 that says what is taken, another charset a 400."""
    client = await connect(BodyViewSet)
    response = await client.post(
        "/artist/names/", data=b'["a"]', headers={"Content-Type": media_type}
    )
    assert response.status == status
    if status == 415:
        assert response.headers["Accept"] == "application/json"
    if status != 200:
        assert response.content_type == "application/problem+json"


async def chunks(size: int) -> Any:
    yield b'["'
    for _ in range(size // 100):
        yield b"a" * 100
    yield b'"]'


SIZES = [
    ("names", 1000, 200),
    ("names", 2 * 1024**2, 413),
    ("small", 10, 200),
    ("small", 100, 413),
    ("large", 2 * 1024**2, 200),
    ("large", 4 * 1024**2, 413),
]


@pytest.mark.parametrize(("action", "size", "status"), SIZES)
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_sizes(
    action: str, size: int, status: int, is_chunked: bool, connect: Connect
) -> None:
    """A body may have what the application allows, or what the action says, less or more."""
    client = await connect(BodyViewSet)
    data = chunks(size) if is_chunked else io.BytesIO(b'["' + b"a" * size + b'"]')
    headers = {"Content-Type": "application/json"}
    response = await client.post(f"/artist/{action}/", data=data, headers=headers)
    assert response.status == status
    if status == 413:
        assert (await response.json())["code"] == "content_too_large"


async def test_body_that_a_middleware_has_read(connect: Connect) -> None:
    """A middleware may read the body before, and an action after."""

    class Webhooks(BaseViewSet):
        async def create(self, body: ArtistIn) -> Any:
            return (await self.request.read()).decode()

        @action(detail=False, method="post", client_max_size=20)
        async def small(self, body: ArtistIn) -> Any:
            return body.name

    @web.middleware
    async def reads(request: web.Request, handler: Any) -> web.StreamResponse:
        await request.read()
        response: web.StreamResponse = await handler(request)
        return response

    client = await connect(Webhooks, middlewares=[reads])
    assert await (await client.post("/artist/", json={"name": "a"})).json() == '{"name": "a"}'
    assert await (await client.post("/artist/small/", json={"name": "a"})).json() == "a"
    assert (await client.post("/artist/small/", json={"name": "a" * 20})).status == 413


In = TypeVar("In")
Out = TypeVar("Out")


class Crud(BaseViewSet, Generic[In, Out]):
    async def create(self, body: In) -> Out:
        return self.make(1, body)

    async def partial_update(self, id: int, body: "Partial[In]") -> "list[In | None]":
        return [body.apply(self.find())]

    def make(self, id: int, body: In) -> Out:
        raise NotImplementedError

    def find(self) -> In:
        raise NotImplementedError


class Half(Crud[In, Artist], Generic[In]):
    pass


class GenericArtists(Half[ArtistIn]):
    def make(self, id: int, body: ArtistIn) -> Artist:
        return Artist(id, body.name)

    def find(self) -> ArtistIn:
        return ArtistIn("old", ["a"])


async def test_generic_viewset(connect: Connect) -> None:
    """Type variables of a base are what the subclass says."""
    client = await connect(GenericArtists)
    answer = await client.post("/artist/", json={"name": "a"})
    assert await answer.json() == {"id": 1, "name": "a"}
    assert (await client.post("/artist/", json={"name": ""})).status == 422
    answer = await client.patch("/artist/7/", json={"name": "new"})
    assert await answer.json() == [{"name": "new", "tags": ["a"]}]


class MixedViewSet(BaseViewSet):
    """One action at a time: typed and untyped live together."""

    async def list(request):  # type: ignore[no-untyped-def]  # the tutorial's form
        return web.json_response("untyped")

    async def detail(self, request: web.Request) -> web.Response:
        return web.json_response(f"untyped {request.match_info['id']}")

    async def destroy(self, id: int) -> None: ...

    async def update(id: int, body: ArtistIn) -> Artist:  # type: ignore[misc]  # no self
        return Artist(id, body.name)

    @staticmethod
    async def create(body: ArtistIn) -> Artist:
        return Artist(1, body.name)

    @classmethod
    async def partial_update(cls, id: int) -> str:
        return f"{cls.__name__} {id}"

    @action(detail=False)
    async def keyword(self, *, request: web.Request, x: int = 5) -> int:
        assert request is self.request
        return x


@pytest.mark.parametrize(
    ("method", "path", "status", "answer"),
    [
        ("GET", "/artist/", 200, "untyped"),
        ("GET", "/artist/7/", 200, "untyped 7"),
        ("DELETE", "/artist/7/", 204, None),
        ("DELETE", "/artist/x/", 404, None),
        ("PUT", "/artist/7/", 200, {"id": 7, "name": "a"}),
        ("POST", "/artist/", 201, {"id": 1, "name": "a"}),
        ("PATCH", "/artist/7/", 200, "MixedViewSet 7"),
        ("GET", "/artist/keyword/", 200, 5),
    ],
)
async def test_mixed(method: str, path: str, status: int, answer: Any, connect: Connect) -> None:
    """Each form of an action is served, in one viewset."""
    client = await connect(MixedViewSet)
    response = await client.request(method, path, json={"name": "a"})
    assert response.status == status
    if answer is not None:
        assert await response.json() == answer


class DefaultViewSet(BaseViewSet):
    async def list(self, tags: list[str] = []) -> list[str]:  # noqa: B006  # it is what is tested
        tags.append("a")
        return tags


async def test_defaults_are_not_shared(connect: Connect) -> None:
    """What a request does to a default, no other sees."""
    client = await connect(DefaultViewSet)
    for _ in range(2):
        assert await (await client.get("/artist/")).json() == ["a"]


class HookedViewSet(BaseViewSet):
    async def before(self) -> None:
        if "Authorization" not in self.request.headers:
            raise web.HTTPUnauthorized

    async def after(self, response: web.StreamResponse) -> None:
        response.headers["X-Action"] = self.action

    async def list(self, request: web.Request) -> web.Response:
        return web.Response()

    async def create(self, body: ArtistIn) -> str:
        return body.name


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_hooks(method: str, connect: Connect) -> None:
    """`before` comes before the parameters, `after` sees the response."""
    client = await connect(HookedViewSet)
    assert (await client.request(method, "/artist/")).status == 401
    response = await client.request(
        method, "/artist/", json={"name": "a"}, headers={"Authorization": "x"}
    )
    assert response.ok
    assert response.headers["X-Action"] in ("list", "create")


class Fil(msgspec.Struct):
    q: str = ""


class Finds(BaseViewSet, Generic[In]):
    async def list(self, filters: Annotated[In, Query]) -> str:
        return type(filters).__name__


class Creates(BaseViewSet, Generic[In]):
    async def create(self, body: In) -> str:
        return type(body).__name__


class Both(Creates[ArtistIn], Finds[Fil]):
    pass


class CreatesSeveral(Creates["list[In]"], Generic[In]):
    async def update(self, id: int, body: In) -> str:
        return type(body).__name__


class Several(CreatesSeveral["ArtistIn"]):
    pass


async def test_one_type_variable_in_two_bases(connect: Connect) -> None:
    """A type variable is what each base is given, though they share its name."""
    client = await connect(Both)
    assert await (await client.get("/artist/")).json() == "Fil"
    assert await (await client.post("/artist/", json={"name": "a"})).json() == "ArtistIn"
    client = await connect(Several)
    assert await (await client.post("/artist/", json=[{"name": "a"}])).json() == "list"
    assert await (await client.put("/artist/1/", json={"name": "a"})).json() == "ArtistIn"


class RawViewSet(BaseViewSet):
    @operation(client_max_size=1000)
    async def create(self, body: ArtistIn) -> str:
        return (await self.request.read()).decode()


async def test_raw_body_beside_the_model(connect: Connect) -> None:
    """An action with a limit of its own can read the raw body, to check a signature."""
    client = await connect(RawViewSet)
    assert await (await client.post("/artist/", json={"name": "a"})).json() == '{"name": "a"}'


def passing_on(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    return wrapper


def with_user(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(self: Any, id: int) -> Any:
        return await function(self, id, "bob")

    return wrapper


Pages = list[int]


class DecoratedViewSet(BaseViewSet):
    @passing_on
    async def list(self, limit: int = 1) -> int:
        return limit

    @with_user
    async def detail(self, id: int, user: str) -> str:
        return f"{user} {id}"

    @classmethod
    @passing_on
    async def update(cls, id: int, limit: int = 1) -> Pages:
        return [id, limit]

    @staticmethod
    @passing_on
    async def destroy(id: int) -> None: ...


async def test_decorators(connect: Connect) -> None:
    """A decorator passes the signature on, or has one of its own."""
    client = await connect(DecoratedViewSet)
    assert await (await client.get("/artist/?limit=5")).json() == 5
    assert await (await client.get("/artist/7/?user=eve")).json() == "bob 7"
    assert await (await client.put("/artist/7/?limit=5")).json() == [7, 5]
    assert (await client.delete("/artist/7/")).status == 204


class DefaultModelViewSet(BaseViewSet):
    async def list(self, filters: Annotated[Filters, Query] = Filters()) -> int:  # noqa: B008
        filters.tag.append("a")
        return len(filters.tag)

    @action(detail=False)
    async def optional(self, filters: Annotated[Filters | None, Query] = None) -> bool:
        return filters is None

    @action(detail=False)
    async def pages(self, filters: Annotated[Filters, Query], page: int = 1) -> Pages:
        return [filters.limit, page]


async def test_models_of_the_query(connect: Connect) -> None:
    """A default is not shared, a model may be absent, and does not see others' keys."""
    client = await connect(DefaultModelViewSet)
    assert [await (await client.get("/artist/")).json() for _ in range(2)] == [1, 1]
    assert await (await client.get("/artist/optional/")).json() is True
    assert await (await client.get("/artist/optional/?q=a")).json() is False
    assert await (await client.get("/artist/pages/?limit=5&page=2")).json() == [5, 2]
    unknown = {("query", "/x", "unknown")}
    assert await faults_in(await client.get("/artist/?x=1")) == unknown
    assert await faults_in(await client.get("/artist/pages/?x=1&page=2")) == unknown


class UntypedRefusalViewSet(BaseViewSet):
    async def list(request: web.Request) -> web.Response:  # type: ignore[misc]  # no self
        raise ValidationError(errors=[Fault("/name", "taken", "No")])

    create = list


async def test_faults_of_an_untyped_action(connect: Connect) -> None:
    """An action that takes the request alone may tell faults too; a GET has none in its body."""
    client = await connect(UntypedRefusalViewSet)
    for body in (None, b"{}"):
        response = await client.get("/artist/", data=body)
        assert await faults_in(response) == {("query", "/name", "taken")}
    response = await client.post("/artist/", data=b"{}")
    assert await faults_in(response) == {("body", "/name", "taken")}


class RefusingViewSet(BaseViewSet):
    async def before(self) -> None:
        if self.request.query.get("way") == "fault":
            raise ValidationError(errors=[Fault("/way", "forbidden", "Not this way")])
        if self.request.query.get("way") == "return":
            return web.HTTPForbidden()  # type: ignore[return-value]
        if self.request.query.get("way") == "another":
            self.request = self.request.clone(rel_url="/artist/?x=5")

    async def list(self, x: int = 1) -> int:
        return x

    async def create(self, request: web.Request) -> web.Response:
        return web.Response(text=request.query_string)


async def test_what_before_may_do(connect: Connect) -> None:
    """It refuses by raising; returning is a mistake that lets nobody in; it may set the request."""
    client = await connect(RefusingViewSet)
    for method, body, place in (
        ("GET", None, "query"),
        ("POST", None, "query"),
        ("POST", b"{}", "body"),
    ):
        response = await client.request(method, "/artist/?way=fault", data=body)
        assert await faults_in(response) == {(place, "/way", "forbidden")}
        assert (await client.request(method, "/artist/?way=return")).status == 500
    assert await (await client.get("/artist/?way=another")).json() == 5
    assert await (await client.post("/artist/?way=another")).text() == "x=5"


async def test_lines_of_a_header(connect: Connect) -> None:
    """The lines of one header are one value (RFC 9110, 5.3)."""
    client = await connect(HeaderViewSet)
    lines = [("X-Key", "5"), ("Cookie", "session=a"), *[("Accept-Language", each) for each in "ab"]]
    assert await (await client.get("/artist/", headers=lines)).json() == [5, "a", "a, b"]


async def test_variable_named_request(connect: Connect) -> None:
    """What is in the URL is the URL's, whatever its name."""

    class Requests(BaseViewSet):
        lookup_url_kwarg = "request"

        async def detail(self, request: int) -> int:
            return request

    client = await connect(Requests)
    assert await (await client.get("/artist/7/")).json() == 7


class RequestAndBodyViewSet(BaseViewSet):
    async def create(self, request: web.Request, body: Annotated[list[int], Body]) -> Any:
        return [request.method, body]


async def test_request_and_body(connect: Connect) -> None:
    """The request can be taken beside a body."""
    response = await (await connect(RequestAndBodyViewSet)).post("/artist/", json=[1])
    assert await response.json() == ["POST", [1]]
