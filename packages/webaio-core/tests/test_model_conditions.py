import asyncio
import datetime
import os
import sys
import types
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient
from msgspec import Struct
from pytest_aiohttp import AiohttpClient
from sqlalchemy import ForeignKey, Integer, String, delete, event, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from webaio.conditions import IfMatch
from webaio.conditions._http_date import http_date
from webaio.decorators import action
from webaio.exceptions import ImproperlyConfigured
from webaio.middlewares import api_exception_handler
from webaio.parameters import Depends
from webaio.permissions import Anyone, ObjectPermission, Permissions
from webaio.routers import SimpleRouter
from webaio.schemas import Partial
from webaio.sqlalchemy import (
    DATABASE,
    BulkModelViewSet,
    Int,
    ModelViewSet,
    UTCDateTime,
    setup,
)

Client = TestClient[web.Request, web.Application]
Serve = Callable[..., Awaitable[Client]]

CHANGED = datetime.datetime(2026, 1, 2, 3, 4, 5, 678, datetime.UTC)


class Base(DeclarativeBase):
    pass


class Artist(Base):
    __tablename__ = "artist"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    plays: Mapped[int] = mapped_column(default=0)
    version: Mapped[int]


class Counted(Base):
    """A class whose versions SQLAlchemy counts, too."""

    __tablename__ = "counted"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class Document(Base):
    """A class whose keys clients make, with the time of its last change."""

    __tablename__ = "document"
    key: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    text: Mapped[str] = mapped_column(String(100))
    owner: Mapped[str] = mapped_column(String(10), default="ana")
    version: Mapped[int] = mapped_column(default=7)
    changed: Mapped[datetime.datetime] = mapped_column(UTCDateTime, default=CHANGED)


class Dated(Base):
    """A class without a version, some of whose rows have no time."""

    __tablename__ = "dated"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    changed: Mapped[datetime.datetime | None] = mapped_column(UTCDateTime)


class Song(Base):
    """A class that is shown with another."""

    __tablename__ = "song"
    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artist.id"))
    version: Mapped[int]
    artist: Mapped[Artist] = relationship(lazy="raise")


class ArtistIn(Struct):
    name: str
    plays: Int = 0


class ArtistOut(Struct):
    id: int
    name: str
    plays: int
    version: int


class Bare(Struct):
    """Without the version, which is read beside it."""

    id: int
    name: str


class NameIn(Struct):
    name: str


class SongIn(Struct):
    artist_id: int


class SongOut(Struct):
    id: int
    artist: Bare


class DocumentIn(Struct):
    text: str


class DocumentOut(Struct):
    key: UUID
    text: str


class ArtistViewSet(BulkModelViewSet[Artist, ArtistOut, ArtistIn]):
    version = "version"

    @action(detail=True, method="post")
    async def play(self, id: int) -> ArtistOut:
        played = update(Artist).where(Artist.id == id).values(plays=Artist.plays + 1)
        await self.session.execute(played.values(version=Artist.version + 1))
        return await self.detail(id)

    @action(detail=True, method="post")
    async def merge(self, id: int, other: int) -> ArtistOut:
        await self.destroy(other)
        return await self.partial_update(id, Partial[ArtistIn]({"name": "merged"}))


class BareViewSet(ModelViewSet[Artist, Bare, NameIn]):
    version = "version"
    require_if_match = True


class SeenViewSet(ModelViewSet[Artist, Bare, NameIn]):
    """Rows that not everybody sees: a write reads its item again."""

    version = "version"

    def scope(self) -> Sequence[Any]:
        return [Artist.name != "hidden"]


class SongViewSet(ModelViewSet[Song, SongOut, SongIn]):
    version = "version"


class CountedViewSet(ModelViewSet[Counted, Bare, NameIn]):
    version = "version"

    @action(detail=True, method="post")
    async def rename(self, id: int) -> None:
        found = await self.get_object(id)
        found.name = "renamed"

    @action(detail=True, method="post")
    async def lose(self, id: int) -> None:
        found = await self.get_object(id)
        table: Any = Counted.__table__
        await self.session.execute(update(table).values(version=table.c.version + 1))
        found.name = "lost"


