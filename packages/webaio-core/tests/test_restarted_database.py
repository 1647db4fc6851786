"""A PostgreSQL that is restarted under load: nothing that was promised is lost, and nobody hangs."""

import asyncio
import itertools
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientTimeout, web
from aiohttp.test_utils import TestClient
from msgspec import Struct
from pytest_aiohttp import AiohttpClient
from sqlalchemy import String, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from webaio.decorators import action
from webaio.middlewares import api_exception_handler
from webaio.routers import SimpleRouter
from webaio.sqlalchemy import DATABASE, ModelViewSet, setup

POSTGRESQL: Final = Path(__file__).parents[3] / ".ci" / "postgresql"
CLIENTS: Final = 20
POOL_TIMEOUT: Final = 2

Client = TestClient[web.Request, web.Application]


class Base(DeclarativeBase):
    pass


class Artist(Base):
    __tablename__ = "artist"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)


class ArtistIn(Struct):
    name: str


class ArtistOut(Struct):
    id: int
    name: str


class ArtistViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    ordering = ["name"]

    @action(detail=False, method="post", url_path="by-session", status=201)
    async def by_session(self, body: ArtistIn) -> ArtistOut:
        """Write in a transaction, and not by one statement."""
        made = Artist(name=body.name)
        self.session.add(made)
        await self.session.flush()
        return ArtistOut(made.id, made.name)


@pytest.fixture
def server() -> Iterator[tuple[str, Path]]:
    """Start a PostgreSQL; give its URL and its folder."""
    if not shutil.which("initdb") and not [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]:
        if os.environ.get("REQUIRE_DATABASE"):
            pytest.fail("PostgreSQL is not installed, and REQUIRE_DATABASE asks for one")
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp())  # pytest's own may not be read by PostgreSQL's user
    url = subprocess.check_output(
        [POSTGRESQL, "start", folder], text=True, stderr=subprocess.DEVNULL
    )
    yield url.strip(), folder
    subprocess.run([POSTGRESQL, "stop", folder], check=True)


async def serve(aiohttp_client: AiohttpClient, url: str) -> Client:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    setup(app, url.replace("://", "+asyncpg://"), pool_timeout=POOL_TIMEOUT)
    client = await aiohttp_client(app, timeout=ClientTimeout(total=POOL_TIMEOUT + 8))
    async with app[DATABASE].engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    return client


class Load:
    """Clients that write, read what they wrote, and list, until they are told to stop."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.statuses: Counter[int] = Counter()
        self.written: dict[str, int] = {}
        self.is_over = False

    async def successes(self, count: int) -> None:
        """Wait for so many more."""
        wanted = self.statuses[200] + count
        async with asyncio.timeout(30):
            while self.statuses[200] < wanted:  # noqa: ASYNC110  # it is told of nobody
                await asyncio.sleep(0.01)

    async def run(self, number: int) -> None:
        for turn in itertools.count():
            if self.is_over:
                return
            name = f"{number}-{turn}"
            path = "/artist/by-session/" if turn % 2 else "/artist/"
            made = await self._ask("POST", path, 201, json={"name": name})
            if made is None:
                await asyncio.sleep(0.02)
                continue
            assert made["name"] == name
            self.written[name] = made["id"]
            found = await self._ask("GET", f"/artist/{made['id']}/", 200)
            assert found is None or found == made
            page = await self._ask("GET", "/artist/?limit=5", 200)
            assert page is None or len(page["items"]) >= 1

    async def _ask(self, method: str, path: str, status: int, **options: Any) -> Any:
        """Give the answer; None for a 503, which says when to come back."""
        async with self.client.request(method, path, **options) as response:
            self.statuses[response.status] += 1
            if response.status == 503:
                assert int(response.headers["Retry-After"]) >= 1
                return None
            assert response.status == status, await response.text()
            return await response.json()


async def test_restart_under_load(server: tuple[str, Path], aiohttp_client: AiohttpClient) -> None:
    """Each answer is right or a 503, what was answered with 201 is there, and no connection is lost."""
    url, folder = server
    client = await serve(aiohttp_client, url)
    load = Load(client)
    async with asyncio.TaskGroup() as group:
        for number in range(CLIENTS):
            group.create_task(load.run(number))
        for mode in ("fast", "immediate"):
            await load.successes(200)
            refused = load.statuses[503]
            restart = await asyncio.create_subprocess_exec(
                *(POSTGRESQL, "restart", folder, mode), stderr=subprocess.DEVNULL
            )
            assert await restart.wait() == 0
            await load.successes(200)
            assert load.statuses[503] > refused
        load.is_over = True
    assert {*load.statuses} == {200, 201, 503}
    for _ in range(CLIENTS):
        async with client.get("/artist/?limit=1") as response:
            assert response.status == 200
    database = client.app[DATABASE]
    pools: list[Any] = [each.pool for each in database.engines]
    assert [each.checkedout() for each in pools] == [0, 0]
    async with database.engine.connect() as connection:
        rows = await connection.execute(select(Artist.name, Artist.id))
        kept = {row.name: row.id for row in rows}
        assert load.written.items() <= kept.items()
        others = "SELECT count(*) FROM pg_stat_activity WHERE client_port > 0"
        assert await connection.scalar(text(others)) <= sum(each.size() for each in pools)
