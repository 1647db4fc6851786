"""Type-checked by mypy and pyright, and never run: the documented forms of an action."""

import dataclasses
import datetime
import enum
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypedDict, TypeVar, assert_type
from uuid import UUID

import attrs
import msgspec
import pydantic
from aiohttp import web
from msgspec import Meta

from webaio.decorators import action, operation
from webaio.exceptions import APIException, Fault, ValidationError
from webaio.parameters import Body, Cookie, Header, Query
from webaio.results import Event
from webaio.routers import DefaultRouter, SimpleRouter
from webaio.schemas import Partial, Schema, schema_of
from webaio.viewsets import BaseViewSet

Model = TypeVar("Model")


class Genre(enum.Enum):
    ROCK = "rock"


class Artist(msgspec.Struct):
    id: int
    name: Annotated[str, Meta(min_length=1)]


Artists = list[Artist]


class Filters(msgspec.Struct):
    tag: list[str] = []


@dataclasses.dataclass
class Album:
    title: str


Albums = list[Album]


@attrs.define
class Label:
    name: str


class Tour(pydantic.BaseModel):
    city: str


class Place(TypedDict):
    name: str


class Point(NamedTuple):
    x: int


class NotThere(APIException):
    status_code = 404


class ArtistViewSet(BaseViewSet):
    async def before(self) -> None:
        assert_type(self.request, web.Request)
        assert_type(self.action, str)
        assert_type(self.app, web.Application)

    async def after(self, response: web.StreamResponse) -> None:
        response.headers["X-Action"] = self.action

    async def list(
        self,
        filters: Annotated[Filters, Query],
        limit: Annotated[int, Meta(ge=1, le=100)] = 10,
        pages: Annotated[int, pydantic.Field(ge=1)] = 1,
        since: datetime.date | None = None,
        order: Literal["name", "born"] = "name",
        genre: Genre = Genre.ROCK,
        key: Annotated[str | None, Header("X-Key")] = None,
        session: Annotated[str, Cookie] = "",
        term: Annotated[str, Query("q")] = "",
    ) -> Artists:
        assert_type(filters, Filters)
        assert_type(limit, int)
        assert_type(key, str | None)
        return []

    async def create(self, body: Artist, request: web.Request) -> Artist:
        raise ValidationError(errors=[Fault("/name", "taken", "It is taken")])

    async def detail(self, id: UUID) -> Artist | web.Response:
        return web.Response()

    async def partial_update(self, id: UUID, body: Partial[Artist]) -> Artist:
        assert_type(body.changes, Mapping[str, Any])
        stored = Album("a")
        assert_type(body.apply(stored), Album)
        return body.apply(Artist(1, "a"))

    async def update(self, id: UUID, body: Tour) -> Tour:
        return body

    async def destroy(self, id: UUID) -> None: ...

    @operation(status=202, errors=[409, NotThere, web.HTTPGone], summary="Take in")
    @action(detail=False, method="post", url_path="import")
    async def take_in(self, albums: Albums) -> Place:
        return {"name": "a"}

    @action(detail=True, methods=["put", "post"], deprecated=True, client_max_size=1024)
    async def rename(self, id: UUID, name: Annotated[str, Body]) -> Point:
        return Point(1)

    @action(detail=False)
    async def export(self) -> AsyncIterator[Label]:
        yield Label("a")

    @action(detail=False)
    async def changes(
        self, last: Annotated[str | None, Header("Last-Event-ID")] = None
    ) -> AsyncIterator[Event[Label]]:
        yield assert_type(Event(Label("a"), id=last, event="changed", retry=5), Event[Label])

    @action(detail=False, produces=["text/csv"])
    async def table(self) -> AsyncIterator[bytes]:
        yield b"a"


class Crud(BaseViewSet, Generic[Model]):
    async def create(self, body: Model) -> Model:
        return body

    async def partial_update(self, id: int, body: Partial[Model]) -> Model:
        return body.apply(self.find(id))

    def find(self, id: int) -> Model:
        raise NotImplementedError


class AlbumViewSet(Crud[Album]):
    def find(self, id: int) -> Album:
        return Album("a")


router = SimpleRouter(prefix="/api", check_results=True)
router.register(ArtistViewSet, basename="artist")
router.register(AlbumViewSet, "album")
app = web.Application()
app.add_routes(router.routespatters)
DefaultRouter(check_results=False).register(Crud[Album], basename="album")

schema: Schema = schema_of(Artists)
assert_type(schema.encode([Artist(1, "a")]), bytes)
assert_type(Partial[Artist]({"name": "a"}).apply(Artist(1, "b")), Artist)

ArtistViewSet().action = 7  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
action(method="get")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
operation(status="200")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Fault("/name", "taken")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