class IsAnas(ObjectPermission[Any, Document]):
    needs_user = False

    def scope(self, user: Any) -> Any:
        return [Document.owner == "ana"]


async def write_meanwhile(request: web.Request) -> None:
    """Write the artist as another process may, while the body of a request arrives."""
    async with request.app[DATABASE].session.begin() as session:
        await session.execute(update(Artist).values(name="meanwhile", version=Artist.version + 1))


class IsNamed(ObjectPermission[Any, Artist]):
    needs_user = False

    def scope(self, user: Any) -> Any:
        return [Artist.name != "hidden"]


class GuardedViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    version = "version"
    permissions: ClassVar[Permissions] = dict.fromkeys(("late", "own", "*"), IsNamed())

    @action(detail=True, method="post")
    async def late(self, id: int, written: Annotated[None, Depends(write_meanwhile)]) -> str:
        return str(self.object.name)

    @action(detail=True, method="post")
    async def own(
        self, id: int, version: IfMatch, written: Annotated[None, Depends(write_meanwhile)]
    ) -> str:
        version.require(self.object.version)
        return str(self.object.name)


class DatedViewSet(ModelViewSet[Dated, Bare, NameIn]):
    last_modified = "changed"


class DocumentViewSet(ModelViewSet[Document, DocumentOut, DocumentIn]):
    version = "version"
    last_modified = "changed"
    put_creates = True


class OwnDocumentViewSet(DocumentViewSet):
    permissions: ClassVar[Permissions] = {"create": Anyone(), "*": IsAnas()}


class ClosedDocumentViewSet(DocumentViewSet):
    permissions: ClassVar[Permissions] = {"create": ~Anyone(), "*": Anyone()}


VIEWSETS: Any = {
    "song": SongViewSet,
    "artist": ArtistViewSet,
    "bare": BareViewSet,
    "seen": SeenViewSet,
    "counted": CountedViewSet,
    "dated": DatedViewSet,
    "document": DocumentViewSet,
    "own": OwnDocumentViewSet,
    "closed": ClosedDocumentViewSet,
    "guarded": GuardedViewSet,
}


def application(url: str) -> web.Application:
    """Make the application of all viewsets, on a database."""
    router = SimpleRouter()
    for basename, viewset in VIEWSETS.items():
        router.register(viewset, basename=basename)
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    setup(app, url)
    return app


async def fill(app: web.Application) -> None:
    """Make the tables, with an artist and a hidden one."""
    async with app[DATABASE].engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with app[DATABASE].session.begin() as session:
        session.add(Artist(name="Cerati", version=1))
        await session.flush()
        session.add(Artist(name="hidden", version=1))
        session.add(Counted(name="Cerati"))
        session.add_all([Dated(id=1, name="new", changed=CHANGED), Dated(id=2, name="old")])


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, database_url: str) -> Client:
    """Serve all viewsets on each database."""
    app = application(database_url)
    found = await aiohttp_client(app)
    await fill(app)
    return found


