"""What a typed action returns, and the answer that goes out."""

import asyncio
import datetime
import enum
import logging
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, NoReturn, TypedDict

import aiohttp
import msgspec
import pydantic
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from webaio.decorators import action, operation
from webaio.exceptions import Fault, ImproperlyConfigured, ValidationError
from webaio.parameters import Query
from webaio.routers import DefaultRouter, SimpleRouter
from webaio.viewsets import BaseViewSet

Client = TestClient[web.Request, web.Application]
Connect = Callable[..., Awaitable[Client]]


class Kind(enum.Enum):
    FIRST = "first"


class Artist(msgspec.Struct):
    id: int
    name: str = "Gus"


class ArtistModel(pydantic.BaseModel):
    id: int
    full_name: str = pydantic.Field("Gus", alias="fullName")


class ArtistDict(TypedDict):
    id: int


Artists = list[Artist]


class ResultViewSet(BaseViewSet):
    async def list(self) -> Artists:
        return [Artist(1), Artist(2)]

    async def detail(self, id: int) -> Artist | web.Response | None:
        if id == 1:
            return Artist(1)
        return web.Response(text="plain") if id == 2 else None

    async def destroy(self, id: int) -> None: ...

    async def update(self, id: int):  # type: ignore[no-untyped-def]  # no result is declared
        return {"any": id}

    @action(detail=False)
    async def model(self) -> ArtistModel:
        return ArtistModel(id=1, fullName="Charly")

    @action(detail=False)
    async def response(self, x: int = 1) -> web.Response:
        return web.json_response(x, status=418)

    @action(detail=False)
    async def never(self, x: int = 1) -> NoReturn:
        raise web.HTTPFound("/")

    @action(detail=False, status=202)
    async def accepted(self) -> Artist:
        return Artist(1)

    @action(detail=False, status=202)
    async def nothing(self) -> None: ...

    @operation(status=205)
    async def partial_update(self, id: int) -> None: ...


@pytest.mark.parametrize(
    ("method", "path", "status", "media_type", "content"),
    [
        ("GET", "", 200, "application/json", b'[{"id":1,"name":"Gus"},{"id":2,"name":"Gus"}]'),
        ("GET", "1/", 200, "application/json", b'{"id":1,"name":"Gus"}'),
        ("GET", "2/", 200, "text/plain", b"plain"),
        ("GET", "3/", 204, "application/octet-stream", b""),
        ("HEAD", "1/", 200, "application/json", b""),
        ("DELETE", "1/", 204, "application/octet-stream", b""),
        ("PUT", "1/", 200, "application/json", b'{"any":1}'),
        ("PATCH", "1/", 205, "application/octet-stream", b""),
        ("GET", "model/", 200, "application/json", b'{"id":1,"fullName":"Charly"}'),
        ("GET", "response/", 418, "application/json", b"1"),
        ("GET", "never/", 302, "text/plain", b"302: Found"),
        ("GET", "accepted/", 202, "application/json", b'{"id":1,"name":"Gus"}'),
        ("GET", "nothing/", 202, "application/octet-stream", b""),
    ],
)
@pytest.mark.parametrize("check_results", [False, True])
async def test_results(
    method: str,
    path: str,
    status: int,
    media_type: str,
    content: bytes,
    check_results: bool,
    connect: Connect,
) -> None:
    """A response goes out as it is, None is 204, and the rest is JSON."""
    client = await connect(ResultViewSet, check_results=check_results)
    response = await client.request(method, f"/artist/{path}", allow_redirects=False)
    assert response.status == status
    assert response.content_type == media_type
    assert await response.read() == content


def created(result: Any, **members: Any) -> type[BaseViewSet]:
    async def create(self: BaseViewSet) -> Any:
        return result

    async def destroy(self: BaseViewSet, **_: Any) -> web.Response:
        return web.Response()

    return type("Artists", (BaseViewSet,), {"create": create, "destroy": items, **members})


