"""Where parameters come from: models of queries, headers and cookies, and sources of others."""

import dataclasses
import re
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import annotated_types
import msgspec
import pydantic
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from msgspec import Meta, Struct
from typing_extensions import Doc

from webaio.decorators import action
from webaio.exceptions import (
    AuthenticationFailed,
    Fault,
    ImproperlyConfigured,
    ValidationError,
)
from webaio.openapi._about import About
from webaio.openapi._document import document
from webaio.parameters import (
    Cookie,
    Depends,
    Documentation,
    Header,
    Inputs,
    Parameter,
    Query,
    Source,
)
from webaio.results import Accepted, Answer
from webaio.routers import SimpleRouter
from webaio.schemas import Components, Partial
from webaio.viewsets import BaseViewSet

Read = Callable[[web.Request], Any]
Connect = Callable[..., Awaitable[TestClient[web.Request, web.Application]]]


class Pages(Struct, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=1)] = 1
    size: int = 10


class Filters(Struct, forbid_unknown_fields=True):
    q: str
    tag: list[str] = []
    size: int = 0


class Trace(Struct, forbid_unknown_fields=True):
    x_request_id: str
    traceparent: str | None = None
    x_hops: Annotated[int, Meta(ge=0)] = 0


class TraceModel(pydantic.BaseModel):
    model_config = {"extra": "forbid"}
    x_request_id: str
    traceparent: str | None = None
    x_hops: Annotated[int, pydantic.Field(ge=0)] = 0


class Session(Struct):
    user: str
    theme: str = "light"


Echo = dict[str, Any]


class Models(BaseViewSet):
    async def list(
        self,
        pages: Annotated[Pages, Query],
        filters: Annotated[Filters, Query],
        order: str = "name",
    ) -> Echo:
        return {"pages": pages, "filters": filters, "order": order}

    async def create(self, trace: Annotated[Trace, Header], key: Annotated[str, Header]) -> Trace:
        return trace

    async def update(self, id: int, trace: Annotated[TraceModel, Header]) -> TraceModel:
        return trace

    async def detail(self, id: int, session: Annotated[Session, Cookie]) -> Session:
        return session

    async def destroy(
        self, id: int, session: Annotated[Session | None, Cookie] = None
    ) -> Session | None:
        return session


async def faults(response: Any) -> set[tuple[str, str, str]]:
    assert response.status == 422
    errors = (await response.json(content_type=None))["errors"]
    return {(each["in"], each["pointer"], each["code"]) for each in errors}


async def test_models_of_one_query(connect: Connect) -> None:
    """Each takes the keys that it names; none refuses those of another, and both what nobody names."""
    client = await connect(Models)
    response = await client.get("/artist/?q=a&tag=x&tag=y&page=2&size=5&order=born")
    assert await response.json() == {
        "pages": {"page": 2, "size": 5},
        "filters": {"q": "a", "tag": ["x", "y"], "size": 5},
        "order": "born",
    }
    response = await client.get("/artist/?page=0&size=1&size=2&colour=red")
    assert await faults(response) == {
        ("query", "/page", "minimum"),
        ("query", "/q", "required"),
        ("query", "/size", "repeated"),
        ("query", "/colour", "unknown"),
    }
    errors = (await response.json(content_type=None))["errors"]
    assert len(errors) == 4  # each once


async def test_models_of_headers(connect: Connect) -> None:
    """A member is a header, with `-` for `_`; other headers are nobody's business."""
    client = await connect(Models)
    sent = {"X-Request-ID": "a", "X-HOPS": "3", "Key": "k", "X-Other": "1"}
    expected = {"x_request_id": "a", "traceparent": None, "x_hops": 3}
    assert await (await client.post("/artist/", headers=sent)).json() == expected
    assert await (await client.put("/artist/1/", headers=sent)).json() == expected
    broken = {"X-Hops": "-1"}
    missing = {("header", "/x-request-id", "required"), ("header", "/x-hops", "minimum")}
    response = await client.post("/artist/", headers=broken)
    assert await faults(response) == {*missing, ("header", "/key", "required")}
    assert await faults(await client.put("/artist/1/", headers=broken)) == missing


