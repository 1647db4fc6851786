"""The fixture `database`, `assert_queries` and `new_database`, on each kind of database."""

import asyncio
import contextlib
import importlib.util
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from msgspec import Struct
from sqlalchemy import (
    ForeignKey,
    String,
    create_engine,
    func,
    insert,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from webaio.decorators import action
from webaio.exceptions import Conflict, ServiceUnavailable
from webaio.middlewares import api_exception_handler
from webaio.routers import SimpleRouter
from webaio.sqlalchemy import DATABASE, Database, Int, ModelViewSet, Session, database_of, setup
from webaio.testing import APIClient, _turns, assert_queries, new_database
from webaio.testing._database import in_transaction
from webaio.testing.fixtures import APIClientFactory

pytest_plugins = ["pytester"]


class Base(DeclarativeBase):
    pass


class Artist(Base):
    __tablename__ = "artist"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    plays: Mapped[int] = mapped_column(default=0)


class Song(Base):
    __tablename__ = "song"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    artist_id: Mapped[int] = mapped_column(
        ForeignKey("artist.id", deferrable=True, initially="DEFERRED"), index=True
    )


class SongModel(Struct):
    title: str
    artist_id: int


class ArtistIn(Struct):
    name: str
    plays: Int = 0


class ArtistOut(Struct):
    id: int
    name: str
    plays: int


class ArtistViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    @action(detail=True, method="post")
    async def play(self, id: Int, session: Session) -> None:
        """Read, wait and write: without turns, most of what is written is lost."""
        artist = await session.get_one(Artist, id)
        plays = artist.plays
        await asyncio.sleep(0.005)
        artist.plays = plays + 1

    @action(detail=False, method="post")
    async def regret(self, name: str, session: Session) -> None:
        session.add(Artist(name=name))
        await session.flush()
        raise Conflict

    @action(detail=False, method="post")
    async def twice(self, session: Session) -> None:
        """Commit half of it, and then what is there already."""
        session.add(Artist(name="half"))
        await session.commit()
        session.add(Artist(name="half"))

    @action(detail=False, method="post")
    async def aside(self, session: Session) -> None:
        """Use another session, and a statement by itself, while there is one."""
        session.add(Artist(name="one"))
        await session.flush()
        database = database_of(self.request)
        async with database.session.begin() as other:
            other.add(Artist(name="two"))
        await database.run(lambda connection: connection.execute(select(1)))

    @action(detail=False, method="post")
    async def elsewhere(self, session: Session) -> None:
        """Wait for another task while there is a transaction."""
        await session.execute(select(1))
        database = database_of(self.request)
        await asyncio.create_task(database.run(lambda connection: None))

    @action(detail=False, method="post")
    async def cut(self, session: Session) -> None:
        """Give up in the middle of a statement."""
        session.add(Artist(name="cut"))
        await session.flush()
        statement = asyncio.create_task(session.execute(select(1)))
        await asyncio.sleep(0)
        statement.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await statement
        raise ServiceUnavailable

    @action(detail=False, method="post")
    async def engine(self) -> None:
        async with database_of(self.request).engine.begin():
            pass


class SongViewSet(ModelViewSet[Song, SongModel, SongModel]):
    pass


def require_server(kind: str) -> str:
    """Give the URL of a database beside which others may be made."""
    if kind == "sqlite":
        return "sqlite+aiosqlite://"
    server = os.environ.get("POSTGRESQL_URL")
    if server is None:
        if os.environ.get("REQUIRE_DATABASE"):
            pytest.fail("POSTGRESQL_URL names no server, and REQUIRE_DATABASE asks for one")
        pytest.skip("POSTGRESQL_URL names no server")
    return server.replace("postgresql://", "postgresql+asyncpg://", 1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> str:
    return require_server(request.param)


@pytest.fixture(scope="module")
def database_url(server: str) -> Iterator[str]:
    with new_database(server, Base.metadata.create_all) as url:
        yield url


@pytest.fixture
def app(database_url: str, nothing_is_left: None) -> web.Application:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    router.register(SongViewSet, basename="song")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    setup(app, database_url)
    return app


PROJECT = """
import os

import pytest
from aiohttp import web
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from webaio.middlewares import api_exception_handler
from webaio.routers import SimpleRouter
from webaio.sqlalchemy import ModelViewSet, setup
from webaio.testing import assert_queries, new_database

class Base(DeclarativeBase):
    pass

class Artist(Base):
    __tablename__ = "artist"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)

class ArtistModel(Struct):
    name: str

class ArtistViewSet(ModelViewSet[Artist, ArtistModel, ArtistModel]):
    pass

@pytest.fixture(scope="session")
def database_url():
    with new_database(os.environ["SERVER"], Base.metadata.create_all) as url:
        with open(f"database-{os.getpid()}", "a") as file:
            print(url, file=file)
        yield url

@pytest.fixture
def app(database_url):
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    setup(app, database_url)
    return app

@pytest.fixture
async def api_client(api_client, database):
    "A client for a user that is in the database."
    database.add(Artist(name="user"))
    await database.commit()
    return api_client

@pytest.mark.parametrize("number", range(12))
async def test_one(api_client, database, number):
    await api_client.post("/artist/", json={"name": "Nina"}, expect=201)
    with assert_queries(1):
        assert len((await api_client.get("/artist/"))["items"]) == 2
    if number % 3 == 0:
        raise ZeroDivisionError
    if number % 3 == 1:
        await database.rollback()

async def test_more_statements(api_client):
    with assert_queries(2):
        await api_client.get("/artist/")
"""


@pytest.fixture
async def nothing_is_left(database_url: str) -> AsyncIterator[None]:
    """Assert that each test with an application leaves the database as it was, however it ends."""
    yield
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        assert list(await connection.execute(select(Artist))) == []
    await engine.dispose()


async def add(session: AsyncSession, *names: str) -> list[Artist]:
    artists = [Artist(name=name) for name in names]
    session.add_all(artists)
    await session.commit()
    return artists


async def names_in(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(Artist.name).order_by(Artist.name)))


async def test_each_sees_what_the_other_wrote(
    api_client: APIClient, database: AsyncSession
) -> None:
    (nina,) = await add(database, "Nina")
    found = {"id": nina.id, "name": "Nina", "plays": 0}
    assert await api_client.get(f"/artist/{nina.id}/") == found
    await api_client.post("/artist/", json={"name": "Bob"}, expect=201)
    assert await names_in(database) == ["Bob", "Nina"]
    await api_client.patch(f"/artist/{nina.id}/", json={"plays": 7})
    await database.refresh(nina)
    assert nina.plays == 7
    await api_client.delete(f"/artist/{nina.id}/")
    await database.commit()
    assert await names_in(database) == ["Bob"]


async def test_database_before_client(database: AsyncSession, api_client: APIClient) -> None:
    """The order of the fixtures is nobody's concern."""
    (nina,) = await add(database, "Nina")
    assert (await api_client.get(f"/artist/{nina.id}/"))["name"] == "Nina"


async def test_request_within_what_is_not_committed(
    api_client: APIClient, database: AsyncSession
) -> None:
    """What the test has flushed is seen, and its rollback takes with it what came after."""
    database.add(Artist(name="Nina"))
    await database.flush()
    await api_client.post("/artist/", json={"name": "Nina"}, expect=409)
    await api_client.post("/artist/", json={"name": "Bob"}, expect=201)
    assert await names_in(database) == ["Bob", "Nina"]
    await database.rollback()
    assert await names_in(database) == []


async def test_what_fails_is_undone_alone(api_client: APIClient, database: AsyncSession) -> None:
    """A statement by itself, an action that raises, one that fails at its commit."""
    await add(database, "Nina")
    await api_client.post("/artist/", json={"name": "Nina"}, expect=409)
    await api_client.post("/artist/regret/?name=Bob", expect=409)
    assert await names_in(database) == ["Nina"]
    await api_client.post("/artist/twice/", expect=409)
    assert await names_in(database) == ["Nina", "half"]
    await database.commit()
    database.add(Artist(name="Nina"))
    with pytest.raises(IntegrityError):
        await database.commit()
    await database.rollback()
    await api_client.post("/artist/", json={"name": "Bob"}, expect=201)
    assert await names_in(database) == ["Bob", "Nina", "half"]


async def test_requests_take_turns(api_client: APIClient, database: AsyncSession) -> None:
    (nina,) = await add(database, "Nina")
    await asyncio.gather(
        *(api_client.post(f"/artist/{nina.id}/play/", expect=204) for _ in range(20)),
        *(api_client.post("/artist/", json={"name": f"{each}"}) for each in range(10)),
        *(api_client.post("/artist/", json={"name": "Nina"}, expect=409) for _ in range(10)),
    )
    await database.refresh(nina)
    assert nina.plays == 20
    assert len(await names_in(database)) == 11


async def test_test_takes_turns_too(api_client: APIClient, database: AsyncSession) -> None:
    """A test may look at, and write to, the database while requests run."""
    (nina,) = await add(database, "Nina")

    async def play() -> None:
        for _ in range(15):
            await api_client.post(f"/artist/{nina.id}/play/", expect=204)
            await api_client.post("/artist/", json={"name": "Nina"}, expect=409)

    playing = asyncio.gather(*(play() for _ in range(3)))
    seen = []
    while not playing.done():
        seen.append(await database.scalar(select(Artist.plays).where(Artist.id == nina.id)))
        await add(database, f"{len(seen)}")
    await playing
    await database.refresh(nina)
    assert nina.plays == 45
    assert len(set(seen)) > 5
    assert len(await names_in(database)) == 1 + len(seen)


async def test_session_within_a_session(api_client: APIClient, database: AsyncSession) -> None:
    await api_client.post("/artist/aside/", expect=204)
    assert await names_in(database) == ["one", "two"]


async def test_one_waits_for_itself(
    api_client: APIClient, database: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_turns, "_PATIENCE", 0.1)
    with pytest.raises(AssertionError) as caught:
        await api_client.post("/artist/elsewhere/")
    assert "end a transaction before the next one begins" in str(caught.value.__cause__)
    assert await names_in(database) == []


async def test_engine_is_refused(api_client: APIClient, database: AsyncSession) -> None:
    with pytest.raises(AssertionError) as caught:
        await api_client.post("/artist/engine/")
    assert "Use `session` or `run`" in str(caught.value.__cause__)


async def test_deferred_constraint(
    app: web.Application, api_client: APIClient, database: AsyncSession
) -> None:
    """It is asked at each commit, of a session and of a statement by itself, and only there."""
    song = {"title": "Suzanne", "artist_id": 7}
    problem = await api_client.post("/song/", json=song, expect=409)
    assert problem["code"] == "reference"
    async with app[DATABASE].session.begin() as session:
        session.add(Song(title="Suzanne", artist_id=7))
        async with session.begin_nested():
            await session.flush()
        session.add(Artist(id=7, name="Nina"))
    database.add(Song(title="Four Women", artist_id=8))
    await database.flush()
    with pytest.raises(IntegrityError):
        await database.commit()
    await database.rollback()
    assert list(await database.scalars(select(Song.title))) == ["Suzanne"]


async def test_cancelled(api_client: APIClient, database: AsyncSession) -> None:
    """A statement that is cut takes the one connection with it: the test is told, and nothing is left."""
    await add(database, "Nina")
    await api_client.post("/artist/cut/", expect=503)
    with pytest.raises(PendingRollbackError):
        await names_in(database)
    await asyncio.sleep(0.2)  # what was cut tells the event loop: it must still be there


async def test_failure_in_the_middle(
    app: web.Application, api_client: APIClient, database_url: str
) -> None:

    async def fail() -> None:
        async with in_transaction(app) as database:
            await add(database, "Nina")
            await api_client.post("/artist/", json={"name": "Bob"}, expect=201)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert isinstance(app[DATABASE], Database)
    assert (await api_client.get("/artist/"))["items"] == []


async def test_database_of_a_sub_application(
    app: web.Application, api_client_factory: APIClientFactory
) -> None:
    outer = web.Application()
    outer.add_subapp("/api", app)
    client = await api_client_factory(outer)
    async with in_transaction(outer) as database:
        await add(database, "Nina")
        assert len((await client.get("/api/artist/"))["items"]) == 1


async def test_tables_made_at_the_start(
    api_client_factory: APIClientFactory, tmp_path: Path
) -> None:
    """A test leaves what the application had at its start."""
    app = web.Application()
    setup(app, f"sqlite+aiosqlite:///{tmp_path}/test.db")

    async def make(app: web.Application) -> None:
        async with app[DATABASE].engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
            await connection.execute(insert(Artist).values(name="Nina"))

    app.on_startup.append(make)
    await api_client_factory(app)
    for _ in range(2):
        async with in_transaction(app) as database:
            assert await names_in(database) == ["Nina"]
            await add(database, "Bob")


async def test_which_database(tmp_path: Path) -> None:
    """None, or several, are refused."""
    app = web.Application()
    with pytest.raises(LookupError, match="has no databases"):
        async with in_transaction(app):
            pass
    for prefix in ("/one", "/two"):
        inner = web.Application()
        setup(inner, f"sqlite+aiosqlite:///{tmp_path}/test.db")
        app.add_subapp(prefix, inner)
    with pytest.raises(LookupError, match="has 2 databases"):
        async with in_transaction(app):
            pass


async def test_queries(api_client: APIClient, database: AsyncSession) -> None:
    """Statements are counted, of the test and of requests; not what begins and ends."""
    with assert_queries(1):
        (nina,) = await add(database, "Nina")
    with assert_queries(1):
        await api_client.get(f"/artist/{nina.id}/")
    with assert_queries(1):
        await api_client.get("/artist/?count=true")
    with assert_queries(2):
        await api_client.post(f"/artist/{nina.id}/play/", expect=204)


async def test_queries_tells_each(api_client: APIClient, database: AsyncSession) -> None:
    with pytest.raises(AssertionError) as caught, assert_queries(1):
        await api_client.get("/artist/?count=true")
    first, *lines = str(caught.value).splitlines()
    assert first == "1 statement, not 2:"
    assert [line[:12] for line in lines] == ["  1. SELECT ", "  2. SELECT "]
    with pytest.raises(AssertionError, match=r"^2 statements, not 0$"), assert_queries(2):
        pass


async def test_queries_of_an_engine(database_url: str) -> None:
    """An engine's first connection is nobody's statement; another engine's are not counted."""
    one, other = (create_async_engine(database_url) for _ in range(2))
    with assert_queries(3), assert_queries(2, one), assert_queries(2, one.sync_engine):
        for engine in (one, one, other):
            async with engine.begin() as connection:
                await connection.execute(select(func.count()).select_from(Artist))
    with pytest.raises(ZeroDivisionError), assert_queries(7):
        raise ZeroDivisionError
    await one.dispose()
    await other.dispose()


def test_queries_without_asyncio(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/test.db")
    with assert_queries(2), engine.begin() as connection:
        connection.execute(text("create table t (i integer)"))
        connection.exec_driver_sql("  insert into t\n values (1)")
    refused = pytest.raises(AssertionError, match="SELECT i FROM t")
    with engine.connect() as connection, refused, assert_queries(0, engine):
        connection.execute(text("SELECT i\n FROM t"))
    engine.dispose()


async def test_new_database(server: str) -> None:
    """Each is empty, or has its tables, and is gone afterwards; an event loop may run."""
    with new_database(server) as empty, new_database(server, Base.metadata.create_all) as full:
        assert make_url(empty).database != make_url(full).database
        for url, expected in ((empty, []), (full, ["artist", "song"])):
            engine = create_async_engine(url)
            async with engine.connect() as connection:
                names = await connection.run_sync(lambda each: inspect(each).get_table_names())
            assert sorted(names) == expected
            await engine.dispose()
    engine = create_async_engine(full)
    with pytest.raises(DBAPIError):
        await engine.connect()
    await asyncio.sleep(
        0.2
    )  # what could not be opened tells the event loop: it must still be there


def test_new_database_of_another_kind() -> None:
    with (
        pytest.raises(ValueError, match="neither PostgreSQL nor SQLite"),
        new_database("mysql+aiomysql://localhost/test"),
    ):
        pass


def test_project(server: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers have a database each, and no test sees what another one left, failed ones too."""
    monkeypatch.setenv("SERVER", server)
    pytester.makepyfile(test_project=PROJECT)
    pytester.makeini(
        """
        [pytest]
        filterwarnings = error
        asyncio_mode = auto
        asyncio_default_fixture_loop_scope = function
        """
    )
    others_off = ("-p", "no:schemathesis", "-p", "no:hypothesispytest")
    result = pytester.runpytest_subprocess("-n", "2", *others_off)
    result.assert_outcomes(passed=8, failed=5)
    result.stdout.fnmatch_lines(["E *AssertionError: 2 statements, not 1:", "E *1. SELECT*"])
    written = [each.read_text() for each in pytester.path.glob("database-*")]
    assert len(written) == len(set(written)) == 2
    assert [len(each.splitlines()) for each in written] == [1, 1]


@pytest.mark.parametrize(
    ("use", "name"),
    [
        (lambda: assert_queries(0), "assert_queries"),
        (lambda: new_database("sqlite+aiosqlite://"), "new_database"),
    ],
)
def test_without_the_extra(use: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    expected = rf"Install webaio-testing\[sqlalchemy\] to use {name}"
    with pytest.raises(ImportError, match=expected), use():
        pass