async def items(request: web.Request) -> web.Response:
    return web.Response(text=next(iter(request.match_info.values())))


LOCATIONS: list[tuple[Any, dict[str, Any], str | None]] = [
    (Artist(7), {}, "/artist/7/"),
    ({"id": "a/b c?é\n"}, {}, "/artist/a%2Fb%20c%3F%C3%A9%0A/"),
    (ArtistModel(id=7, fullName="a"), {}, "/artist/7/"),
    ({"slug": "gus"}, {"lookup_url_kwarg": "slug"}, "/artist/gus/"),
    (Artist(0), {}, "/artist/0/"),
    ({"id": Kind.FIRST}, {}, "/artist/first/"),
    ({"id": datetime.date(2026, 1, 2)}, {}, "/artist/2026-01-02/"),
    ({"id": ".."}, {}, None),
    ({"id": ""}, {}, None),
    ({"id": True}, {}, None),
    ({"id": 7}, {"lookup_value_regex": "[a-z]+"}, None),
    ("text", {"lookup_url_kwarg": "title"}, None),
    ({"name": "a"}, {}, None),
    ({"id": None}, {}, None),
    ([1], {}, None),
    (Artist(7), {"destroy": None}, None),
]


@pytest.mark.parametrize(("result", "members", "location"), LOCATIONS, ids=str)
async def test_location(
    result: Any, members: dict[str, Any], location: str | None, connect: Connect
) -> None:
    """A new item that has the lookup field is told its URL, where items have one."""
    if isinstance(result, ArtistModel):
        create = typed_create(result)
        viewset = created(result, create=create, **members)
    else:
        viewset = created(result, **members)
    client = await connect(viewset)
    response = await client.post("/artist/")
    assert response.status == 201
    assert response.headers.get("Location") == location
    if location is not None:
        assert (await client.delete(location)).status == 200


def typed_create(result: ArtistModel) -> Any:
    async def create(self: BaseViewSet) -> ArtistModel:
        return result

    return create


@pytest.mark.parametrize(
    ("options", "path", "location"),
    [
        ({"trailing_slash": False}, "/artist", "/artist/7"),
        ({"prefix": "/{tenant}"}, "/s%C3%BCr/artist/", "/s%C3%BCr/artist/7/"),
    ],
)
async def test_location_in_routers(
    options: dict[str, Any], path: str, location: str, connect: Connect
) -> None:
    """The URL is below that of the collection, however the router writes it."""
    client = await connect(created(Artist(7)), **options)
    assert (await client.post(path)).headers["Location"] == location


@pytest.mark.parametrize(
    ("attributes", "result", "location"),
    [
        ({"lookup_url_kwarg": "artist_id"}, {"id": 7}, "/artist/7/"),
        ({"lookup_url_kwarg": "name"}, {"id": 7, "name": "a"}, "/artist/a/"),
        ({"lookup_url_kwarg": "slug", "lookup_field": "key"}, {"id": 7, "key": "k"}, "/artist/k/"),
        ({"lookup_field": "key"}, {"id": 7}, None),
    ],
)
async def test_lookup_field(
    attributes: dict[str, str], result: dict[str, Any], location: str | None, connect: Connect
) -> None:
    """The key of a result need not have the name that it has in the URL."""

    async def create(self: BaseViewSet) -> dict[str, Any]:
        return result

    async def detail(self: BaseViewSet, request: web.Request) -> web.Response:
        return web.Response()

    client = await connect(
        type("Artists", (BaseViewSet,), {**attributes, "create": create, "detail": detail})
    )
    assert (await client.post("/artist/")).headers.get("Location") == location


@pytest.mark.parametrize("field", ["", 5])
def test_lookup_field_that_is_none(field: Any) -> None:
    """It is the name of a member."""
    viewset = type("Artists", (created(Artist(7)),), {"lookup_field": field})
    with pytest.raises(ImproperlyConfigured, match="is no name of a member"):
        SimpleRouter().register(viewset, basename="artist")