async def test_models_of_cookies(connect: Connect) -> None:
    """A member is a cookie; where there is none of them, the model is absent."""
    client = await connect(Models)
    cookies = {"Cookie": "user=ann; other=1"}
    expected = {"user": "ann", "theme": "light"}
    assert await (await client.get("/artist/1/", headers=cookies)).json() == expected
    required = {("cookie", "/user", "required")}
    assert await faults(await client.get("/artist/1/")) == required
    assert (await client.delete("/artist/1/")).status == 204
    theme = {"Cookie": "theme=dark"}
    assert await faults(await client.delete("/artist/1/", headers=theme)) == required


def document_of(viewset: type[BaseViewSet], **about: Any) -> Any:
    router = SimpleRouter()
    router.register(viewset, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    return msgspec.json.decode(document(app, About("API", "1", **about)))


def test_documented_models() -> None:
    """Each member is a parameter, under its key."""
    paths = document_of(Models)["paths"]
    del paths["/artist/{id}/"]["delete"]  # where the model may be absent
    found = {
        (each["in"], each["name"]): each.get("required", False)
        for operations in paths.values()
        for described in operations.values()
        for each in described.get("parameters", ())
    }
    assert found == {
        **{("query", name): False for name in ("order", "page", "size", "tag")},
        ("query", "q"): True,
        **{("header", name): False for name in ("traceparent", "x-hops")},
        ("header", "x-request-id"): True,
        ("header", "key"): True,
        ("cookie", "user"): True,
        ("cookie", "theme"): False,
        ("path", "id"): True,
    }


class Range(Struct):
    """A page of a `Range` header."""

    first: int
    last: int


class ByRange(Source):
    """A source of somebody else: a page, as a header of the request says it."""

    location = "header"

    def __init__(self, most: int = 100) -> None:
        self.most = most

    def reader(self, parameter: Parameter, inputs: Inputs) -> Read:
        if parameter.type is not Range:
            raise ImproperlyConfigured(parameter.where, "it is no Range", "Write Range")

        def read(request: web.Request) -> Range:
            found = re.fullmatch(r"items=(\d+)-(\d+)", request.headers.get("Range", "items=0-9"))
            if found is None:
                raise ValidationError(errors=[Fault("/Range", "format", "Not a range of items")])
            return Range(int(found[1]), min(int(found[2]), self.most))

        return read

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        schema = {"type": "string", "pattern": r"^items=\d+-\d+$"}
        return Documentation(
            parameters=({"name": "Range", "in": "header", "schema": schema},),
            errors=(416, 422),
        )


class User(Struct):
    name: str


class ByToken(Source):
    """A source that waits: the user of a token."""

    def __init__(self, *schemes: str) -> None:
        self.schemes = schemes

    def reader(self, parameter: Parameter, inputs: Inputs) -> Read:
        async def read(request: web.Request) -> User:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme != "Bearer":
                raise AuthenticationFailed
            return User(token)

        return read

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        return Documentation(errors=(AuthenticationFailed,), security=self.schemes)


CurrentUser = Annotated[User, ByToken]


class Sourced(BaseViewSet):
    async def list(
        self, user: CurrentUser, page: Annotated[Range, ByRange(50)], order: int = 0
    ) -> Echo:
        return {"user": user.name, "last": page.last}

    async def create(self, body: User, page: Annotated[Range, ByRange] = Range(0, 0)) -> User:  # noqa: B008  # it is copied
        return body

    async def detail(self, id: int) -> int:
        return id


class Secured(Sourced):
    async def list(  # type: ignore[override]  # it takes less
        self, user: Annotated[User, ByToken("token")], page: Annotated[Range, ByRange], order: int
    ) -> Echo:
        return {}


async def test_source_of_others(connect: Connect) -> None:
    """A source reads, waits, and refuses; its faults are told beside those of other parameters."""
    client = await connect(Sourced)
    token = {"Authorization": "Bearer ann"}
    response = await client.get("/artist/", headers={**token, "Range": "items=0-99"})
    assert await response.json() == {"user": "ann", "last": 50}
    response = await client.get("/artist/?order=x", headers={**token, "Range": "bytes=1-2"})
    assert await faults(response) == {("header", "/Range", "format"), ("query", "/order", "type")}
    response = await client.get("/artist/?order=x")
    assert response.status == 401
    assert await (await client.post("/artist/", json={"name": "a"})).json() == {"name": "a"}


def test_documented_source() -> None:
    """What it says of itself is in the document: parameters, errors, and the security."""
    schemes = {
        "token": {"type": "http", "scheme": "bearer"},
        "key": {"type": "http", "scheme": "x"},
    }
    described = document_of(Secured, security_schemes=schemes)["paths"]
    listed = described["/artist/"]["get"]
    assert [each["name"] for each in listed["parameters"]] == ["Range", "order"]
    assert set(listed["responses"]) == {"200", "401", "416", "422"}
    assert listed["security"] == [{"token": []}]
    assert (
        "AuthenticationFailed"
        in listed["responses"]["401"]["content"]["application/problem+json"]["examples"]
    )
    assert "security" not in described["/artist/{id}/"]["get"]


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (Annotated[User, ByRange], "it is no Range. Write Range"),
        (Annotated[User, object()], "which is no mark and no constraint"),
        (Annotated[User, User], "which is no mark and no constraint"),
        (Annotated[User, User("a")], "which is no mark and no constraint"),
        (Annotated[User, TraceModel], "which is no mark and no constraint"),
        (Annotated[User, TraceModel(x_request_id="a")], "which is no mark and no constraint"),
        (Annotated[User, 5], "it is annotated with 5, which is no mark"),
        (Annotated[User, document_of], "Write Depends(document_of)"),
        (Annotated[int, Meta(ge=1), None], "it is annotated with None"),
        (Annotated[User, object()] | None, "which is no mark and no constraint"),
        (list[Annotated[User, User]], "which is no mark and no constraint"),
        (dict[str, Annotated[User, ByToken]], "it is marked inside its type"),
        (CurrentUser | None, "it is marked inside its type"),
    ],
)
def test_unknown_metadata(annotation: Any, message: str) -> None:
    """What was meant for a mark, and is none, would let a client send the value."""

    async def create(self: BaseViewSet, user) -> None: ...  # type: ignore[no-untyped-def]  # that is the point

    create.__annotations__["user"] = annotation
    viewset = type("Artists", (BaseViewSet,), {"create": create})
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)) as caught:
        SimpleRouter().register(viewset, basename="artist")
    assert caught.value.where.startswith("Artists.create, parameter 'user'")


