"""Model viewsets below others: the parent is a part of their statements."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from msgspec import Struct
from pytest_aiohttp import AiohttpClient
from sqlalchemy import ForeignKey, String, event, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from webaio.authentication import BaseAuthentication, Identity, credentials_after
from webaio.decorators import action
from webaio.exceptions import ImproperlyConfigured
from webaio.middlewares import api_exception_handler
from webaio.permissions import Anyone, IsAuthenticated, ObjectPermission
from webaio.routers import SimpleRouter
from webaio.sqlalchemy import DATABASE, BulkModelViewSet, ModelViewSet, setup
from webaio.viewsets import BaseViewSet

Client = TestClient[web.Request, web.Application]
Serve = Callable[[SimpleRouter], Awaitable[Client]]


class Token(BaseAuthentication):
    """A token is the user's name."""

    scheme_name = "token"
    challenge = "Bearer"
    security_scheme = {"type": "http", "scheme": "bearer"}

    def credentials(self, request: web.Request) -> str | None:
        return credentials_after(request, "Bearer")

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        return Identity(credentials, credentials)


class Base(DeclarativeBase):
    pass


class Artist(Base):
    __tablename__ = "artist"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(20), unique=True)
    owner: Mapped[str] = mapped_column(String(20))


class Label(Base):
    __tablename__ = "label"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(20))


class Album(Base):
    __tablename__ = "album"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(20))
    artist_id: Mapped[int] = mapped_column(ForeignKey("artist.id"))
    label_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"))


class Track(Base):
    __tablename__ = "track"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(20))
    album_id: Mapped[int] = mapped_column(ForeignKey("album.id"))


class Fan(Base):
    __tablename__ = "fan"
    id: Mapped[int] = mapped_column(primary_key=True)
    artist_slug: Mapped[str] = mapped_column(ForeignKey("artist.slug"))


class ArtistOut(Struct):
    id: int
    owner: str


class AlbumOut(Struct):
    id: int
    title: str
    artist_id: int


class TitleIn(Struct):
    title: str


class AlbumIn(Struct):
    title: str
    artist_id: int | None = None
    label_id: int | None = None


class TrackOut(Struct):
    id: int
    title: str
    album_id: int


class TrackIn(Struct):
    title: str
    album_id: int | None = None


class FanOut(Struct):
    id: int
    artist_slug: str


class FanIn(Struct):
    artist_slug: str | None = None


class OfLabel(ObjectPermission[str, Label]):
    async def allows(self, user: str | None, item: Label) -> bool:
        return item.owner == user

    def scope(self, user: str | None) -> Sequence[Any] | bool:
        return user is not None and [Label.owner == user]


class LabelViewSet(ModelViewSet[Label, ArtistOut, ArtistOut]):
    authentication = (Token(),)
    permissions = OfLabel()


class IsOwner(ObjectPermission[str, Artist]):
    async def allows(self, user: str | None, item: Artist) -> bool:
        return item.owner == user

    def scope(self, user: str | None) -> Sequence[Any] | bool:
        return user is not None and [Artist.owner == user]


class ArtistViewSet(ModelViewSet[Artist, ArtistOut, ArtistOut]):
    authentication = (Token(),)
    permissions = IsOwner()


class AlbumViewSet(BulkModelViewSet[Album, AlbumOut, AlbumIn]):
    authentication = (Token(),)
    permissions = IsAuthenticated()
    filters = {"title": ["eq"]}
    unindexed = {"title"}

    @action(detail=True, method="post")
    async def rename(self, id: int) -> str:
        self.object.title += f" of {self.parent.owner}"
        title: str = self.object.title
        return title

    @action(detail=False)
    async def titles(self) -> list[str]:
        return [*await self.session.scalars(self.narrowed(select(Album.title)))]

    @action(detail=False)
    async def export(self) -> AsyncIterator[AlbumOut]:
        async for each in self.stream():
            yield each


class TrackViewSet(ModelViewSet[Track, TrackOut, TitleIn]):
    authentication = (Token(),)
    permissions = IsAuthenticated()