async def send(client: Client, method: str, path: str, json: Any = None, **headers: str) -> Any:
    """Send a request with conditions: `if_match='"1"'`."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.request(method, path, headers=given, json=json) as response:
        await response.read()
        return response


def counting(client: Client) -> list[str]:
    """Give the list to which each statement is added from now on."""
    found: list[str] = []
    app: Any = client.app
    for engine in app[DATABASE].engines:
        event.listen(engine, "before_cursor_execute", lambda *given: found.append(given[2]))
    return found


BODY = {"name": "Gustavo"}
STALE = ['"0"', '"2"', '"01"', '"+1"', '"x"', 'W/"1"', "", f'"{"9" * 5000}"', f'"{2**31}"', '"-1"']


@pytest.mark.parametrize("path", ["/artist/1/", "/bare/1/", "/seen/1/"])
@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
async def test_write_of_a_version(client: Client, method: str, path: str) -> None:
    """A write of another version is a 412 and does nothing; of this one it is done, in one statement."""
    json = None if method == "DELETE" else BODY
    for sent in STALE:
        assert (sent, (await send(client, method, path, json, if_match=sent)).status) == (sent, 412)
    for sent in ("*", '"1"', 'W/"1"'):
        both = {"if_match": '"1"', "if_none_match": sent}
        assert (await send(client, method, path, json, **both)).status == 412
    assert (await send(client, method, path, json, if_match='"1')).status == 400
    assert (await send(client, "GET", path)).headers["ETag"] == '"1"'
    statements = counting(client)
    done = await send(client, method, path, json, if_match='"0", "1"', if_none_match='"0"')
    assert done.ok
    if method != "DELETE":
        assert done.headers["ETag"] == '"2"'
    if not path.startswith("/seen"):
        assert len(statements) == 1


async def test_write_of_nothing(client: Client) -> None:
    """A write of what is not there for this request is a 404, whatever its conditions."""
    for path in ("/artist/9/", "/bare/9/", "/seen/2/", "/seen/9/"):
        for method in ("PATCH", "PUT", "DELETE"):
            for sent in ("*", '"1"'):
                json = None if method == "DELETE" else BODY
                assert (await send(client, method, path, json, if_match=sent)).status == 404


async def test_tag_of_each_answer(client: Client) -> None:
    """Each single item has its tag, also where its model has no version; a list has none."""
    for path in ("/artist/", "/bare/", "/counted/"):
        created = await send(client, "POST", path, {"name": f"new {path}"})
        assert (created.status, created.headers["ETag"]) == (201, '"1"')
        listed = await send(client, "GET", path)
        assert (listed.status, "ETag" in listed.headers) == (200, False)
        read = await send(client, "GET", created.headers["Location"], if_none_match='W/"1"')
        assert (read.status, read.headers["ETag"]) == (304, '"1"')
    made = await send(client, "POST", "/artist/bulk/", [{"name": "a"}, {"name": "b"}])
    assert (made.status, [each["version"] for each in await made.json()]) == (201, [1, 1])


async def test_what_is_related_has_no_304(client: Client) -> None:
    """The version of a row says nothing of what is shown with it; a write is compared as ever."""
    created = await send(client, "POST", "/song/", {"artist_id": 1})
    url, tag = created.headers["Location"], created.headers["ETag"]
    assert (await send(client, "PATCH", "/artist/1/", BODY)).status == 200
    read = await send(client, "GET", url, if_none_match=tag)
    assert (read.status, read.headers["ETag"]) == (200, tag)
    assert (await read.json())["artist"]["name"] == BODY["name"]
    assert (await send(client, "PUT", url, {"artist_id": 1}, if_match=tag)).status == 200
    assert (await send(client, "PUT", url, {"artist_id": 1}, if_match=tag)).status == 412


async def test_empty_patch(client: Client) -> None:
    """A PATCH that changes nothing is compared, and raises no version."""
    assert (await send(client, "PATCH", "/bare/1/", {}, if_match='"0"')).status == 412
    done = await send(client, "PATCH", "/bare/1/", {}, if_match='"1"')
    assert (done.status, done.headers["ETag"]) == (200, '"1"')


async def test_required(client: Client) -> None:
    """Where If-Match must be there, a write without is a 428."""
    for method in ("PATCH", "PUT", "DELETE"):
        assert (await send(client, method, "/bare/1/", BODY)).status == 428
    assert (await send(client, "PATCH", "/artist/1/", BODY)).status == 200


async def test_own_action(client: Client) -> None:
    """An action that is written by hand is compared with the row as it is."""
    assert (await send(client, "POST", "/artist/1/play/", if_match='"0"')).status == 412
    done = await send(client, "POST", "/artist/1/play/", if_match='"1"')
    assert (done.status, done.headers["ETag"]) == (200, '"2"')
    assert (await send(client, "POST", "/artist/9/play/", if_match="*")).status == 404


async def test_object_is_the_compared_one(client: Client) -> None:
    """An item that the permission has loaded is read again, as others may have written it by then.

    On SQLite nobody can: the transaction of who has read it is the only one that writes.
    """
    app: Any = client.app
    async with app[DATABASE].session.begin() as session:
        await session.execute(delete(Artist).where(Artist.id == 2))
    if app[DATABASE].engine.dialect.name != "sqlite":
        for path, version in (("late", 1), ("own", 3)):  # compared for the action, or by it
            path = f"/guarded/1/{path}/"
            assert (await send(client, "POST", path, if_match=f'"{version}"')).status == 412
            done = await send(client, "POST", path, if_match=f'"{version + 2}"')
            assert (done.status, await done.json()) == (200, "meanwhile")
    stale = await send(client, "PATCH", "/guarded/1/", BODY, if_match='"0"')
    assert stale.status == 412


async def test_conditions_are_of_the_item(client: Client) -> None:
    """What an action does to other items is not compared with the tag of its own."""
    assert (await send(client, "PATCH", "/artist/2/", {"plays": 3})).status == 200
    stale = await send(client, "POST", "/artist/1/merge/?other=2", if_match='"2"')
    assert (stale.status, (await send(client, "GET", "/artist/2/")).status) == (412, 200)
    done = await send(client, "POST", "/artist/1/merge/?other=2", if_match='"1"')
    assert (done.status, done.headers["ETag"]) == (200, '"2"')
    assert (await send(client, "GET", "/artist/2/")).status == 404


async def test_parallel_writes(client: Client) -> None:
    """Of 50 writes of one version at once one is done, by the viewset and by an action of one's own."""
    for number, (method, path) in enumerate([("PATCH", "/artist/1/"), ("POST", "/artist/1/play/")]):
        json = BODY if method == "PATCH" else None
        sent = f'"{number + 1}"'
        tasks = [send(client, method, path, json, if_match=sent) for _ in range(50)]
        statuses = Counter(each.status for each in await asyncio.gather(*tasks))
        assert statuses == {200: 1, 412: 49}
        assert (await send(client, "GET", "/artist/1/")).headers["ETag"] == f'"{number + 2}"'