class Sorted(Source):
    """A source of the query, beside a model that refuses what it does not know."""

    def reader(self, parameter: Parameter, inputs: Inputs) -> Read:
        return lambda request: request.query.get("sort", parameter.default)

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        return Documentation(({"name": "sort", "in": "query", "schema": {"type": "string"}},))


class SortedViewSet(BaseViewSet):
    async def list(
        self, pages: Annotated[Pages, Query], sort: Annotated[str, Sorted] = "name"
    ) -> Echo:
        return {"page": pages.page, "sort": sort}


async def test_key_of_a_source_of_others(connect: Connect) -> None:
    """A model does not refuse a key that another source documents."""
    client = await connect(SortedViewSet)
    response = await client.get("/artist/?page=2&sort=born")
    assert await response.json() == {"page": 2, "sort": "born"}
    assert await faults(await client.get("/artist/?x=1")) == {("query", "/x", "unknown")}


class Useless(Source):
    """It does not say how to read."""


class Text(Source):
    """Its reader is none."""

    def reader(self, parameter: Parameter, inputs: Inputs) -> Any:
        return "text"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Useless, "Useless: it reads nothing. Define reader(self, parameter, inputs)"),
        (Text, "the reader of Text is 'text'. Let it give a function of the request"),
    ],
)
def test_source_that_cannot_read(source: Any, message: str) -> None:
    """It is refused at registration."""

    async def create(self: BaseViewSet, user) -> None: ...  # type: ignore[no-untyped-def]  # that is the point

    create.__annotations__["user"] = Annotated[str, source]
    viewset = type("Artists", (BaseViewSet,), {"create": create})
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)):
        SimpleRouter().register(viewset, basename="artist")


class Note:
    """Metadata of somebody else."""


