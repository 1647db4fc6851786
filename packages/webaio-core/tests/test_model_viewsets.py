import asyncio
import contextvars
import dataclasses
import datetime
import enum
import functools
import gc
import math
import random
import time
import types
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pydantic
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from msgspec import Struct
from pytest_aiohttp import AiohttpClient
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Computed,
    ForeignKey,
    NullPool,
    Numeric,
    String,
    event,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy import Enum as SQLEnum
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    aliased,
    mapped_column,
    relationship,
    validates,
)

from webaio import openapi
from webaio.decorators import action
from webaio.exceptions import Conflict, ImproperlyConfigured, PermissionDenied
from webaio.filters import Filters
from webaio.middlewares import api_exception_handler
from webaio.pagination import Keyset, LimitOffset, Page, PageNumber, Pagination, Paging
from webaio.results import Answer
from webaio.routers import SimpleRouter
from webaio.schemas import Partial
from webaio.sqlalchemy import (
    DATABASE,
    BulkModelViewSet,
    Int,
    ModelViewSet,
    ReadOnlyModelViewSet,
    Session,
    Text100,
    UTCDateTime,
    create_engine,
    setup,
)
from webaio.viewsets import BaseViewSet

Client = TestClient[web.Request, web.Application]
Serve = Callable[..., Awaitable[Client]]


class Base(DeclarativeBase):
    pass


class Artist(Base):
    __tablename__ = "artist"
    __table_args__ = (CheckConstraint("born > 0", name="born_is_positive"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    born: Mapped[int | None] = mapped_column(index=True)
    songs: Mapped[list["Song"]] = relationship(
        lazy="raise", back_populates="artist", foreign_keys="Song.artist_id"
    )


class Song(Base):
    __tablename__ = "song"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    made: Mapped[datetime.datetime | None] = mapped_column(UTCDateTime)
    artist_id: Mapped[int] = mapped_column(
        ForeignKey("artist.id", deferrable=True, initially="DEFERRED"), index=True
    )
    cover_of_id: Mapped[int | None] = mapped_column(ForeignKey("artist.id"))
    artist: Mapped[Artist] = relationship(
        lazy="raise", back_populates="songs", foreign_keys="Song.artist_id"
    )
    cover_of: Mapped[Artist | None] = relationship(lazy="raise", foreign_keys="Song.cover_of_id")


class ArtistIn(Struct):
    name: Text100
    born: Int | None = None


class ArtistOut(Struct):
    id: int
    name: str
    born: int | None


class SongIn(Struct):
    title: str
    artist_id: int
    cover_of_id: int | None = None
    made: datetime.datetime | None = None


class SongOut(Struct):
    id: int
    title: str
    made: datetime.datetime | None
    artist: ArtistOut
    cover_of: ArtistOut | None


class SongTitle(Struct):
    title: str
    id: int


class Discography(Struct, kw_only=True):
    id: int
    songs: list[SongTitle]
    name: str


class ArtistViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    filters = {"name": ["eq", "ne", "contains", "startswith", "in"], "born": ["gte", "lt", "null"]}
    ordering = ["name", "born"]
    search = ["name"]


class SongViewSet(ModelViewSet[Song, SongOut, SongIn]):
    filters = {"artist_id": ["eq", "in"]}


class DiscographyViewSet(ReadOnlyModelViewSet[Artist, Discography]):
    pass


@pytest.fixture
async def serve(aiohttp_client: AiohttpClient, database_url: str) -> Serve:
    """Serve viewsets, each under its name, on an empty database of each kind."""

    async def serve(*viewsets: type[BaseViewSet], **options: Any) -> Client:
        router = SimpleRouter()
        for each in viewsets:
            router.register(each, basename=each.__name__.removesuffix("ViewSet").lower())
        app = web.Application(middlewares=[api_exception_handler])
        app.add_routes(router.routespatters)
        setup(app, database_url, **options)
        async with app[DATABASE].engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        client: Client = await aiohttp_client(app, server_kwargs={"handler_cancellation": True})
        return client

    return serve


async def answer(client: Client, method: str, path: str, status: int, body: Any = None) -> Any:
    response = await client.request(method, path, json=body)
    text = await response.text()
    assert response.status == status, text
    return await response.json() if text else None


async def create_artists(client: Client, *names: str, **members: Any) -> None:
    for name in names:
        await answer(client, "POST", "/artist/", 201, {"name": name, **members})


async def test_six_actions(serve: Serve) -> None:
    client = await serve(ArtistViewSet)
    nina = {"id": 1, "name": "Nina Simone", "born": 1933}
    created = await client.post("/artist/", json={"name": "Nina Simone", "born": 1933})
    assert (created.status, created.headers["Location"]) == (201, "/artist/1/")
    assert await created.json() == nina
    assert await answer(client, "GET", "/artist/1/", 200) == nina
    assert await answer(client, "GET", "/artist/", 200) == {"items": [nina], "next": None}
    nina["born"] = None
    assert await answer(client, "PATCH", "/artist/1/", 200, {"born": None}) == nina
    assert await answer(client, "PATCH", "/artist/1/", 200, {}) == nina
    nina["name"] = "Eunice"
    assert await answer(client, "PUT", "/artist/1/", 200, {"name": "Eunice"}) == nina
    await answer(client, "DELETE", "/artist/1/", 204)
    for method, body in {"GET": None, "PATCH": {}, "PUT": {"name": "x"}, "DELETE": None}.items():
        await answer(client, method, "/artist/1/", 404, body)


@pytest.mark.parametrize("key", ["0", "-1", str(2**31), str(10**20), "x", "1.0", "%00"])
async def test_key_that_no_row_has(serve: Serve, key: str) -> None:
    client = await serve(ArtistViewSet)
    for method, body in {"GET": None, "PATCH": {}, "PUT": {"name": "x"}, "DELETE": None}.items():
        await answer(client, method, f"/artist/{key}/", 404, body)


async def test_related(serve: Serve) -> None:
    """One that is related is joined, also twice the same table; many are a list."""
    client = await serve(ArtistViewSet, SongViewSet, DiscographyViewSet)
    await create_artists(client, "Nina", "Bob")
    nina, bob = ({"id": id, "name": name, "born": None} for id, name in [(1, "Nina"), (2, "Bob")])
    made = "2026-01-01T01:00:00+01:00"
    body = {"title": "Suzanne", "artist_id": 1, "cover_of_id": 2, "made": made}
    cover = {"id": 1, "title": "Suzanne", "made": "2026-01-01T00:00:00Z"}
    cover |= {"artist": nina, "cover_of": bob}
    assert await answer(client, "POST", "/song/", 201, body) == cover
    own = {"id": 2, "title": "Four Women", "made": None, "artist": nina, "cover_of": None}
    body = {"title": "Four Women", "artist_id": 1}
    assert await answer(client, "POST", "/song/", 201, body) == own
    assert (await answer(client, "GET", "/song/", 200))["items"] == [cover, own]
    assert await answer(client, "PATCH", "/song/1/", 200, {"cover_of_id": None}) == {
        **cover,
        "cover_of": None,
    }
    titles = [{"id": 1, "title": "Suzanne"}, {"id": 2, "title": "Four Women"}]
    assert (await answer(client, "GET", "/discography/", 200))["items"] == [
        {"id": 1, "name": "Nina", "songs": titles},
        {"id": 2, "name": "Bob", "songs": []},
    ]
    found = await answer(client, "GET", "/discography/1/", 200)
    assert found == {"id": 1, "name": "Nina", "songs": titles}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name=Ada", ["Ada"]),
        ("name.ne=Ada", ["Ömer", "100%", "a_b"]),
        ("name.in=Ada,100%25,x", ["Ada", "100%"]),
        ("name.contains=DA", ["Ada"]),
        ("name.contains=ö", ["Ömer"]),
        ("name.contains=%25", ["100%"]),
        ("name.contains=_", ["a_b"]),
        ("name.contains=/", []),
        ("name.startswith=A", ["Ada", "a_b"]),
        ("search=ME", ["Ömer"]),
        ("search=%00", []),
        ("name=%00", []),
        ("name.contains=a%00", []),
        ("name.startswith=%00", []),
        ("name.in=Ada,%00", ["Ada"]),
        ("name.ne=%00", ["Ada", "Ömer", "100%", "a_b"]),
        ("born.gte=1900", ["Ada", "100%"]),
        ("born.lt=1901", ["Ada"]),
        ("born.null=true", ["Ömer", "a_b"]),
        ("born.null=false&born.gte=1901", ["100%"]),
        ("order=-name", ["Ömer", "a_b", "Ada", "100%"]),
        ("order=born", ["Ada", "100%", "Ömer", "a_b"]),
        ("order=-born,name", ["a_b", "Ömer", "100%", "Ada"]),
    ],
)
async def test_filters(serve: Serve, query: str, names: list[str]) -> None:
    client = await serve(ArtistViewSet)
    await create_artists(client, "Ada", born=1900)
    await create_artists(client, "Ömer")
    await create_artists(client, "100%", born=1901)
    await create_artists(client, "a_b")
    found = await answer(client, "GET", f"/artist/?{query}", 200)
    if "order=" not in query:
        assert [each["name"] for each in found["items"]] == names
    else:  # how letters are ordered is the database's own
        born = {each["name"]: each["born"] for each in found["items"]}
        assert [born[each["name"]] for each in found["items"]] == [
            born[name] for name in names
        ] or "order=-name" in query


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("born=1900", "/born"),
        ("name.gte=x", "/name.gte"),
        ("order=id", "/order"),
        ("born.gte=x", "/born.gte"),
        (f"born.gte={2**31}", "/born.gte"),
        ("born.null=1.5", "/born.null"),
        ("name.in=" + ",".join(["x"] * 101), "/name.in"),
        ("name=a&name=b", "/name"),
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("offset=1", "/offset"),
        ("q=1", "/q"),
    ],
)
async def test_refused_query(serve: Serve, query: str, pointer: str) -> None:
    client = await serve(ArtistViewSet)
    problem = await answer(client, "GET", f"/artist/?{query}", 422)
    assert [(each["in"], each["pointer"]) for each in problem["errors"]] == [("query", pointer)]