class FanViewSet(ModelViewSet[Fan, FanOut, FanIn]):
    authentication = (Token(),)
    permissions = IsAuthenticated()


ROWS = [
    Artist(id=1, slug="a", owner="ana"),
    Artist(id=2, slug="b", owner="bob"),
    Artist(id=3, slug="c", owner="ana"),
    Label(id=1, owner="ana"),
    Label(id=2, owner="bob"),
    Album(id=1, title="one", artist_id=1),
    Album(id=2, title="two", artist_id=2),
    Album(id=3, title="three", artist_id=3),
    Album(id=4, title="four", artist_id=1),
    Album(id=5, title="five", artist_id=1),
    Track(id=1, title="one", album_id=1),
    Track(id=2, title="two", album_id=2),
    Fan(id=1, artist_slug="a"),
    Fan(id=2, artist_slug="b"),
]


@pytest.fixture
async def serve(database_url: str, aiohttp_client: AiohttpClient) -> Serve:
    """Serve what a router has, with the rows."""

    async def serve(router: SimpleRouter) -> Client:
        app = web.Application(middlewares=[api_exception_handler])
        setup(app, database_url)
        app.add_routes(router.routespatters)
        async with app[DATABASE].engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with app[DATABASE].session.begin() as session:
            for row in ROWS:
                columns = type(row).__table__.columns.keys()
                session.add(type(row)(**{name: getattr(row, name) for name in columns}))
                await session.flush()
            if session.bind.dialect.name == "postgresql":  # type: ignore[union-attr]  # it is bound
                for name in ("artist", "album", "track", "fan"):
                    await session.execute(select(func.setval(f"{name}_id_seq", 10)))
        return await aiohttp_client(app)

    return serve


def nested() -> SimpleRouter:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    router.register(AlbumViewSet, basename="album", parent=ArtistViewSet)
    router.register(TrackViewSet, basename="track", parent=AlbumViewSet)
    router.register(FanViewSet, basename="fan", parent=ArtistViewSet)
    return router


def ana() -> dict[str, str]:
    return {"Authorization": "Bearer ana"}


ALLOWED = [
    ("GET", "/artist/1/album/1/", None, 200),
    ("GET", "/artist/1/album/1/track/1/", None, 200),
    ("PATCH", "/artist/1/album/1/", {"title": "new"}, 200),
    ("PATCH", "/artist/1/album/1/", {"title": "new", "artist_id": 1}, 200),
    ("PUT", "/artist/1/album/1/", {"title": "new"}, 200),
    ("POST", "/artist/1/album/", {"title": "new"}, 201),
    ("POST", "/artist/1/album/", {"title": "new", "artist_id": 1}, 201),
    ("POST", "/artist/1/album/bulk/", [{"title": "new"}], 201),
    ("DELETE", "/artist/1/album/bulk/?id.in=5", None, 204),
    ("DELETE", "/artist/1/album/4/", None, 204),
    ("POST", "/artist/1/album/1/rename/", None, 200),
    ("POST", "/artist/1/album/1/track/", {"title": "new"}, 201),
    ("POST", "/artist/1/fan/", {}, 201),
    ("PATCH", "/artist/1/fan/1/", {"artist_slug": "a"}, 200),
]
REFUSED = [
    # another's parent
    ("GET", "/artist/2/album/", None, 404),
    ("GET", "/artist/2/album/2/", None, 404),
    ("PATCH", "/artist/2/album/2/", {"title": "new"}, 404),
    ("PUT", "/artist/2/album/2/", {"title": "new"}, 404),
    ("DELETE", "/artist/2/album/2/", None, 404),
    ("POST", "/artist/2/album/", {"title": "new"}, 404),
    ("POST", "/artist/2/album/bulk/", [{"title": "new"}], 404),
    ("DELETE", "/artist/2/album/bulk/?id.in=2", None, 404),
    ("POST", "/artist/2/album/2/rename/", None, 404),
    ("GET", "/artist/2/album/titles/", None, 404),
    ("GET", "/artist/2/album/export/", None, 404),
    ("GET", "/artist/2/album/2/track/", None, 404),
    ("GET", "/artist/2/album/2/track/2/", None, 404),
    ("POST", "/artist/2/album/2/track/", {"title": "new"}, 404),
    ("GET", "/artist/2/fan/2/", None, 404),
    # an item of another parent, also of one's own
    ("GET", "/artist/1/album/3/", None, 404),
    ("PATCH", "/artist/1/album/3/", {"title": "new"}, 404),
    ("DELETE", "/artist/1/album/3/", None, 404),
    ("DELETE", "/artist/1/album/bulk/?id.in=4,3", None, 404),
    ("POST", "/artist/1/album/3/rename/", None, 404),
    ("GET", "/artist/1/album/3/track/", None, 404),
    ("GET", "/artist/1/album/2/track/2/", None, 404),
    ("GET", "/artist/1/fan/2/", None, 404),
    # to another parent
    ("PATCH", "/artist/1/album/1/", {"artist_id": 3}, 422),
    ("PATCH", "/artist/1/album/1/", {"artist_id": 2}, 422),
    ("PUT", "/artist/1/album/1/", {"title": "new", "artist_id": 3}, 422),
    ("POST", "/artist/1/album/", {"title": "new", "artist_id": 2}, 422),
    ("POST", "/artist/1/album/bulk/", [{"title": "new", "artist_id": 3}], 422),
    ("PATCH", "/artist/1/fan/1/", {"artist_slug": "c"}, 422),
    # a parent that is not there
    ("GET", "/artist/9/album/", None, 404),
    ("GET", "/artist/9/album/1/", None, 404),
    ("POST", "/artist/9/album/", {"title": "new"}, 404),
    ("GET", f"/artist/{10**20}/album/", None, 404),
]