@dataclasses.dataclass(frozen=True)
class Restricted:
    """A constraint of pydantic's kind."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return handler(source)


class Words(str):
    """A text that is translated late."""


class Member(Struct):
    name: Annotated[str, Note(), Meta(min_length=1)]


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[int, "a comment"],
        Annotated[int, Doc("What it is.")],
        Annotated[int, Meta(ge=1), "and a comment"],
        Annotated[int, annotated_types.Gt(1)],
        Annotated[str, annotated_types.Len(1, 5)],
        Annotated[int, pydantic.Field(ge=1), pydantic.Strict()],
        Annotated[int, pydantic.AfterValidator(abs)],
        pydantic.PositiveInt,
        Annotated[str, pydantic.StringConstraints(min_length=1)],
        Annotated[str, Restricted()],
        Annotated[int, Words("what it is")],
        Member,
        list[Member],
        Partial[Member],
    ],
)
def test_known_metadata(annotation: Any) -> None:
    """Constraints of a library are none; strings and `Doc` are for people; a member's is the model's."""

    async def create(self: BaseViewSet, x) -> None: ...  # type: ignore[no-untyped-def]  # that is the point

    create.__annotations__["x"] = annotation
    viewset = type("Artists", (BaseViewSet,), {"create": create})
    SimpleRouter().register(viewset, basename="artist")


class Owned(Struct):
    name: str
    owner: CurrentUser


class OwnedModel(pydantic.BaseModel):
    owner: Annotated[str, Header("X-Owner")]


@pytest.mark.parametrize(
    "annotation",
    [Owned, list[Owned], Owned | None, Partial[Owned], OwnedModel, Annotated[Owned, Query]],
)
def test_mark_on_a_member(annotation: Any) -> None:
    """Nobody would read it, and the client would send the owner."""

    async def create(self: BaseViewSet, x) -> None: ...  # type: ignore[no-untyped-def]  # that is the point

    create.__annotations__["x"] = annotation
    viewset = type("Artists", (BaseViewSet,), {"create": create})
    with pytest.raises(ImproperlyConfigured, match="a member of its model is marked"):
        SimpleRouter().register(viewset, basename="artist")


class Named(Query):
    """A source of the query, as another class."""


class Limits(Struct, forbid_unknown_fields=True):
    limit: int
    x_key: str = ""


def limited(limit: int = 5) -> int:
    return limit


class SharedKeys(BaseViewSet):
    async def list(
        self,
        limits: Annotated[Limits, Query],
        other: Annotated[int, Depends(limited)],
        p: Annotated[int, Named] = 1,
    ) -> Echo:
        return {"limits": limits.limit, "other": other, "p": p}

    async def create(
        self, trace: Annotated[Trace, Header], x_request_id: Annotated[str, Header("X-Request-ID")]
    ) -> Echo:
        return {"model": trace.x_request_id, "own": x_request_id}


async def test_shared_keys(connect: Connect) -> None:
    """A key goes to all that name it."""
    client = await connect(SharedKeys)
    response = await client.get("/artist/?limit=3&p=2")
    assert await response.json() == {"limits": 3, "other": 3, "p": 2}
    response = await client.post("/artist/", headers={"x-request-id": "a"})
    assert await response.json() == {"model": "a", "own": "a"}


def test_place_of_a_source() -> None:
    """It is one of a request's."""
    with pytest.raises(ImproperlyConfigured, match="'bogus' is no place in a request"):
        type("Bogus", (Source,), {"location": "bogus"})


class Called:
    """A reader that is an object, and awaited."""

    async def __call__(self, request: web.Request) -> int:
        return 5


class ByObject(Source):
    def reader(self, parameter: Parameter, inputs: Inputs) -> Read:
        return Called()


class ObjectViewSet(BaseViewSet):
    async def list(self, x: Annotated[int, ByObject]) -> int:
        return x


async def test_reader_that_is_an_object(connect: Connect) -> None:
    """It is awaited where its call is."""
    client = await connect(ObjectViewSet)
    assert await (await client.get("/artist/")).json() == 5