@pytest.mark.parametrize("pagination", [LimitOffset, PageNumber])
async def test_other_pagination(serve: Serve, pagination: type) -> None:
    kind = type("ArtistViewSet", (ArtistViewSet,), {"pagination": pagination, "page_size": 2})
    client = await serve(kind)
    await create_artists(client, *"abcde")
    path, names = "/artist/?count=true", list[str]()
    while path:
        response = await client.get(path)
        page = await response.json()
        names += [each["name"] for each in page["items"]]
        assert page["total"] == 5
        path = response.headers.get("Link", "").partition(">")[0][1:]
    assert names == [*"abcde"]


@pytest.mark.parametrize("pagination", [Keyset, LimitOffset, PageNumber])
async def test_total(serve: Serve, pagination: type[Pagination]) -> None:
    """It is told on each page, an empty one too, and is that of the filters."""
    kind = type("ArtistViewSet", (ArtistViewSet,), {"pagination": pagination, "page_size": 2})
    client = await serve(kind, DiscographyViewSet)
    for path in ("/artist/", "/discography/"):
        page = await answer(client, "GET", f"{path}?count=true", 200)
        assert page == {"items": [], "next": None, "total": 0}
    await create_artists(client, *"abcde")
    for query, total in [("", 5), ("name.ne=c&", 4), ("name.in=a,b&", 2), ("name=x&", 0)]:
        first = await answer(client, "GET", f"/artist/?{query}count=true", 200)
        totals = [first["total"]]
        if first["next"]:
            path = f"/artist/?{query}count=true&{pagination.key}={first['next']}"
            totals.append((await answer(client, "GET", path, 200))["total"])
        if pagination is not Keyset:
            path = f"/artist/?{query}count=true&{pagination.key}=99"
            totals.append((await answer(client, "GET", path, 200))["total"])
        assert {*totals} == {total}
    assert (await answer(client, "GET", "/discography/?count=true&limit=1", 200))["total"] == 5


async def test_cursor_of_another_list(serve: Serve) -> None:
    client = await serve(ArtistViewSet)
    await create_artists(client, *"abc")
    cursor = (await answer(client, "GET", "/artist/?limit=1&order=name", 200))["next"]
    await answer(client, "GET", f"/artist/?limit=1&order=name&cursor={cursor}", 200)
    for query in [f"cursor={cursor}", f"order=-name&cursor={cursor}", "cursor=x"]:
        await answer(client, "GET", f"/artist/?{query}", 404)
    await answer(client, "GET", f"/artist/?order=name&name=a&cursor={cursor}", 404)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "taken"}, 409, "unique"),
        ({"name": "x", "born": 0}, 422, "check"),
        ({"name": "x\0"}, 422, "invalid"),
        ({"name": "x", "born": 2**31}, 422, "invalid"),
        ({"name": "x" * 101}, 422, "invalid"),
    ],
)
async def test_what_the_database_refuses(serve: Serve, body: Any, status: int, code: str) -> None:
    client = await serve(ArtistViewSet)
    await create_artists(client, "taken", "other")
    assert (await answer(client, "POST", "/artist/", status, body))["code"] == code
    assert (await answer(client, "PUT", "/artist/2/", status, body))["code"] == code
    assert (await answer(client, "PATCH", "/artist/2/", status, body))["code"] == code
    assert len((await answer(client, "GET", "/artist/", 200))["items"]) == 2


async def test_columns_narrower_than_the_model(serve: Serve) -> None:
    client = await serve(ArtistViewSet, SongViewSet)
    body = {"title": "x" * 201, "artist_id": 2**40, "made": "2026-01-01T00:00:00"}
    problem = await answer(client, "POST", "/song/", 422, body)
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [
        ("/title", "max_length"),
        ("/artist_id", "maximum"),
        ("/made", "timezone"),
    ]


class MomentOut(Struct):
    id: int
    made: datetime.datetime | None


class MomentViewSet(ReadOnlyModelViewSet[Song, MomentOut]):
    filters = {"made": ["gte"]}
    ordering = ["made"]
    unindexed = {"made"}


@pytest.mark.parametrize(
    ("moment", "code"),
    [("2026-01-01T00:00:00", "timezone"), ("0001-01-01T00:00:00+10:00", "range")],
)
async def test_moments_that_cannot_be(serve: Serve, moment: str, code: str) -> None:
    """Neither a body nor a filter makes an error of the server of them."""
    client = await serve(ArtistViewSet, SongViewSet, MomentViewSet)
    await create_artists(client, "Nina")
    body = {"title": "x", "artist_id": 1, "made": moment}
    problem = await answer(client, "POST", "/song/", 422, body)
    filtered = await client.get("/moment/", params={"made.gte": moment})
    assert filtered.status == 422
    for each in (problem, await filtered.json()):
        assert code in (each["code"], each.get("errors", [{}])[0].get("code"))