async def test_allowed(serve: Serve) -> None:
    """What is below a parent that one may see is as it is without one, in the order of the table."""
    client = await serve(nested())
    for method, path, body, status in ALLOWED:
        response = await client.request(method, path, json=body, headers=ana())
        assert response.status == status, (method, path, await response.text())
        if status == 201 and isinstance(body, dict):
            made = await response.json()
            assert response.headers["Location"] == f"{path}{made['id']}/"
            assert (await client.get(response.headers["Location"], headers=ana())).status == 200
        assert (await client.request(method, path, json=body)).status == 401, path


async def test_refused_below_a_parent(serve: Serve) -> None:
    """Nothing below another's parent is reached, and nothing is moved."""
    client = await serve(nested())
    before = await _rows(client)
    for method, path, body, status in REFUSED:
        response = await client.request(method, path, json=body, headers=ana())
        assert response.status == status, (method, path, await response.text())
        assert (await client.request(method, path, json=body)).status == 401, path
        assert await _rows(client) == before, path


class PutAlbumViewSet(AlbumViewSet):
    put_creates = True


class PutTrackViewSet(TrackViewSet):
    put_creates = True


PUTS = [
    ("/artist/1/album/20/", 201),
    ("/artist/1/album/20/", 200),
    ("/artist/1/album/20/track/20/", 201),
    # another's parent, one that is not there, an item of another parent
    ("/artist/2/album/21/", 404),
    ("/artist/2/album/2/", 404),
    ("/artist/9/album/21/", 404),
    ("/artist/1/album/3/", 404),
    ("/artist/2/album/2/track/21/", 404),
    ("/artist/1/album/2/track/21/", 404),
    ("/artist/1/album/9/track/21/", 404),
]


@pytest.mark.parametrize("headers", [{}, {"If-None-Match": "*"}, {"If-Match": "*"}])
async def test_put_creates_below_a_parent(serve: Serve, headers: dict[str, str]) -> None:
    """A PUT makes nothing below a parent that is hidden or not there, whatever its conditions."""
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    router.register(PutAlbumViewSet, basename="album", parent=ArtistViewSet)
    router.register(PutTrackViewSet, basename="track", parent=PutAlbumViewSet)
    client = await serve(router)
    for path, status in PUTS:
        before, sent = await _rows(client), {} if status < 300 else headers
        body = {"title": "new"}
        response = await client.put(path, json=body, headers={**ana(), **sent})
        assert response.status == status, (path, await response.text())
        if status == 404:
            assert await _rows(client) == before, path
        assert (await client.put(path, json=body, headers=sent)).status == 401, path