NAMED_TYPES = """
type Json = dict[str, Json] | list[Json] | str | None
type Page[T] = list[T]
type Found = User | Accepted[Page[User]]
type Key = Annotated[str, Header("X-Key")]
class Listed[T](Answer[list[T]]): ...

class Artists(BaseViewSet):
    async def create(self, body: Page[User]) -> Listed[User]:
        return Listed(body)
    async def list(self, key: Key) -> Found:
        return Accepted([User(key)])

class Endless(BaseViewSet):
    async def create(self, body: dict[str, Json]) -> int: ...
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="it has no named types (PEP 695)")
async def test_named_types(connect: Connect) -> None:
    """A named type is what it names, with its arguments; one that holds itself is told."""
    names: Any = {**globals(), "Accepted": Accepted, "Answer": Answer}
    exec(NAMED_TYPES, names)  # noqa: S102  # older Pythons cannot read it
    client = await connect(names["Artists"])
    assert await (await client.post("/artist/", json=[{"name": "a"}])).json() == [{"name": "a"}]
    response = await client.get("/artist/", headers={"X-Key": "k"})
    assert (response.status, await response.json()) == (202, [{"name": "k"}])
    with pytest.raises(ImproperlyConfigured, match="it holds itself"):
        SimpleRouter().register(names["Endless"], basename="artist")


class EmptiedModel(pydantic.BaseModel):
    q: str
    tag: list[str] = []
    size: int = 10
    page: int | None = None


class Emptied(Struct, forbid_unknown_fields=True):
    q: str
    tag: list[str] = []
    size: int = 10
    page: int | None = None


OPTIONAL = Query(allow_empty_value=True)


class Forms(BaseViewSet):
    async def list(
        self,
        limit: Annotated[int | None, OPTIONAL] = None,
        text: Annotated[str, OPTIONAL] = "all",
        number: Annotated[list[int], Query("n", allow_empty_value=True)] = [],  # noqa: B006
        strict: int = 1,
    ) -> list[Any]:
        return [limit, text, number, strict]

    @action(detail=False)
    async def members(self, filters: Annotated[Emptied, OPTIONAL]) -> Emptied:
        return filters

    @action(detail=False)
    async def whole(
        self,
        filters: Annotated[Emptied, OPTIONAL] = Emptied("all"),  # noqa: B008
    ) -> Emptied:
        return filters

    @action(detail=False)
    async def model(self, filters: Annotated[EmptiedModel, OPTIONAL]) -> EmptiedModel:
        return filters


@pytest.mark.parametrize(
    ("url", "status", "told"),
    [
        ("/artist/?limit=&text=&n=", 200, [None, "all", [], 1]),
        ("/artist/?limit&text&n", 200, [None, "all", [], 1]),
        ("/artist/?limit=5&text=a&n=1", 200, [5, "a", [1], 1]),
        ("/artist/?limit=&limit=5&n=&n=2&n=", 200, [5, "all", [2], 1]),
        ("/artist/?limit=0", 200, [0, "all", [], 1]),
        ("/artist/?limit=%20", 422, ["type"]),
        ("/artist/?limit=1&limit=2", 422, ["repeated"]),
        ("/artist/?strict=", 422, ["type"]),
        ("/artist/members/?q=a&tag=&size=&page=", 200, ["a", [], 10, None]),
        ("/artist/members/?q=a&tag=&tag=b&size=&size=3", 200, ["a", ["b"], 3, None]),
        ("/artist/members/?q=&size=", 422, ["required"]),
        ("/artist/members/?q=a&other=1", 422, ["unknown"]),
        ("/artist/whole/?q=&size=", 200, ["all", [], 10, None]),
        ("/artist/whole/?size=5", 422, ["required"]),
        ("/artist/model/?q=a&tag=&size=&page=", 200, ["a", [], 10, None]),
    ],
)
async def test_empty_values(connect: Connect, url: str, status: int, told: Any) -> None:
    """An empty value is as none where that is said, of a parameter and of all members of a model."""
    response = await (await connect(Forms)).get(url)
    found = await response.json(content_type=None)
    assert response.status == status, found
    if status == 422:
        assert [each["code"] for each in found["errors"]] == told
    else:
        assert (found if isinstance(found, list) else [*found.values()]) == told


def test_documented_empty_values() -> None:
    """The document says which parameters may be empty: those that may be absent."""
    router = SimpleRouter()
    router.register(Forms, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    paths = msgspec.json.decode(document(app, About("API", "1")))["paths"]
    found = {
        path: {
            each["name"]
            for each in item["get"]["parameters"]
            if each.get("allowEmptyValue") is True
        }
        for path, item in paths.items()
    }
    assert found == {
        "/artist/": {"limit", "text", "n"},
        "/artist/members/": {"tag", "size", "page"},
        "/artist/whole/": {"q", "tag", "size", "page"},
        "/artist/model/": {"tag", "size", "page"},
    }
