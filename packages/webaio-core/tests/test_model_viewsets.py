import datetime
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from msgspec import Struct
from pytest_aiohttp import AiohttpClient
from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from webaio.decorators import action
from webaio.exceptions import Conflict
from webaio.middlewares import api_exception_handler
from webaio.pagination import LimitOffset, PageNumber
from webaio.routers import SimpleRouter
from webaio.sqlalchemy import (
    Int,
    ModelViewSet,
    ReadOnlyModelViewSet,
    Session,
    Text100,
    UTCDateTime,
    setup,
)
from webaio.sqlalchemy._database import DATABASE
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
        client: Client = await aiohttp_client(app)
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
        ("order=name,-name", "/order"),
        ("born.gte=x", "/born.gte"),
        (f"born.gte={2**31}", "/born.gte"),
        ("born.null=1.5", "/born.null"),
        ("name.in=" + ",".join(["x"] * 101), "/name.in"),
        ("name=a&name=b", "/name"),
        ("name=%00", "/name"),
        ("search=%00", "/search"),
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


async def test_cursor_of_another_list(serve: Serve) -> None:
    client = await serve(ArtistViewSet)
    await create_artists(client, *"abc")
    cursor = (await answer(client, "GET", "/artist/?limit=1&order=name", 200))["next"]
    await answer(client, "GET", f"/artist/?limit=1&order=name&cursor={cursor}", 200)
    for query in [f"cursor={cursor}", f"order=-name&cursor={cursor}", "cursor=x", "cursor=é"]:
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
    body = {"title": "x" * 201, "artist_id": 2**40}
    problem = await answer(client, "POST", "/song/", 422, body)
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [
        ("/title", "max_length"),
        ("/artist_id", "maximum"),
    ]


async def test_references(serve: Serve) -> None:
    """A key of nothing is a 409, also where it is looked at only at the commit."""
    client = await serve(ArtistViewSet, SongViewSet)
    await create_artists(client, "Nina")
    for body in [{"title": "x", "artist_id": 9}, {"title": "x", "artist_id": 1, "cover_of_id": 9}]:
        assert (await answer(client, "POST", "/song/", 409, body))["code"] == "reference"
    assert (await answer(client, "GET", "/song/", 200))["items"] == []
    await answer(client, "POST", "/song/", 201, {"title": "x", "artist_id": 1})
    assert (await answer(client, "DELETE", "/artist/1/", 409))["code"] == "reference"


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