async def test_version_of_sqlalchemy(client: Client) -> None:
    """A class with a version_id_col is counted by statements and by the session alike."""
    done = await send(client, "PATCH", "/counted/1/", BODY, if_match='"1"')
    assert done.headers["ETag"] == '"2"'
    assert (await send(client, "POST", "/counted/1/rename/", if_match='"1"')).status == 412
    assert (await send(client, "POST", "/counted/1/rename/", if_match='"2"')).status == 204
    assert (await send(client, "GET", "/counted/1/")).headers["ETag"] == '"3"'
    stale = await send(client, "POST", "/counted/1/lose/")
    assert (stale.status, (await stale.json())["code"]) == (409, "stale")
    assert (await send(client, "POST", "/counted/1/lose/", if_match='"3"')).status == 412
    assert (await send(client, "GET", "/counted/1/")).headers["ETag"] == '"3"'


async def test_time(client: Client) -> None:
    """If-Unmodified-Since is compared in whole seconds, in the statement."""
    path = (await send(client, "POST", "/document/", {"text": "a"})).headers["Location"]
    at = {each: http_date(CHANGED + datetime.timedelta(seconds=each)) for each in (-1, 0, 1)}
    read = await send(client, "GET", path, if_modified_since=at[0])
    assert (read.status, read.headers["Last-Modified"], read.headers["ETag"]) == (304, at[0], '"7"')
    assert (await send(client, "GET", path, if_modified_since=at[-1])).status == 200
    json = {"text": "b"}
    assert (await send(client, "PATCH", path, json, if_unmodified_since=at[-1])).status == 412
    both = {"if_unmodified_since": at[-1], "if_match": '"7"'}
    assert (await send(client, "PATCH", path, json, **both)).status == 200
    assert (await send(client, "PATCH", path, json, if_unmodified_since=at[0])).status == 200


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
async def test_time_alone(client: Client, method: str) -> None:
    """Where items have no tag no If-Match holds, and without a time no If-Unmodified-Since counts."""
    json, at = None if method == "DELETE" else BODY, http_date(CHANGED)
    for headers in ({"if_match": '"1"'}, {"if_match": '"1"', "if_unmodified_since": at}):
        assert (await send(client, method, "/dated/1/", json, **headers)).status == 412
    before = http_date(CHANGED - datetime.timedelta(seconds=1))
    for path, status in (("/dated/1/", 412), ("/dated/2/", 200)):
        found = await send(client, method, path, json, if_unmodified_since=before)
        assert found.status == (204 if (status, method) == (200, "DELETE") else status)
    both = {"if_match": "*", "if_none_match": '"1"'}
    assert (await send(client, method, "/dated/1/", json, **both)).ok


