"""What the commands make with a database, from the wheels: tested, migrated, and served, on each."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration.databases import execute, url_beside
from integration.environment import Environment, run
from integration.project import gunicorn, outcome, require_valid_files
from integration.serving import free_port, request, serving
from webaio.testing import new_database

FIELDS = [
    *("name:str", "born:int?", "height:float", "is_alive:bool?", "day:date", "made:datetime"),
    *("bio:text?", "key:uuid?"),
]
SONG = """

class Song(Base):
    __tablename__ = "song"

    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artist.id", ondelete="CASCADE"), index=True)
"""
PATIENT = """\
import time
    others = "FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(600):
        if op.get_bind().scalar(sa.text(f"SELECT count(*) {others}")):
            break
        op.execute("SELECT pg_stat_clear_snapshot()")
        time.sleep(0.1)
"""
"""Waits, for a minute at most, until another transaction waits for this one."""

ARTIST = {
    "name": "Nina",
    "born": None,
    "height": 1.75,
    "is_alive": False,
    "day": "1933-02-21",
    "made": "2001-02-03T04:05:06Z",
    "bio": None,
    "key": None,
}
UNREACHABLE = {
    "sqlite": "sqlite+aiosqlite:////nowhere/app.db",
    "postgresql": "postgresql+asyncpg://nobody@127.0.0.1:1/nothing",
}


@dataclass(frozen=True, slots=True)
class Shop:
    """A project, its environment, and the database that its settings name."""

    path: Path
    environment: Environment
    url: str
    database: str

    @property
    def tables(self) -> Path:
        return self.path / "apps" / "api" / "tables.py"

    def alembic(self, *commands: str) -> str:
        """Run commands of Alembic, all in one process, and give what they print."""
        script = "import shlex, sys; from alembic.config import main; [main(shlex.split(each)) for each in sys.argv[1:]]"
        return run(self.environment.script("python"), "-c", script, *commands, cwd=self.path)

    def write_migration(self, name: str, code: str) -> Path:
        """Write a migration by hand, and give its file."""
        (path,) = re.findall(r"/\S+\.py", self.alembic(f"revision -m {name}"))
        file = Path(path)
        file.write_text(file.read_text().replace("pass", code, 1))
        return file

    def table_names(self) -> set[str]:
        listed = {
            "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
            "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
        }
        return {name for (name,) in execute(self.url, listed[self.database])}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shop(
    request: pytest.FixtureRequest,
    server_tools: Environment,
    tools_of: Callable[[Path], Environment],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shop]:
    """A new project with a resource, which has a migration."""
    database: str = request.param
    with new_database(url_beside(database)) as url:
        folder = tmp_path_factory.mktemp(database)
        create = server_tools.script("webaio-create-project")
        options = ["--project-slug=shop", f"--database={database}"]
        options += ["--kubernetes"] if database == "postgresql" else []
        run(create, "--no-input", *options, cwd=folder)
        shop = Shop(folder / "shop", tools_of(folder / "shop"), url, database)
        (shop.path / "local.env").write_text(f"DATABASE_URL={url}\n")
        create = server_tools.script("webaio-create-app")
        options = ["--app-name=api", "--resource=artist", "--fields", *FIELDS]
        told = run(create, "--no-input", *options, cwd=shop.path)
        steps = [line.strip() for line in told.splitlines()]
        (imported,), (added,) = (
            [step for step in steps if step.startswith(start)] for start in ("from ", "routes")
        )
        routes = shop.path / "routes.py"
        typed = routes.read_text().replace("\n\n", f"\n\n{imported}\n\n", 1)
        routes.write_text(f"{typed}{added}\n")
        shop.alembic(*(step[8:] for step in steps if step.startswith("alembic ")))
        yield shop


def test_its_own_tests(shop: Shop) -> None:
    """It is clean, its tests pass, and touch nothing of the database that its settings name."""
    execute(shop.url, insert_artist(7))
    run(shop.environment.script("ruff"), "check", ".", cwd=shop.path)
    run(shop.environment.script("ruff"), "format", "--check", ".", cwd=shop.path)
    if shop.database == "sqlite":  # the types are the same on both
        run(shop.environment.script("mypy"), "--strict", ".", cwd=shop.path)
    assert outcome(shop.environment, shop.path, "-W", "error") == "7 passed"
    assert execute(shop.url, "SELECT id FROM artist") == [(7,)]
    execute(shop.url, "DELETE FROM artist")


def test_linters(shop: Shop) -> None:
    """The files of containers and of the CI are as their schemas say."""
    require_valid_files(shop.path)


def test_missing_migration(shop: Shop) -> None:
    """Its tests fail where the tables say something that no migration makes."""
    before = shop.tables.read_text()
    shop.tables.write_text(f"{before}    more: Mapped[int | None]\n")
    try:
        with pytest.raises(AssertionError, match="New upgrade operations detected"):
            outcome(shop.environment, shop.path, "tests/test_migrations.py")
    finally:
        shop.tables.write_text(before)


def test_migrations(shop: Shop) -> None:
    """They make what the tables say, keep the rows that refer to a changed table, and have a way back."""
    before = shop.tables.read_text()
    with_key = before.replace("import String", "import ForeignKey, String") + SONG
    shop.tables.write_text(with_key)
    shop.alembic("revision --autogenerate -m songs", "upgrade head")
    execute(shop.url, insert_artist(1))
    execute(shop.url, "INSERT INTO song (id, artist_id) VALUES (2, 1)")
    shop.tables.write_text(with_key.replace("String(100)", "String(120)"))
    shop.alembic("revision --autogenerate -m longer", "upgrade head", "check")
    assert execute(shop.url, "SELECT id, artist_id FROM song") == [(2, 1)]
    if shop.database == "sqlite":
        require_no_orphans(shop)
    shop.alembic("downgrade base")
    assert shop.table_names() == {"alembic_version"}
    shop.alembic("upgrade head")


def insert_artist(id: int) -> str:
    columns = "id, name, height, day, made"
    values = f"{id}, 'Nina', 1.75, '1933-02-21', '2001-02-03 04:05:06'"
    return f"INSERT INTO artist ({columns}) VALUES ({values})"


def require_no_orphans(shop: Shop) -> None:
    """A migration after which a row refers to nothing fails, and changes nothing."""
    file = shop.write_migration("orphans", "op.execute('DELETE FROM artist')")
    with pytest.raises(AssertionError, match="rows refer to what there is not"):
        shop.alembic("upgrade head")
    assert execute(shop.url, "SELECT id FROM artist") == [(1,)]
    file.unlink()


@pytest.mark.parametrize("shop", ["postgresql"], indirect=True)
def test_two_at_once(shop: Shop) -> None:
    """Migrations that run in two pods wait for each other: the second finds nothing to do."""
    file = shop.write_migration("patient", PATIENT)
    with new_database(url_beside(shop.database)) as url:
        command = ["env", f"DATABASE_URL={url}", shop.environment.script("alembic")]
        started = [
            subprocess.Popen(
                [*command, "upgrade", "head"],
                cwd=shop.path,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(2)
        ]
        logs = [process.communicate()[0] for process in started]
    file.unlink()
    assert [process.returncode for process in started] == [0, 0], "\n".join(logs)
    assert sum("Running upgrade" in log for log in logs) == 1


def test_served(shop: Shop, tmp_path: Path) -> None:
    """What is written is there after a restart, and the service never imports Alembic."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = gunicorn(shop.environment, port)
    with serving(command, shop.path, url, tmp_path / "log"):
        assert request("GET", f"{url}/readyz") == (200, b'{"status": "ready"}')
        body = json.dumps(ARTIST).encode()
        status, answer = request(
            "POST", f"{url}/artist/", body, {"Content-Type": "application/json"}
        )
        artist = json.loads(answer)
        assert (status, artist) == (201, {"id": artist["id"], **ARTIST})
    with serving(command, shop.path, url, tmp_path / "log"):
        assert json.loads(request("GET", f"{url}/artist/{artist['id']}/")[1]) == artist
    execute(shop.url, "DELETE FROM artist")
    script = "import asyncio, sys, runner; asyncio.run(runner.get_runner()); print(*sys.modules)"
    modules = run(shop.environment.script("python"), "-c", script, cwd=shop.path).split()
    assert "webaio.sqlalchemy" in modules
    assert "alembic" not in modules


def test_database_that_does_not_answer(shop: Shop, tmp_path: Path) -> None:
    """Without its database the process lives, and takes no requests; the log says why."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = f"DATABASE_URL={UNREACHABLE[shop.database]}"
    command = ["env", settings, *gunicorn(shop.environment, port)]
    with serving(command, shop.path, f"{url}/livez", tmp_path / "log"):
        assert request("GET", f"{url}/livez")[0] == 200
        assert request("GET", f"{url}/readyz") == (503, b'{"status": "no database"}')
    records = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    (told,) = (each for each in records if each["message"] == "The database does not answer.")
    assert "ServiceUnavailable" in told["exc_info"]