async def _rows(client: Client) -> list[Any]:
    app: Any = client.server.app  # type: ignore[attr-defined]  # a server of an app
    found: list[Any] = []
    async with app[DATABASE].engine.connect() as connection:
        for table in (Album, Track, Fan):
            found += (await connection.execute(select(table.__table__).order_by(table.id))).all()
    return found


async def test_lists_are_of_the_parent(serve: Serve) -> None:
    """Lists, totals, filters, streams and what is narrowed by hand are of the parent alone."""
    client = await serve(nested())
    page = await (await client.get("/artist/1/album/?count=true", headers=ana())).json()
    assert ([each["id"] for each in page["items"]], page["total"]) == ([1, 4, 5], 3)
    page = await (await client.get("/artist/1/album/?title=three", headers=ana())).json()
    assert page["items"] == []
    titles = await client.get("/artist/3/album/titles/", headers=ana())
    assert await titles.json() == ["three"]
    export = await client.get("/artist/3/album/export/", headers=ana())
    assert (await export.text()).count("\n") == 1
    renamed = await client.post("/artist/3/album/3/rename/", headers=ana())
    assert await renamed.json() == "three of ana"


async def test_statements(serve: Serve) -> None:
    """The parent is a part of the statement; of a collection it is one more."""
    client = await serve(nested())
    seen: list[str] = []
    for engine in client.server.app[DATABASE].engines:  # type: ignore[attr-defined]  # a server of an app
        event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    for method, path, body, count in [
        ("GET", "/artist/1/album/1/", None, 1),
        ("GET", "/artist/1/album/1/track/1/", None, 1),
        ("DELETE", "/artist/1/album/4/", None, 1),
        ("PATCH", "/artist/1/album/1/", {"title": "new"}, 1),
        ("GET", "/artist/1/album/", None, 2),
        ("POST", "/artist/1/album/", {"title": "new"}, 2),
        ("GET", "/artist/1/album/titles/", None, 2),
    ]:
        seen.clear()
        assert (await client.request(method, path, json=body, headers=ana())).ok
        assert len([each for each in seen if not each.startswith("BEGIN")]) == count, seen


async def test_shallow_rows(serve: Serve) -> None:
    """A shallow item of a hidden parent is hidden."""
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    router.register(AlbumViewSet, basename="album", parent=ArtistViewSet, shallow=True)
    router.register(TrackViewSet, basename="track", parent=AlbumViewSet, shallow=True)
    client = await serve(router)
    for path, status in {
        "/album/1/": 200,
        "/album/3/": 200,
        "/album/2/": 404,
        "/track/1/": 200,
        "/track/2/": 404,
        "/album/1/track/": 200,
        "/album/2/track/": 404,
        "/artist/2/album/": 404,
    }.items():
        assert (await client.get(path, headers=ana())).status == status, path
        assert (await client.get(path)).status == 401, path
    changed = await client.patch("/album/2/", json={"title": "x"}, headers=ana())
    assert changed.status == 404
    response = await client.post("/artist/1/album/", json={"title": "x"}, headers=ana())
    assert response.headers["Location"].startswith("/album/")
    assert (await client.get(response.headers["Location"], headers=ana())).status == 200


class MovedTrack(ModelViewSet[Track, TrackOut, TrackIn]):
    """Nothing narrows it but the parent."""

    authentication = (Token(),)


class OfArtist(AlbumViewSet):
    """It stands in two places."""


