"""The containers of a project with a database, on a real Docker engine.

PostgreSQL is that of development, SQLite that of production.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration.engine import OWNER, compose, prepare, require_engine
from integration.environment import run
from integration.serving import free_port, request
from webaio.scaffold import create_app, create_project

ARTIST = b'{"name": "Nina", "born": 1933}'
HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Shop:
    """A project, its name, and the Compose file that runs it."""

    path: Path
    name: str
    file: str
    port: int

    def compose(self, *arguments: str) -> str:
        return compose(self.path, "--file", self.file, *arguments)

    def migrated(self) -> int:
        """Give how many migrations ran since the containers were made."""
        return self.compose("logs", "--no-color", "migrations").count("Running upgrade")

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        return request(method, f"http://127.0.0.1:{self.port}{path}", body, HEADERS)


@pytest.fixture
def shop(request: pytest.FixtureRequest, tmp_path: Path, wheels: list[Path]) -> Iterator[Shop]:
    """A project with a resource, without a migration; its containers and images are gone at the end."""
    require_engine()
    database, file, image = request.param
    worker = os.environ.get("PYTEST_XDIST_WORKER", "integration")
    name, port = f"webaio-{database}-{worker}", free_port()
    answers = {"project_slug": name, "port": str(port)}
    path = create_project(answers, tmp_path, database=database)
    fields = ["name:str", "born:int?"]
    create_app({"app_name": "api"}, path, resource="artist", fields=fields)
    (path / "routes.py").write_text("from apps.api.routes import routespatters as routespatters\n")
    prepare(path, wheels)
    shop = Shop(path, name, file, port)
    yield shop
    shop.compose("down", "--volumes")
    run("docker", "rmi", f"{name}:{image}")


POSTGRESQL = ("postgresql", "docker-compose.yml", "development")
SQLITE = ("sqlite", "compose.production.yml", "latest")


def require_lasting(shop: Shop) -> None:
    """What is written outlives the containers, and the migration runs once."""
    shop.compose("up", "--detach", "--wait")
    assert shop.migrated() == 1
    assert shop.request("GET", "/readyz") == (200, b'{"status": "ready"}')
    status, body = shop.request("POST", "/artist/", ARTIST)
    assert (status, json.loads(body)) == (201, {"id": 1, **json.loads(ARTIST)})
    shop.compose("down")
    shop.compose("up", "--detach", "--wait")
    assert shop.migrated() == 0
    assert shop.request("GET", "/artist/1/") == (200, body)


@pytest.mark.parametrize("shop", [POSTGRESQL], indirect=True, ids=["postgresql"])
def test_development(shop: Shop) -> None:
    """The README's commands write a migration, run it and the tests; the files belong to the owner."""
    shop.compose("build")
    in_container = ("run", "--rm", shop.name)
    shop.compose(*in_container, "alembic", "revision", "--autogenerate", "-m", "Artists")
    require_lasting(shop)
    assert "7 passed" in shop.compose(*in_container, "pytest")
    (migration,) = shop.path.glob("migrations/versions/*_artists.py")
    assert migration.stat().st_uid == OWNER


@pytest.mark.parametrize("shop", [SQLITE], indirect=True, ids=["sqlite"])
def test_production(shop: Shop) -> None:
    """The file is in a volume; migrations that run first, and fail, stop nothing."""
    revise = (sys.executable, "-m", "alembic", "revision", "--autogenerate", "-m", "Artists")
    run(*revise, cwd=shop.path)
    shop.compose("build")
    require_lasting(shop)
    run(sys.executable, "-m", "alembic", "upgrade", "head", cwd=shop.path)
    told = run(sys.executable, "-m", "alembic", "revision", "-m", "Failing", cwd=shop.path)
    file = Path(told.partition("Generating ")[2].partition(" ...")[0])
    file.write_text(file.read_text().replace("pass", "raise OSError", 1))
    new = f"{file}:/project/migrations/versions/{file.name}:ro"
    with pytest.raises(AssertionError, match=r"in upgrade\n.* raise OSError"):
        shop.compose("run", "--rm", "--volume", new, "migrations")
    assert shop.request("GET", "/artist/1/")[0] == 200