async def put(client: Client, path: str, text: str, **headers: str) -> Any:
    return await send(client, "PUT", path, {"text": text}, **headers)


async def test_put_creates(client: Client) -> None:
    """A PUT makes what there is not, at its own URL, and replaces what there is."""
    path = f"/document/{uuid4()}/"
    assert (await put(client, path, "a", if_match="*")).status == 412
    assert (await put(client, path, "a", if_match='"7"')).status == 412
    assert (await send(client, "GET", path)).status == 404
    made = await put(client, path, "a", if_none_match="*")
    assert (made.status, made.headers["Location"], made.headers["ETag"]) == (201, path, '"7"')
    assert (await put(client, path, "b", if_none_match="*")).status == 412
    assert (await put(client, path, "b", if_match='"6"')).status == 412
    done = await put(client, path, "b", if_match='"7"')
    assert (done.status, done.headers["ETag"], "Location" in done.headers) == (200, '"8"', False)
    assert (await (await send(client, "GET", path)).json())["text"] == "b"


async def test_put_of_what_is_hidden(client: Client) -> None:
    """A PUT writes nothing over a row that is not there for this request."""
    key = uuid4()
    app: Any = client.app
    async with app[DATABASE].session.begin() as session:
        session.add(Document(key=key, text="bobs", owner="bob"))
    assert (await put(client, f"/own/{key}/", "mine")).status in (401, 404)
    assert (await put(client, f"/own/{uuid4()}/", "mine")).status == 201
    assert (await put(client, f"/closed/{uuid4()}/", "mine")).status in (401, 403)
    async with app[DATABASE].session.begin() as session:
        texts = [*await session.scalars(select(Document.text).order_by(Document.text))]
    assert texts == ["bobs", "mine"]


async def test_parallel_puts(client: Client) -> None:
    """Of many PUTs of what is new, each says what it did, and one made it."""
    path = f"/document/{uuid4()}/"
    tasks = [put(client, path, "a", if_none_match="*") for _ in range(20)]
    statuses = Counter(each.status for each in await asyncio.gather(*tasks))
    assert statuses[201] == 1
    assert set(statuses) <= {201, 409, 412}


SERVER = """
import sys
from aiohttp import web
sys.path.insert(0, sys.argv[1])
from test_model_conditions import application
web.run_app(application(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[3]), print=None)
"""


@pytest.fixture
async def servers(
    database_url: str, unused_tcp_port_factory: Callable[[], int]
) -> AsyncIterator[list[str]]:
    """Serve the viewsets by two processes on one database."""
    app = application(database_url)
    await fill(app)
    await app[DATABASE].close()
    ports = [unused_tcp_port_factory() for _ in range(2)]
    folder = os.path.dirname(__file__)
    given = [sys.executable, "-c", SERVER, folder, database_url]
    processes = [await asyncio.create_subprocess_exec(*given, str(port)) for port in ports]
    try:
        yield [f"http://127.0.0.1:{port}" for port in ports]
    finally:
        for process in processes:
            process.terminate()
            await process.wait()