async def test_nothing_is_moved_out_of_sight(serve: Serve) -> None:
    """What puts a shallow item below a hidden parent is refused, and undone."""
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    router.register(OfArtist, basename="album", parent=ArtistViewSet)
    router.register(OfArtist, basename="open")
    router.register(MovedTrack, basename="track", parent="artist-album", shallow=True)
    client = await serve(router)
    before = await _rows(client)
    moved = await client.patch("/track/1/", json={"album_id": 2}, headers=ana())
    assert moved.status == 422, await moved.text()
    assert await _rows(client) == before
    moved = await client.patch("/track/1/", json={"album_id": 3}, headers=ana())
    assert (moved.status, (await moved.json())["album_id"]) == (200, 3)


async def test_other_foreign_keys(serve: Serve) -> None:
    """What a body names besides is looked for among all that there are, not below the parent."""
    router = nested()
    router.register(LabelViewSet, basename="label")
    client = await serve(router)
    assert (await client.delete("/artist/3/album/3/", headers=ana())).status == 204
    for label, status in ((1, 201), (2, 422)):
        body = {"title": "x", "label_id": label}
        response = await client.post("/artist/3/album/", json=body, headers=ana())
        assert response.status == status, await response.text()


async def test_foreign_keys_to_what_a_parent_hides(serve: Serve) -> None:
    """A body cannot name a row below a hidden parent; hidden and missing are one answer."""
    router = nested()
    router.register(MovedTrack, basename="track")
    client = await serve(router)
    before = await _rows(client)
    answers = []
    for album in (2, 99):
        body = {"title": "x", "album_id": album}
        for method, path in (("POST", "/track/"), ("PATCH", "/track/1/")):
            response = await client.request(method, path, json=body, headers=ana())
            answers.append((response.status, await response.json()))
            assert (response.status, answers[-1][1]["errors"][0]["code"]) == (422, "reference")
    assert answers[:2] == answers[2:]
    assert await _rows(client) == before
    response = await client.post("/track/", json={"title": "x", "album_id": 3}, headers=ana())
    assert response.status == 201, await response.text()


async def test_foreign_keys_to_what_stands_in_several_places(serve: Serve) -> None:
    """A row that one place shows may be named, though a parent hides it in another."""
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    router.register(LabelViewSet, basename="label")
    router.register(OfArtist, basename="album", parent=ArtistViewSet)
    router.register(OfArtist, basename="open")
    router.register(MovedTrack, basename="track")
    client = await serve(router)
    response = await client.post("/track/", json={"title": "x", "album_id": 2}, headers=ana())
    assert response.status == 201, await response.text()


class Put(ModelViewSet[Album, AlbumOut, AlbumIn]):
    put_creates = True


async def test_put_creates_below_what_may_be_seen(serve: Serve) -> None:
    """A PUT that would make an item asks for the parent, too."""
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    router.register(Put, basename="album", parent=ArtistViewSet)
    client = await serve(router)
    before = await _rows(client)
    for artist, album in ((2, 50), (9, 50), (2, 2), (1, 2)):
        path = f"/artist/{artist}/album/{album}/"
        assert (await client.put(path, json={"title": "x"}, headers=ana())).status == 404, path
        assert (await client.put(path, json={"title": "x"})).status == 401, path
    assert await _rows(client) == before
    made = await client.put("/artist/1/album/50/", json={"title": "x"}, headers=ana())
    assert (made.status, (await made.json())["artist_id"]) == (201, 1)
    assert made.headers["Location"] == "/artist/1/album/50/"


class ByHand(ModelViewSet[Artist, ArtistOut, ArtistOut]):
    """Its `get_object` alone says which artists there are."""

    async def get_object(self, id: int) -> Artist | None:
        found: Artist | None = await self.session.get(Artist, id)
        return found if found is not None and found.owner == "ana" else None


async def test_get_object_by_hand(serve: Serve) -> None:
    """A parent's `get_object` that is written by hand is asked, whatever the action."""
    router = SimpleRouter()
    router.register(ByHand, basename="artist")
    router.register(AlbumViewSet, basename="album", parent=ByHand)
    router.register(TrackViewSet, basename="track", parent=AlbumViewSet)
    with pytest.raises(ImproperlyConfigured, match="get_object is written by hand, and no key"):
        router.register(AlbumViewSet, basename="shallow", parent=ByHand, shallow=True)
    client = await serve(router)
    before = await _rows(client)
    for method, path, body, status in REFUSED:
        if status == 404 and "/fan/" not in path:
            response = await client.request(method, path, json=body, headers=ana())
            assert response.status == 404, (method, path, await response.text())
    assert await _rows(client) == before
    for path in ("/artist/1/album/", "/artist/1/album/1/", "/artist/1/album/1/track/1/"):
        assert (await client.get(path, headers=ana())).status == 200, path