async def test_pages_of_moments(serve: Serve) -> None:
    client = await serve(ArtistViewSet, SongViewSet, MomentViewSet)
    await create_artists(client, "Nina")
    for hour in (2, 1, 3):
        body = {"title": "x", "artist_id": 1, "made": f"2026-01-01T0{hour}:00:00Z"}
        await answer(client, "POST", "/song/", 201, body)
    ids, query = list[int](), "order=-made&limit=1"
    while query:
        page = await answer(client, "GET", f"/moment/?{query}", 200)
        ids += [each["id"] for each in page["items"]]
        query = page["next"] and f"order=-made&limit=1&cursor={page['next']}"
    assert ids == [3, 1, 2]


async def test_references(serve: Serve) -> None:
    """A key of nothing is a 409, also where it is looked at only at the commit."""
    client = await serve(ArtistViewSet, SongViewSet)
    await create_artists(client, "Nina")
    for body in [{"title": "x", "artist_id": 9}, {"title": "x", "artist_id": 1, "cover_of_id": 9}]:
        assert (await answer(client, "POST", "/song/", 409, body))["code"] == "reference"
    assert (await answer(client, "GET", "/song/", 200))["items"] == []
    await answer(client, "POST", "/song/", 201, {"title": "x", "artist_id": 1})
    assert (await answer(client, "DELETE", "/artist/1/", 409))["code"] == "reference"


class SwapViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    async def create(self, body: ArtistIn) -> ArtistOut:
        await self.session.delete(await self.session.get_one(Artist, 1))
        return await super().create(body)


async def test_objects_of_the_session(serve: Serve) -> None:
    """What an action did with them is done before what it builds on."""
    client = await serve(ArtistViewSet, SwapViewSet)
    await create_artists(client, "Nina")
    await answer(client, "POST", "/swap/", 201, {"name": "Nina"})


class CountViewSet(BaseViewSet):
    async def list(self, session: Session) -> int:
        return 1


def test_document_of_a_session() -> None:
    """Who needs the database may find it busy: the document says so by itself."""
    router = SimpleRouter()
    router.register(CountViewSet, basename="count")
    app = web.Application()
    app.add_routes(router.routespatters)
    openapi.setup(app, swagger=False)
    responses = openapi.document_of(app)["paths"]["/count/"]["get"]["responses"]
    assert list(responses) == ["200", "503"]
    assert list(responses["503"]["headers"]) == ["Retry-After"]