async def until_up(session: ClientSession, url: str) -> None:
    async with asyncio.timeout(60):  # a busy machine
        while True:
            try:
                async with session.get(f"{url}/artist/"):
                    return
            except OSError:
                await asyncio.sleep(0.05)


async def test_one_tag_in_two_processes(servers: list[str]) -> None:
    """Of 50 writes by two processes with one tag one is done."""
    async with ClientSession() as session:
        for url in servers:
            await until_up(session, url)

        async def write(number: int) -> int:
            url, headers = servers[number % 2], {"If-Match": '"1"'}
            body = {"plays": number}
            async with session.patch(f"{url}/artist/1/", json=body, headers=headers) as response:
                return response.status

        statuses = Counter(await asyncio.gather(*map(write, range(50))))
        assert statuses == {200: 1, 412: 49}
        async with session.get(f"{servers[0]}/artist/1/") as response:
            assert (await response.json())["version"] == 2


async def test_two_processes(servers: list[str]) -> None:
    """500 writes by two processes: the version rises by as many as were told that they are done."""
    async with ClientSession() as session:
        for url in servers:
            await until_up(session, url)

        async def write(url: str) -> int:
            async with session.get(f"{url}/artist/1/") as response:
                tag, plays = response.headers["ETag"], (await response.json())["plays"]
            body = {"plays": plays + 1}
            async with session.patch(
                f"{url}/artist/1/", json=body, headers={"If-Match": tag}
            ) as response:
                return response.status

        writes = [write(servers[each % 2]) for each in range(500)]
        statuses = Counter(await asyncio.gather(*writes))
        done = statuses[200]
        assert set(statuses) <= {200, 412, 503}  # who waited too long for a lock may try again
        async with session.get(f"{servers[0]}/artist/1/") as response:
            found = await response.json()
        assert (found["version"], found["plays"]) == (1 + done, done)


class Nullable(Base):
    __tablename__ = "nullable"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    version: Mapped[int | None] = mapped_column(Integer)


class WithVersion(Struct):
    name: str
    version: int


@pytest.mark.parametrize(
    ("bases", "members", "words"),
    [
        ((Artist, Bare, NameIn), {"version": "revision"}, r"version.*revision.*no column"),
        ((Artist, Bare, NameIn), {"version": "name"}, r"integer"),
        ((Nullable, Bare, NameIn), {"version": "version"}, r"never null"),
        ((Artist, Bare, WithVersion), {"version": "version"}, r"WithVersion.*client would write"),
        ((Artist, ArtistOut, NameIn), {"etag": "version"}, r"etag.*version = "),
        (
            (Artist, Bare, NameIn),
            {"etag": str, "version": "version"},
            r"etag: the tag of an item is",
        ),
        ((Artist, Bare, NameIn), {"last_modified": "plays"}, r"UTCDateTime"),
        ((Counted, Bare, NameIn), {}, r"version counter"),
    ],
)
def test_refused(bases: Any, members: dict[str, Any], words: str) -> None:
    """A version that no write could raise, or that a client could write, is refused."""
    base: Any = ModelViewSet
    with pytest.raises(ImproperlyConfigured, match=f"(?s){words}"):
        types.new_class("Refused", (base[bases],), exec_body=lambda body: body.update(members))


def test_put_that_asks_for_objects() -> None:
    """A PUT that creates needs a permission of create that asks for no object."""

    class Asking(DocumentViewSet):
        permissions: ClassVar[Permissions] = IsAnas()

    with pytest.raises(ImproperlyConfigured, match=r"Asking\.update.*create"):
        SimpleRouter().register(Asking, basename="document")