class Titled(ModelViewSet[Album, AlbumOut, AlbumIn]):
    def values(self, body: Any) -> dict[str, Any]:
        return {**super().values(body), "title": f"of {self.parent.owner}"}


async def test_values_of_the_parent(serve: Serve) -> None:
    """What is written by hand for all actions has the parent, too."""
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    router.register(Titled, basename="album", parent=ArtistViewSet)
    client = await serve(router)
    for method, path in (("POST", "/artist/1/album/"), ("PUT", "/artist/1/album/1/")):
        response = await client.request(method, path, json={"title": "x"}, headers=ana())
        assert (await response.json())["title"] == "of ana"


class Band(Struct):
    id: int


class BandViewSet(BaseViewSet):
    """It has no rows."""

    authentication = (Token(),)
    permissions = IsAuthenticated()

    async def get_object(self, id: int) -> Band | None:
        return Band(id) if id != 2 else None

    async def detail(self, id: int) -> Band:
        return Band(id)


class TextBand(BandViewSet):
    async def get_object(self, id) -> Any:  # type: ignore[no-untyped-def]  # as people write
        return id


class Mine(BaseViewSet):
    async def get_object(self) -> Band:
        return Band(1)

    async def detail(self) -> Band:
        return Band(1)


class OfBand(AlbumViewSet):
    parent_field = "artist_id"


class Note(BaseViewSet):
    """It has none either, and stands below rows."""

    authentication = (Token(),)
    permissions = Anyone()

    async def detail(self, artist_id: int, id: int) -> str:
        return f"{self.parent.owner} {id}"


async def test_rows_and_others(serve: Serve) -> None:
    """Rows may stand below what is none, and what is none below rows."""
    router = SimpleRouter()
    router.register(BandViewSet, basename="band")
    router.register(OfBand, basename="album", parent=BandViewSet)
    router.register(ArtistViewSet, basename="artist")
    router.register(Note, basename="note", parent=ArtistViewSet)
    client = await serve(router)
    for path, status in {
        "/band/1/album/1/": 200,
        "/band/1/album/2/": 404,
        "/band/2/album/": 404,
        "/band/2/album/2/": 404,
        "/artist/1/note/7/": 200,
        "/artist/2/note/7/": 404,
        "/artist/9/note/7/": 404,
    }.items():
        assert (await client.get(path, headers=ana())).status == status, path
        assert (await client.get(path)).status == 401, path
    made = await client.post("/band/3/album/", json={"title": "x"}, headers=ana())
    assert (await made.json())["artist_id"] == 3


def test_refused() -> None:
    router = SimpleRouter()
    router.register(BandViewSet, basename="band")
    router.register(TrackViewSet, basename="track")
    router.register(AlbumViewSet, basename="album")
    for viewset, parent in ((AlbumViewSet, BandViewSet), (AlbumViewSet, TrackViewSet)):
        with pytest.raises(ImproperlyConfigured, match="parent_field = 'artist_id'"):
            router.register(viewset, basename="below", parent=parent)
    with pytest.raises(ImproperlyConfigured, match="singleton=True"):
        router.register(AlbumViewSet, basename="me", singleton=True)
    router.register(TextBand, basename="text-band")
    with pytest.raises(ImproperlyConfigured, match=r"it is a text, and album\.artist_id holds int"):
        router.register(OfBand, basename="below", parent=TextBand)
    router.register(Mine, basename="mine", singleton=True)
    with pytest.raises(ImproperlyConfigured, match="Mine is a singleton"):
        router.register(AlbumViewSet, basename="below", parent="mine")