class Loud(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    """An action that is written anew is one transaction."""

    async def create(self, body: ArtistIn) -> ArtistOut:
        made = await super().create(body)
        if body.name == "raises":
            raise Conflict
        if body.name == "bug":
            raise ZeroDivisionError
        return made

    @action(detail=False, methods=["post"])
    async def two(self, session: Session, body: ArtistIn) -> web.Response:
        session.add(Artist(name=body.name))
        await self.session.flush()  # the same
        await super().create(ArtistIn(f"{body.name} 2"))
        return web.Response(status=body.born or 200)


@pytest.mark.parametrize(
    ("path", "body", "status", "count"),
    [
        ("/loud/", {"name": "a"}, 201, 1),
        ("/loud/", {"name": "raises"}, 409, 0),
        ("/loud/", {"name": "bug"}, 500, 0),
        ("/loud/two/", {"name": "a"}, 200, 2),
        ("/loud/two/", {"name": "a", "born": 399}, 399, 2),
        ("/loud/two/", {"name": "a", "born": 400}, 400, 0),
        ("/loud/two/", {"name": "a", "born": 503}, 503, 0),
    ],
)
async def test_transactions(serve: Serve, path: str, body: Any, status: int, count: int) -> None:
    client = await serve(Loud)
    response = await client.post(path, json=body)
    assert response.status == status, await response.text()
    assert len((await answer(client, "GET", "/loud/", 200))["items"]) == count


@pytest.mark.parametrize(
    ("method", "path", "body", "count"),
    [
        ("GET", "/artist/1/", None, 1),
        ("GET", "/artist/", None, 1),
        ("GET", "/artist/?count=true", None, 1),
        ("GET", "/artist/?count=true&order=born&search=n", None, 1),
        ("GET", "/artist/?count=true&name=x", None, 2),  # no row is there to say the number
        ("POST", "/artist/", {"name": "x"}, 1),
        ("PUT", "/artist/1/", {"name": "x"}, 1),
        ("PATCH", "/artist/1/", {"born": 1}, 1),
        ("PATCH", "/artist/1/", {}, 1),
        ("DELETE", "/artist/1/", None, 1),
        ("GET", "/song/", None, 1),
        ("GET", "/discography/", None, 2),
        ("GET", "/discography/1/", None, 2),
        ("POST", "/song/", {"title": "x", "artist_id": 1}, 2),
    ],
)
async def test_number_of_statements(
    serve: Serve, method: str, path: str, body: Any, count: int
) -> None:
    """It is that of the models, whatever the number of rows."""
    client = await serve(ArtistViewSet, SongViewSet, DiscographyViewSet)
    await create_artists(client, *"nabc")
    statements = list[str]()

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement != "BEGIN IMMEDIATE":
            statements.append(statement)

    for engine in client.app[DATABASE].engines:
        event.listen(engine, "before_cursor_execute", note)
    response = await client.request(method, path, json=body)
    assert response.status < 400
    assert len(statements) == count, statements


class MineViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    """Who asks sees the artists whose names begin with a letter of the request's."""

    ordering = ["name"]

    def scope(self) -> Any:
        return [Artist.name.startswith(self.request.headers.get("X-Letter", "?"))]


async def test_scope(serve: Serve) -> None:
    """A row outside of it is not there, for any action and for the keys in a body."""
    client = await serve(MineViewSet, SongViewSet, ArtistViewSet)
    await create_artists(client, "a1", "b1")
    headers = {"X-Letter": "a"}

    async def status_of(method: str, path: str, body: Any = None) -> int:
        return (await client.request(method, path, json=body, headers=headers)).status

    page = await (await client.get("/mine/?count=true", headers=headers)).json()
    assert ([each["name"] for each in page["items"]], page["total"]) == (["a1"], 1)
    for method, body in {"GET": None, "PATCH": {}, "PUT": {"name": "a"}, "DELETE": None}.items():
        assert await status_of(method, "/mine/2/", body) == 404
    assert await status_of("PATCH", "/mine/2/", {"name": "a2"}) == 404
    assert await status_of("POST", "/song/", {"title": "x", "artist_id": 1}) == 201
    response = await client.post("/song/", json={"title": "x", "artist_id": 2}, headers=headers)
    problem = await response.json()
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [
        ("/artist_id", "reference")
    ]
    assert await status_of("PATCH", "/song/1/", {"artist_id": 2}) == 422
    assert await status_of("PATCH", "/song/1/", {"cover_of_id": 2}) == 422
    assert await status_of("PATCH", "/song/1/", {"cover_of_id": 1}) == 200
    assert await status_of("PATCH", "/song/1/", {"title": "y"}) == 200
    assert len((await answer(client, "GET", "/song/", 200))["items"]) == 1


class OwnListViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    filters = {"name": ["eq"]}
    destroy = None  # type: ignore[assignment]  # how an action is taken away

    async def list(self, filters: Filters, paging: Paging) -> Answer[Page[ArtistOut]]:
        found = await super().list(filters, paging)
        found.headers["Link"] = "</>; rel=up"
        return found

    async def detail(self, id: int) -> ArtistOut:
        artist = await self.session.get_one(Artist, id)
        return ArtistOut(artist.id, artist.name.upper(), artist.born)

    def query(self) -> Any:
        return super().query().where(Artist.name != "hidden")

    def values(self, body: ArtistIn | Partial[ArtistIn]) -> dict[str, Any]:
        return {**super().values(body), "born": 1}


async def test_written_anew(serve: Serve) -> None:
    """An action that is written anew takes what the others take, and so does what it builds on."""
    client = await serve(OwnListViewSet, ArtistViewSet)
    for name in ("a", "b"):
        made = await answer(client, "POST", "/ownlist/", 201, {"name": name})
        assert made["born"] == 1
    await create_artists(client, "hidden")
    response = await client.get("/ownlist/")
    assert response.headers["Link"] == "</>; rel=up"
    assert [each["name"] for each in (await response.json())["items"]] == ["a", "b"]
    assert len((await answer(client, "GET", "/ownlist/?name=a", 200))["items"]) == 1
    await answer(client, "GET", "/ownlist/?name.contains=a", 422)
    assert (await answer(client, "GET", "/ownlist/1/", 200))["name"] == "A"
    await answer(client, "DELETE", "/ownlist/1/", 405)


class Pydantic(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(validate_by_name=False)
    id: int
    name: str = pydantic.Field(alias="Name")


class PydanticIn(pydantic.BaseModel):
    name: str = pydantic.Field(alias="Name", max_length=200)
    born: int | None = None


@dataclasses.dataclass
class Plain:
    name: str
    id: int
    born: int | None = None


@dataclasses.dataclass
class PlainIn:
    name: str
    born: int | None = 7


class PydanticViewSet(ModelViewSet[Artist, Pydantic, PydanticIn]):
    pass


class PlainViewSet(ModelViewSet[Artist, Plain, PlainIn]):
    pass


async def test_models_of_other_libraries(serve: Serve) -> None:
    client = await serve(PydanticViewSet, PlainViewSet)
    one = {"id": 1, "Name": "a"}
    assert await answer(client, "POST", "/pydantic/", 201, {"Name": "a"}) == one
    assert await answer(client, "GET", "/pydantic/1/", 200) == one
    assert await answer(client, "GET", "/pydantic/", 200) == {"items": [one], "next": None}
    page = await answer(client, "GET", "/pydantic/?count=true", 200)
    assert page == {"items": [one], "next": None, "total": 1}
    assert await answer(client, "PATCH", "/pydantic/1/", 200, {"born": 3}) == one
    problem = await answer(client, "POST", "/pydantic/", 422, {"Name": "x" * 150})
    assert [each["pointer"] for each in problem["errors"]] == ["/Name"]
    two = {"name": "b", "id": 2, "born": 7}
    assert await answer(client, "POST", "/plain/", 201, {"name": "b"}) == two
    assert (await answer(client, "GET", "/plain/", 200))["items"][1] == two
    two["born"] = None
    assert await answer(client, "PATCH", "/plain/2/", 200, {"born": None}) == two


async def test_as_many_as_at_a_time(serve: Serve) -> None:
    """Forty that read and then write lose nothing, whatever the order."""

    class CounterViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        @action(detail=True, methods=["post"])
        async def add(self, id: int) -> None:
            artist = await self.session.get_one(Artist, id, with_for_update=True)
            born = artist.born or 0
            await asyncio.sleep(0)
            artist.born = born + 1

    client = await serve(CounterViewSet, pool_size=5, max_overflow=40)
    await answer(client, "POST", "/counter/", 201, {"name": "a", "born": 1})
    done = await asyncio.gather(*(client.post("/counter/1/add/") for _ in range(40)))
    assert [each.status for each in done] == [204] * 40
    assert (await answer(client, "GET", "/counter/1/", 200))["born"] == 41


class SlowViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    async def detail(self, id: int) -> ArtistOut:
        found = await super().detail(id)
        await asyncio.sleep(0.4)
        return found


async def test_full_pool(serve: Serve, database_url: str) -> None:
    """Who waits too long for a connection is told to come back; those after it are served."""
    client = await serve(SlowViewSet, pool_size=1, max_overflow=0, pool_timeout=0.1)
    await answer(client, "POST", "/slow/", 201, {"name": "a"})
    done = await asyncio.gather(*(client.get("/slow/1/") for _ in range(3)))
    assert sorted(each.status for each in done) == [200, 503, 503]
    assert {each.headers.get("Retry-After") for each in done if each.status == 503} == {"1"}
    await answer(client, "GET", "/slow/", 200)


@pytest.mark.parametrize(
    ("options", "timeout"), [({}, 5), ({"pool_timeout": 1}, 1), ({"poolclass": NullPool}, None)]
)
def test_pool_of_sqlite(tmp_path: Path, options: dict[str, Any], timeout: int | None) -> None:
    """A request waits for a connection as long as on other databases."""
    pool: Any = create_engine(f"sqlite+aiosqlite:///{tmp_path}/test.db", **options).pool
    assert getattr(pool, "_timeout", None) == timeout


@pytest.mark.parametrize("url", ["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:"])
def test_database_in_memory(url: str) -> None:
    """It has one connection: what one request rolls back, another would lose."""
    with pytest.raises(ImproperlyConfigured, match="share one connection"):
        setup(web.Application(), url)


async def test_client_that_goes(serve: Serve) -> None:
    """What a cancelled request had is given back, and what it wrote is not there."""

    class GoneViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        async def create(self, body: ArtistIn) -> ArtistOut:
            made = await super().create(body)
            await asyncio.sleep(30)
            return made

    client = await serve(GoneViewSet, pool_size=1, max_overflow=0, pool_timeout=5)
    for name in "ab":
        task = asyncio.ensure_future(client.post("/gone/", json={"name": name}))
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await answer(client, "GET", "/gone/", 200) == {"items": [], "next": None}
    pool: Any = client.app[DATABASE].engine.pool
    async with asyncio.timeout(5):  # the server notices it by and by
        while pool.checkedout():  # noqa: ASYNC110  # the pool has no event
            await asyncio.sleep(0.01)


async def test_lost_connection(serve: Serve, database_url: str) -> None:
    """A connection that the server ends is a 503 at most, and the next request is served."""
    if database_url.startswith("sqlite"):
        return  # it has no server
    client = await serve(ArtistViewSet)
    await create_artists(client, "a")
    engine = client.app[DATABASE].engine
    killer = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with killer.connect() as connection:
        await connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    statuses = [(await client.get("/artist/1/")).status for _ in range(6)]
    assert {*statuses} <= {200, 503}
    assert statuses[-1] == 200


async def test_database_that_is_not_there(aiohttp_client: AiohttpClient) -> None:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    setup(app, "postgresql+asyncpg://postgres@127.0.0.1:1/nothing")
    client = await aiohttp_client(app)
    response = await client.get("/artist/")
    assert (response.status, response.headers["Retry-After"]) == (503, "1")


async def test_application_without_a_database(aiohttp_client: AiohttpClient, caplog: Any) -> None:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    client = await aiohttp_client(app)
    assert (await client.get("/artist/")).status == 500
    assert "setup(app, url)" in caplog.text


class NoName(Struct):
    id: int
    title: str


class Nested(Struct):
    id: int
    songs: list["WithArtist"]


class WithArtist(Struct):
    id: int
    artist: Discography


class NeverMade(DeclarativeBase):
    """Tables of classes that are refused, or not used: no database has them."""


class Both(NeverMade):
    __tablename__ = "both"
    left: Mapped[int] = mapped_column(primary_key=True)
    right: Mapped[int] = mapped_column(primary_key=True)


class Checked(NeverMade):
    __tablename__ = "checked"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    @validates("name")
    def checked(self, key: str, value: str) -> str:
        return value


class Id(Struct):
    left: int


class CheckedOut(Struct):
    id: int


class NotNull(Struct):
    born: int


class OneNotNull(Struct):
    cover_of: ArtistOut


class ManyAsOne(Struct):
    songs: SongTitle | None


class OneAsMany(Struct):
    artist: list[ArtistOut]


class Priced(NeverMade):
    __tablename__ = "priced"
    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[Decimal] = mapped_column(Numeric, index=True)
    twice: Mapped[int | None] = mapped_column(Computed("id + id"))


class PricedOut(Struct):
    id: int


class PricedIn(Struct):
    twice: int


class Long(NeverMade):
    __tablename__ = "long"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(400), index=True)
    title: Mapped[str] = mapped_column(String(301), index=True)


class LongKey(NeverMade):
    __tablename__ = "long_key"
    code: Mapped[str] = mapped_column(primary_key=True)


class LongKeyOut(Struct):
    code: str


class Tagged(MappedAsDataclass, NeverMade):
    __tablename__ = "tagged"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    kept: Mapped[Any] = mapped_column(JSON, default_factory=list, insert_default=list)
    tags: Mapped[Any] = mapped_column(JSON, default_factory=list)


class Heard(NeverMade):
    __tablename__ = "heard"
    id: Mapped[int] = mapped_column(primary_key=True)


@event.listens_for(Heard, "before_insert")
def _heard(mapper: Any, connection: Any, target: Any) -> None: ...


@pytest.mark.parametrize(
    ("bases", "members", "message"),
    [
        (ModelViewSet[Artist, NoName, ArtistIn], {}, "no column and no relationship"),
        (ModelViewSet[Artist, ArtistOut, NoName], {}, "has title"),
        (ModelViewSet[Artist, ArtistOut, Discography], {}, "has songs"),
        (ModelViewSet[ArtistOut, ArtistOut, ArtistIn], {}, "is no mapped class"),
        (ReadOnlyModelViewSet[Artist, Nested], {}, "it is a list in what is related"),
        (ReadOnlyModelViewSet[Both, Id], {}, "has several columns: left, right"),
        (ModelViewSet[Checked, CheckedOut, CheckedOut], {}, "has validators"),
        (ReadOnlyModelViewSet[Artist, ArtistOut], {"ordering": ["x"]}, "no field 'x'"),
        (ReadOnlyModelViewSet[Artist, ArtistOut], {"search": ["born"]}, "'born' is no text"),
        (ReadOnlyModelViewSet[Artist, ArtistOut], {"filters": {"born": ["x"]}}, "no lookup"),
        (
            ReadOnlyModelViewSet[Artist, ArtistOut],
            {"filters": {"born": ["contains"]}},
            "'born' is no text",
        ),
        (ReadOnlyModelViewSet[Song, CheckedOut], {"ordering": ["title"]}, "no index serves"),
        (ReadOnlyModelViewSet[Song, CheckedOut], {"filters": {"made": ["gte"]}}, "no index"),
        (ReadOnlyModelViewSet[Artist, ArtistOut], {"page_size": 101}, "page_size=101"),
        (ReadOnlyModelViewSet[Artist, ArtistOut], {"lookup_url_kwarg": "pk"}, "it is 'pk'"),
        (ReadOnlyModelViewSet[Artist, ArtistOut], {"ordering": "name"}, "is one name"),
        (ReadOnlyModelViewSet[Artist, Artist], {}, "is no model of what goes over the wire"),
        (ReadOnlyModelViewSet[Artist, NotNull], {}, "'born': it may be null"),
        (ReadOnlyModelViewSet[Song, OneNotNull], {}, "'cover_of': it may be null"),
        (ReadOnlyModelViewSet[Artist, ManyAsOne], {}, "'songs': there may be many"),
        (ReadOnlyModelViewSet[Song, OneAsMany], {}, "'artist': there is one at most"),
        (ReadOnlyModelViewSet[Priced, PricedOut], {"ordering": ["price"]}, "no number of digits"),
        (ModelViewSet[Priced, PricedOut, PricedIn], {}, "the database computes twice"),
        (ModelViewSet[Heard, PricedOut, PricedOut], {}, "Heard has listeners"),
        (ModelViewSet[Tagged, PricedOut, PricedOut], {}, "Tagged.tags has a default_factory"),
        (ReadOnlyModelViewSet[Long, PricedOut], {"ordering": ["text"]}, "'text' has no length"),
        (
            ReadOnlyModelViewSet[Long, PricedOut],
            {"default_ordering": ["-name", "title"]},
            "name, title together may have 701 characters",
        ),
        (ReadOnlyModelViewSet[LongKey, LongKeyOut], {}, "'code' has no length"),
    ],
)
def test_refused(bases: Any, members: dict[str, Any], message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=message) as error:
        _made(bases, members)
    assert error.value.where.startswith("Refused")


def _made(base: Any, members: dict[str, Any]) -> type:
    return types.new_class("Refused", (base,), exec_body=lambda made: made.update(members))


def test_long_texts_without_a_cursor() -> None:
    """Who pages by number may order by them."""
    members = {"ordering": ["text", "name", "title"], "pagination": LimitOffset}
    assert _made(ReadOnlyModelViewSet[Long, PricedOut], members)


def test_unindexed() -> None:
    members = {"filters": {"title": ["eq"]}, "unindexed": {"title"}}
    assert _made(ReadOnlyModelViewSet[Song, CheckedOut], members)


class Sorted(Base):
    __tablename__ = "sorted"
    id: Mapped[int] = mapped_column(primary_key=True)
    letter: Mapped[str] = mapped_column(String(100), index=True)
    number: Mapped[int | None] = mapped_column(index=True)


class SortedIn(Struct):
    letter: str
    number: int | None


class SortedOut(Struct):
    id: int
    letter: str


class SortedViewSet(ModelViewSet[Sorted, SortedOut, SortedIn]):
    ordering = ["id", "letter", "number"]


def _rank(value: Any) -> tuple[bool, Any]:
    return value is None, 0 if value is None else value


def _ordered(rows: dict[int, tuple[str, int | None]], order: str) -> list[int]:
    """Order rows as the list is, null as the largest."""
    ids = sorted(rows)
    words = [each for each in order.split(",") if each]
    for word in reversed([*words, "-id" if words and words[-1].startswith("-") else "id"]):
        if (name := word.removeprefix("-")) == "id":
            ids.sort(reverse=word.startswith("-"))
            continue
        ranks = {id: _rank(row[name == "number"]) for id, row in rows.items()}
        ids.sort(key=ranks.__getitem__, reverse=word.startswith("-"))
    return ids


@pytest.mark.parametrize(
    "order",
    [
        *("", "-id", "letter", "-letter", "number", "-number", "number,-id"),
        *("letter,number", "letter,-number", "-number,letter", "-letter,-number"),
    ],
)
async def test_pages_are_the_table(serve: Serve, order: str) -> None:
    """With ties and nulls, for each size, and while rows come and go: none lost, none doubled."""
    client = await serve(SortedViewSet)
    chance = random.Random(order)
    rows = dict[int, tuple[str, int | None]]()

    async def add() -> None:
        row = chance.choice("ab"), chance.choice([None, 1, 2])
        body = {"letter": row[0], "number": row[1]}
        made = await answer(client, "POST", "/sorted/", 201, body)
        rows[made["id"]] = row

    for _ in range(13):
        await add()
    for size in (1, 2, 5, 14):
        for changes in (False, True) if size in (2, 5) else (False,):
            before, told = _ordered(rows, order), list[int]()
            query = f"limit={size}" + f"&order={order}" * bool(order)
            cursor: str | None = ""
            while cursor is not None:
                path = f"/sorted/?{query}&cursor={cursor}"
                page = await answer(client, "GET", path, 200)
                told += [each["id"] for each in page["items"]]
                cursor = page["next"]
                if changes and len(told) % 3 == 0:
                    await add()
                    gone = chance.choice(before)
                    if rows.pop(gone, None):
                        await answer(client, "DELETE", f"/sorted/{gone}/", 204)
                if changes and len(told) > 60:
                    break
            if not changes:
                assert told == before
            assert len(told) == len({*told})
            assert {*before} & rows.keys() <= {*told}


@pytest.mark.parametrize("order", ["number", "-number", "letter,-number", "-letter,number"])
async def test_index_finds_each_page(serve: Serve, order: str) -> None:
    """No page after the first reads what comes before it, whether null stands there or not."""
    client = await serve(SortedViewSet)
    for number in (1, None, 2, None, 3, None, 4):
        await answer(client, "POST", "/sorted/", 201, {"letter": "a", "number": number})
    sent = list[tuple[str, Any]]()

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        sent.append((statement, parameters))

    engine = client.app[DATABASE].engine
    cursor = (await answer(client, "GET", f"/sorted/?order={order}&limit=1", 200))["next"]
    for each in client.app[DATABASE].engines:
        event.listen(each, "before_cursor_execute", note)
    while cursor is not None:
        path = f"/sorted/?order={order}&limit=1&cursor={cursor}"
        cursor = (await answer(client, "GET", path, 200))["next"]
    pages = [each for each in sent if each[0].startswith("SELECT")]
    assert len(pages) == (6 if "letter" in order else 8)  # a second one where null begins or ends
    async with engine.connect() as connection:
        is_sqlite = engine.dialect.name == "sqlite"
        if not is_sqlite:
            await connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, parameters in pages:
            explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
            rows = await connection.exec_driver_sql(f"{explain} {statement}", parameters)
            plan = "\n".join(str(row) for row in rows)
            is_found = "Index Cond" in plan or "Filter: (number IS NULL)" in plan
            assert "SEARCH sorted USING" in plan if is_sqlite else is_found, plan


class ManyViewSet(BulkModelViewSet[Artist, ArtistOut, ArtistIn]):
    max_bulk_size = 5

    def scope(self) -> Any:
        return [Artist.name != "hidden"]

    @action(detail=False)
    async def export(self) -> AsyncIterator[ArtistOut]:
        async for each in self.stream(2):
            yield each


class ManySongsViewSet(BulkModelViewSet[Song, SongOut, SongIn]):
    pass


async def test_bulk(serve: Serve) -> None:
    """All or none, in the order that they are sent."""
    client = await serve(ManyViewSet, ManySongsViewSet)
    made = await answer(client, "POST", "/many/bulk/", 201, [{"name": name} for name in "cab"])
    assert [(each["id"], each["name"]) for each in made] == [(1, "c"), (2, "a"), (3, "b")]
    bodies = [{"name": "d"}, {"name": ""}, {"name": "e", "born": "x"}]
    problem = await answer(client, "POST", "/many/bulk/", 422, bodies)
    assert [each["pointer"] for each in problem["errors"]] == ["/1/name", "/2/born"]
    bodies = [{"name": "d"}, {"name": "e\0"}]
    problem = await answer(client, "POST", "/many/bulk/", 422, bodies)
    assert [each["pointer"] for each in problem["errors"]] == ["/1/name"]
    await answer(client, "POST", "/many/bulk/", 409, [{"name": "d"}, {"name": "a"}])
    for bodies in ([], [{"name": f"n{number}"} for number in range(6)]):
        await answer(client, "POST", "/many/bulk/", 422, bodies)
    await answer(client, "POST", "/many/bulk/", 422, [{"name": "d"}, {"name": "hidden"}])
    songs = [{"title": title, "artist_id": 1} for title in "zyx"]
    made = await answer(client, "POST", "/manysongs/bulk/", 201, songs)
    assert [(each["title"], each["artist"]["name"]) for each in made] == [
        *zip("zyx", "ccc", strict=True)
    ]
    problem = await answer(
        client, "POST", "/manysongs/bulk/", 422, [*songs, {**songs[0], "artist_id": 9}]
    )
    assert [each["pointer"] for each in problem["errors"]] == ["/3/artist_id"]
    for query, status in [("", 422), ("?id.in=2,9", 404), ("?id.in=1,2", 409), ("?id.in=x", 422)]:
        await answer(client, "DELETE", f"/many/bulk/{query}", status)
    assert len((await answer(client, "GET", "/many/", 200))["items"]) == 3
    await answer(client, "DELETE", "/many/bulk/?id.in=2,3,2", 204)
    assert len((await answer(client, "GET", "/many/", 200))["items"]) == 1


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
async def test_stream(serve: Serve, count: int) -> None:
    """Every row of the scope, once, whatever the size of a batch."""
    client = await serve(ManyViewSet, ArtistViewSet)
    names = ["hidden", *(f"n{number}" for number in range(count))]
    await create_artists(client, *names)
    lines = (await (await client.get("/many/export/")).text()).splitlines()
    assert [msgspec.json.decode(line)["name"] for line in lines] == names[1:]


async def test_locked(serve: Serve, database_url: str) -> None:
    """Who waits too long for what another holds is told to come back, and then is served."""
    is_sqlite = database_url.startswith("sqlite")
    waits = {"timeout": 0.1} if is_sqlite else {"server_settings": {"lock_timeout": "100"}}
    client = await serve(ArtistViewSet, Loud, connect_args=waits)
    await create_artists(client, "a")
    async with client.app[DATABASE].engine.begin() as connection:
        await connection.execute(update(Artist).values(born=1))
        for path in ("/artist/1/", "/loud/1/"):
            response = await client.patch(path, json={"name": "b"})
            problem = await response.json()
            assert (response.status, problem["code"]) == (503, "locked")
            assert response.headers["Retry-After"] == "1"
        assert (await answer(client, "GET", "/artist/1/", 200))["name"] == "a"
    await answer(client, "PATCH", "/artist/1/", 200, {"name": "b"})


async def test_deadlock(serve: Serve, database_url: str) -> None:
    """Of two that wait for each other one is told to come back."""

    class CrossViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        @action(detail=True, methods=["post"])
        async def then(self, id: int, other: int) -> None:
            for key in (id, other):
                await self.session.execute(update(Artist).where(Artist.id == key).values(born=id))
                await asyncio.sleep(0.2)

    client = await serve(CrossViewSet)
    for name in "ab":
        await answer(client, "POST", "/cross/", 201, {"name": name})
    paths = ("/cross/1/then/?other=2", "/cross/2/then/?other=1")
    done = await asyncio.gather(*(client.post(path) for path in paths))
    statuses = sorted(each.status for each in done)
    assert statuses == ([204, 204] if database_url.startswith("sqlite") else [204, 503])


class QueriedViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    """Whose names begin with a letter, by a join that would double them, in a wrong order."""

    ordering = ["name"]

    def query(self) -> Any:
        other = aliased(Artist)
        joined = super().query().join(other, other.name >= "a")
        return joined.where(Artist.name.startswith("a")).order_by(Artist.name.desc())


class WrittenViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    ordering = ["name"]

    def scope(self) -> Any:
        if self.request.query.get("kind") == "text":
            return [text("artist.name = 'a1' OR artist.name = 'a2'")]
        return [literal_column("artist.name = 'a1' OR artist.name = 'a2'")]


@pytest.mark.parametrize("path", ["queried", "written"])
async def test_what_narrows_holds_for_all(serve: Serve, path: str) -> None:
    """The rows that a query or SQL by hand leaves out are not there for writes either."""
    client = await serve(QueriedViewSet, WrittenViewSet, ArtistViewSet)
    await create_artists(client, "a1", "a2", "b1")
    found = await answer(client, "GET", f"/{path}/?limit=1", 200)
    names = [found["items"][0]["name"]]
    while found["next"]:
        found = await answer(client, "GET", f"/{path}/?limit=1&cursor={found['next']}", 200)
        names += [each["name"] for each in found["items"]]
    assert names == ["a1", "a2"]
    for method, body in {"GET": None, "PATCH": {"born": 1}, "PUT": {"name": "a9"}}.items():
        await answer(client, method, f"/{path}/3/", 404, body)
    await answer(client, "DELETE", f"/{path}/3/", 404)
    problem = await answer(client, "POST", f"/{path}/", 422, {"name": "c"})
    assert [each["code"] for each in problem["errors"]] == ["scope"]
    await answer(client, "PATCH", f"/{path}/1/", 422, {"name": "c"})
    await answer(client, "PUT", f"/{path}/1/", 422, {"name": "c"})
    assert (await answer(client, "PATCH", f"/{path}/1/", 200, {"born": 5}))["born"] == 5
    await answer(client, "DELETE", f"/{path}/1/", 204)
    rows = (await answer(client, "GET", "/artist/", 200))["items"]
    assert [(each["name"], each["born"]) for each in rows] == [("a2", None), ("b1", None)]


async def test_write_that_nobody_waits_for(serve: Serve, database_url: str) -> None:
    """It holds no lock afterwards, whoever held it before, and whenever Python tidies up."""

    class HolderViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        async def create(self, body: ArtistIn) -> ArtistOut:
            made = await super().create(body)
            await asyncio.sleep(0.5)
            return made

    waits = {"timeout": 2} if database_url.startswith("sqlite") else {}
    client = await serve(ArtistViewSet, HolderViewSet, connect_args=waits)
    gc.disable()
    try:
        holder = asyncio.ensure_future(client.post("/holder/", json={"name": "a"}))
        await asyncio.sleep(0.1)
        write = asyncio.ensure_future(client.post("/artist/", json={"name": "b"}))
        await asyncio.sleep(0.2)
        write.cancel()
        await asyncio.gather(write, holder, return_exceptions=True)
        await asyncio.sleep(0.2)
        await create_artists(client, "c")
    finally:
        gc.enable()


class Ordered(enum.StrEnum):
    DONE = "finished"
    OPEN = "o"


class Odd(Base):
    __tablename__ = "odd"
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    is_done: Mapped[bool | None] = mapped_column(index=True)
    state: Mapped[Ordered] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(SQLEnum("x", "y", name="kind"), index=True)
    extra: Mapped[Any] = mapped_column(JSON)


class Extra(Struct):
    deep: list[int]


class OddIn(Struct):
    code: str
    state: Ordered
    kind: str = "x"
    is_done: bool | None = None
    extra: Extra | None = None


class OddOut(Struct):
    code: str
    is_done: bool | None
    state: Ordered
    extra: Any


class OddViewSet(ModelViewSet[Odd, OddOut, OddIn]):
    filters = {"is_done": ["eq", "gte"], "kind": ["eq"], "state": ["in"]}
    ordering = ["is_done", "state"]


async def test_odd_columns(serve: Serve) -> None:
    """A key of another name, a bool in order, enums by value and by name, a document."""
    client = await serve(OddViewSet)
    for code, done in zip("abcdef", [None, True, False, True, None, False], strict=True):
        body = {"code": code, "state": "finished", "is_done": done, "extra": {"deep": [1]}}
        response = await client.post("/odd/", json=body)
        assert (response.status, response.headers["Location"]) == (201, f"/odd/{code}/")
    assert (await answer(client, "GET", "/odd/a/", 200))["extra"] == {"deep": [1]}
    for order in ("is_done", "-is_done", "is_done,-state"):
        codes, cursor = list[str](), ""
        while cursor is not None:
            path = f"/odd/?order={order}&limit=1&cursor={cursor}"
            page = await answer(client, "GET", path, 200)
            codes += [each["code"] for each in page["items"]]
            cursor = page["next"]
        assert sorted(codes) == [*"abcdef"]
    assert len((await answer(client, "GET", "/odd/?is_done.gte=true", 200))["items"]) == 2
    assert len((await answer(client, "GET", "/odd/?state.in=finished,o&kind=x", 200))["items"]) == 6
    await answer(client, "GET", "/odd/?kind=z", 422)
    problem = await answer(client, "POST", "/odd/", 422, {"code": "g", "state": "o", "kind": "z"})
    assert [each["pointer"] for each in problem["errors"]] == ["/kind"]


class Parent(Base):
    __tablename__ = "parent"
    id: Mapped[int] = mapped_column(primary_key=True)
    up_id: Mapped[int | None] = mapped_column(ForeignKey("parent.id"), index=True)
    up: Mapped["Parent | None"] = relationship(
        lazy="raise", remote_side="Parent.id", back_populates="downs"
    )
    downs: Mapped[list["Parent"]] = relationship(lazy="raise", back_populates="up")


class ParentIn(Struct):
    up_id: int | None = None


class ParentId(Struct):
    id: int


class ParentOut(Struct):
    id: int
    up: ParentId | None
    downs: list[ParentId]


class ParentViewSet(ModelViewSet[Parent, ParentOut, ParentIn]):
    pass


async def test_related_to_itself(serve: Serve) -> None:
    client = await serve(ParentViewSet)
    for up in (None, 1, 1):
        await answer(client, "POST", "/parent/", 201, {"up_id": up})
    assert (await answer(client, "GET", "/parent/", 200))["items"] == [
        {"id": 1, "up": None, "downs": [{"id": 2}, {"id": 3}]},
        {"id": 2, "up": {"id": 1}, "downs": []},
        {"id": 3, "up": {"id": 1}, "downs": []},
    ]


async def test_wrapped_action_is_one_transaction(serve: Serve) -> None:
    def failing(function: Any) -> Any:
        @functools.wraps(function)
        async def wrapper(*arguments: Any, **named: Any) -> Any:
            await function(*arguments, **named)
            raise PermissionDenied

        return wrapper

    class WrappedViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        @failing
        async def create(self, body: ArtistIn) -> ArtistOut:
            return await super().create(body)

    class CopiedViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        create = failing(ArtistViewSet.create)

    client = await serve(WrappedViewSet, CopiedViewSet)
    for path in ("/wrapped/", "/copied/"):
        await answer(client, "POST", path, 403, {"name": "a"})
        assert (await answer(client, "GET", path, 200))["items"] == []


async def test_nothing_to_write(serve: Serve) -> None:
    class BornIn(Struct):
        born: int | msgspec.UnsetType = msgspec.UNSET

    class BornViewSet(ModelViewSet[Artist, ArtistOut, BornIn]):
        pass

    client = await serve(BornViewSet, ArtistViewSet)
    await create_artists(client, "a", born=3)
    for method in ("PUT", "PATCH"):
        assert (await answer(client, method, "/born/1/", 200, {}))["born"] == 3


class Measured(MappedAsDataclass, Base):
    __tablename__ = "measured"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    value: Mapped[float] = mapped_column(index=True)
    value_1: Mapped[Any] = mapped_column(JSON, default_factory=list, insert_default=list)


class MeasuredIn(Struct):
    value: float
    value_1: Any | msgspec.UnsetType = msgspec.UNSET


class MeasuredOut(Struct):
    id: int
    value_1: Any


class MeasuredViewSet(ModelViewSet[Measured, MeasuredOut, MeasuredIn]):
    ordering = ["value"]

    def scope(self) -> Any:
        return [Measured.value != 7]


async def test_column_named_like_a_parameter(serve: Serve) -> None:
    """A condition's parameters have the name of its column, and a number."""
    client = await serve(MeasuredViewSet)
    made = {"id": 1, "value_1": []}
    assert await answer(client, "POST", "/measured/", 201, {"value": 1}) == made
    made["value_1"] = {"a": [1]}
    body = {"value_1": made["value_1"]}
    assert await answer(client, "PATCH", "/measured/1/", 200, body) == made
    await answer(client, "PATCH", "/measured/1/", 422, {"value": 7})


@pytest.mark.parametrize("order", ["value", "-value"])
async def test_pages_of_what_json_has_no_number_for(serve: Serve, order: str) -> None:
    client = await serve(MeasuredViewSet)
    database = client.app[DATABASE]
    values = [1.5, math.inf, -math.inf, 2.0, math.inf]
    if database.engine.dialect.name != "sqlite":  # which makes null of it
        values += [math.nan, math.nan]
    async with database.engine.begin() as connection:
        await connection.execute(insert(Measured), [{"value": each} for each in values])
    found, query = list[int](), f"order={order}&limit=1"
    while query:
        page = await answer(client, "GET", f"/measured/?{query}", 200)
        found += [each["id"] for each in page["items"]]
        query = page["next"] and f"order={order}&limit=1&cursor={page['next']}"
    expected = [3, 1, 4, 2, 5, 6, 7][: len(values)]
    assert found == (expected if order == "value" else expected[::-1])


async def test_session_of_several_tasks(serve: Serve, database_url: str, caplog: Any) -> None:
    """They are told what is wrong, and leave neither a connection nor a lock."""

    class AtOnceViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        @action(detail=False, methods=["post"])
        async def both(self) -> None:
            add = insert(Artist).values(name=func.lower("A"))
            await asyncio.gather(*(self.session.execute(add) for _ in range(3)))

    client = await serve(AtOnceViewSet)
    for _ in range(3):
        await client.app[DATABASE].engine.dispose()  # so that the session must wait for one
        response = await client.post("/atonce/both/")
        assert response.status == 500
        assert "several tasks used the session of one request at once" in caplog.text
        caplog.clear()
    pool: Any = client.app[DATABASE].engine.pool
    assert pool.checkedout() == 0
    await answer(client, "POST", "/atonce/", 201, {"name": "a"})


class ExportViewSet(ReadOnlyModelViewSet[Measured, MeasuredOut]):
    ended: ClassVar[asyncio.Event]

    @action(detail=False)
    async def export(self) -> AsyncIterator[MeasuredOut]:
        try:
            async for each in self.stream(10):
                yield each
        finally:
            self.ended.set()


async def test_stream_to_a_slow_client(serve: Serve) -> None:
    """Who waits holds neither a connection nor what is not sent yet; who goes ends the stream."""
    ExportViewSet.ended = asyncio.Event()
    client = await serve(ExportViewSet, pool_size=1, max_overflow=0)
    database = client.app[DATABASE]
    async with database.engine.begin() as connection:  # more than the sockets take
        rows = [{"value": 1, "value_1": "x" * 20_000} for _ in range(1000)]
        await connection.execute(insert(Measured), rows)
    batches = list[str]()
    for engine in database.engines:
        event.listen(engine, "before_cursor_execute", lambda *each: batches.append(each[2]))
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port, limit=1000)
    try:
        writer.write(b"GET /export/export/ HTTP/1.1\r\nHost: a\r\n\r\n")
        read = -1
        while read != len(batches):  # until it waits for the client
            read = len(batches)
            await asyncio.sleep(0.3)
        assert 0 < read < 90
        pools: list[Any] = [engine.pool for engine in database.engines]
        assert [pool.checkedout() for pool in pools] == [0] * len(pools)
        await answer(client, "GET", "/export/", 200)
        for _ in range(100):
            await reader.readexactly(20_000)
        assert not ExportViewSet.ended.is_set()
    finally:
        writer.transport.abort()
    await asyncio.wait_for(ExportViewSet.ended.wait(), 5)
    assert len(batches) < 100