async def test_location_needs_something_new(connect: Connect) -> None:
    """Another status than 201 and 202 tells no location."""

    class Artists(BaseViewSet):
        @operation(status=203)
        async def create(self) -> Artist:
            return Artist(7)

        async def detail(self, id: int) -> Artist:
            return Artist(id)

    client = await connect(Artists)
    response = await client.post("/artist/")
    assert (response.status, response.headers.get("Location")) == (203, None)


class MisfitViewSet(BaseViewSet):
    async def list(self) -> Artists:
        return [{"id": 1, "name": "a", "secret": "x"}]  # type: ignore[list-item]

    async def create(self) -> Artist:
        return Artist("x")  # type: ignore[arg-type]

    async def detail(self, id: int) -> ArtistModel:
        return ArtistModel.model_construct(id="x")

    async def update(self, id: int) -> Artist:
        return None  # type: ignore[return-value]  # a return that was forgotten

    async def destroy(self, id: int) -> Artist | None:
        return None

    @action(detail=False)
    async def stream(self) -> AsyncIterator[Artist]:
        yield Artist("x")  # type: ignore[arg-type]

    @action(detail=False)
    async def late(self) -> AsyncIterator[Artist]:
        yield Artist(1)
        yield Artist("x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("POST", ""), ("GET", "1/"), ("PUT", "1/")],
)
async def test_misfits(
    method: str, path: str, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """In development a result that does not fit is a 500, and the log says why; else it goes out."""
    caplog.set_level(logging.ERROR)
    client = await connect(MisfitViewSet, check_results=True)
    assert (await client.request(method, f"/artist/{path}")).status == 500
    assert "the result cannot be written as declared" in caplog.text
    assert "MisfitViewSet." in caplog.text
    client = await connect(MisfitViewSet, check_results=False)
    assert (await client.request(method, f"/artist/{path}")).status in (200, 201, 204)


async def test_none_that_is_declared(connect: Connect) -> None:
    client = await connect(MisfitViewSet, check_results=True)
    assert (await client.delete("/artist/1/")).status == 204


async def test_misfit_in_a_stream(connect: Connect) -> None:
    """The items of a stream are checked as well; after the first the stream is cut."""
    client = await connect(MisfitViewSet, check_results=True)
    assert (await client.get("/artist/stream/")).status == 500
    response = await client.get("/artist/late/")
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    client = await connect(MisfitViewSet, check_results=False)
    assert await (await client.get("/artist/stream/")).read() == b'{"id":"x","name":"Gus"}\n'


async def test_result_that_is_not_declared(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nothing but a response or None is declared, another result is a misfit too."""

    class Artists(BaseViewSet):
        async def list(self) -> None:
            return {"secret": 1}  # type: ignore[return-value]

        async def create(self, x: int = 1) -> web.Response:
            return x  # type: ignore[return-value]

    client = await connect(Artists, check_results=True)
    assert (await client.get("/artist/")).status == 500
    assert (await client.post("/artist/")).status == 500
    assert "a dict is returned, and none is declared" in caplog.text


async def test_unknown_result(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be JSON at all is a 500 too."""
    client = await connect(created(object()), check_results=False)
    assert (await client.post("/artist/")).status == 500
    assert "Encoding objects of type object is unsupported" in caplog.text


class StreamViewSet(BaseViewSet):
    closed = 0
    left = asyncio.Event()

    async def after(self, response: web.StreamResponse) -> None:
        response.headers["X-After"] = "1"

    async def list(self, limit: int = 3) -> AsyncIterator[Artist]:
        try:
            for id in range(limit):
                yield Artist(id)
        finally:
            StreamViewSet.closed += 1

    async def detail(self, id: int) -> AsyncIterator[Artist]:
        return self.list(id)

    @action(detail=False)
    async def missing(self) -> AsyncGenerator[Artist, None]:
        raise web.HTTPNotFound
        yield Artist(1)

    @action(detail=False)
    async def late(self) -> AsyncIterable[Artist]:
        yield Artist(1)
        raise web.HTTPNotFound

    @action(detail=False)
    async def refused(self) -> AsyncIterator[int]:
        yield 1
        raise ValidationError(errors=[Fault("", "value", "No")])

    @action(detail=False)
    async def broken(self) -> AsyncIterator[int]:
        yield 1
        raise KeyError("x")

    @action(detail=False)
    async def endless(self) -> AsyncIterator[str]:
        try:
            while True:
                yield "x" * 1000
                await asyncio.sleep(0)
        finally:
            StreamViewSet.left.set()


@pytest.mark.parametrize("path", ["?limit=2", "2/"])
async def test_stream(path: str, connect: Connect) -> None:
    """An async iterator goes out as lines of JSON, and is closed."""
    StreamViewSet.closed = 0
    client = await connect(StreamViewSet)
    response = await client.get(f"/artist/{path}")
    assert response.status == 200
    assert response.content_type == "application/x-ndjson"
    assert response.headers["X-After"] == "1"
    assert await response.read() == b'{"id":0,"name":"Gus"}\n{"id":1,"name":"Gus"}\n'
    assert StreamViewSet.closed == 1


async def test_empty_stream(connect: Connect) -> None:
    """No items are no lines."""
    client = await connect(StreamViewSet)
    response = await client.get("/artist/?limit=0")
    assert (response.status, await response.read()) == (200, b"")


async def test_head_of_a_stream(connect: Connect) -> None:
    """HEAD has the headers, and the connection can be used again."""
    StreamViewSet.closed = 0
    client = await connect(StreamViewSet)
    for _ in range(2):
        response = await client.head("/artist/")
        assert (response.status, response.content_type) == (200, "application/x-ndjson")
    assert StreamViewSet.closed == 2


async def test_error_before_the_first_item(connect: Connect) -> None:
    """What is raised before the first item is an answer like any other."""
    client = await connect(StreamViewSet)
    assert (await client.get("/artist/missing/")).status == 404


@pytest.mark.parametrize("path", ["late", "refused", "broken"])
async def test_error_in_a_stream(path: str, connect: Connect) -> None:
    """What is raised later cuts the connection: the client sees that it is not complete."""
    client = await connect(StreamViewSet)
    response = await client.get(f"/artist/{path}/")
    assert response.status == 200
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()


async def test_stream_to_an_old_client(connect: Connect) -> None:
    """In HTTP/1.0 the end of the connection is the end of the stream."""
    client = await connect(StreamViewSet)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(b"GET /artist/?limit=1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    received = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert received.endswith(b'\r\n\r\n{"id":0,"name":"Gus"}\n')


async def test_client_that_leaves_a_stream(connect: Connect) -> None:
    """The iterator of a client that left is closed."""
    StreamViewSet.left = asyncio.Event()
    client = await connect(StreamViewSet)
    response = await client.get("/artist/endless/")
    await response.content.readline()
    response.close()
    await asyncio.wait_for(StreamViewSet.left.wait(), 5)


async def test_default_router_checks_results(connect: Connect) -> None:
    """Each router takes the option."""
    client = await connect(MisfitViewSet, router=DefaultRouter, check_results=True)
    assert (await client.get("/artist/")).status == 500


class UnionViewSet(BaseViewSet):
    async def list(
        self, kind: Annotated[str, Query]
    ) -> web.Response | web.FileResponse | ArtistDict | int:
        return {"id": 1} if kind == "dict" else 5


async def test_union_of_results(connect: Connect) -> None:
    """A result may be one of several types, and responses among them."""
    client = await connect(UnionViewSet, check_results=True)
    assert await (await client.get("/artist/?kind=dict")).json() == {"id": 1}
    assert await (await client.get("/artist/?kind=int")).json() == 5