WHO: contextvars.ContextVar[str] = contextvars.ContextVar("WHO", default="nobody")


class Seen(Struct):
    id: int
    who: str = ""

    def __post_init__(self) -> None:
        self.who = WHO.get()


class SeenRow(Base):
    __tablename__ = "seen"
    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str]


class SeenViewSet(ReadOnlyModelViewSet[SeenRow, Seen]):
    async def before(self) -> None:
        WHO.set("Nina")


async def test_models_are_made_in_the_context_of_the_request(serve: Serve) -> None:
    """Wherever that is: on SQLite it is a thread."""
    client = await serve(SeenViewSet)
    async with client.app[DATABASE].engine.begin() as connection:
        await connection.execute(insert(SeenRow).values(who="x"))
    assert await answer(client, "GET", "/seen/1/", 200) == {"id": 1, "who": "Nina"}


async def test_closed_when_what_runs_is_done(serve: Serve, database_url: str) -> None:
    """A write that has begun is kept, though the application ends meanwhile."""
    if not database_url.startswith("sqlite"):
        return  # elsewhere the connection ends, and the server undoes it
    client = await serve(ArtistViewSet)
    database = client.app[DATABASE]
    add = insert(Artist).values(name="a")

    def work(connection: Any) -> None:
        time.sleep(0.2)
        connection.execute(add)

    writing = asyncio.ensure_future(database.run(work))
    await asyncio.sleep(0.05)
    writing.cancel()
    await database.close()
    engine = create_engine(database_url)
    async with engine.connect() as again:
        assert (await again.execute(select(Artist.name))).all() == [("a",)]
    await engine.dispose()
