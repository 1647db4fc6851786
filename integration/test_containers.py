"""The containers of the tutorial's project, on a real Docker engine.

Where there is none these tests are skipped; `REQUIRE_ENGINE=1` makes that a failure.
"""

import asyncio
import contextlib
import json
import os
import tarfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from integration import tutorial
from integration.engine import OWNER, compose, inspect, prepare, require_engine
from integration.environment import run
from integration.serving import free_port, request

PORT = free_port()
URL = f"http://127.0.0.1:{PORT}"
NAME = f"webaio-{os.environ.get('PYTEST_XDIST_WORKER', 'integration')}"
"""What everything made here is called, so that nobody's own `quickstart` is touched."""

PRODUCTION = ("--file", "compose.production.yml")
SLOW = """
import asyncio

from aiohttp import web


async def slow(request: web.Request) -> web.Response:
    await asyncio.sleep(3)
    return web.json_response("slow")


async def write(request: web.Request) -> web.Response:
    with open("written", "w") as file:
        file.write("by the application")
    return web.json_response("written")


routespatters += [web.get("/slow", slow), web.get("/write", write)]
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Iterator[Path]:
    """The tutorial's project with its image for development, from our wheels; gone at the end."""
    require_engine()
    folder = tmp_path_factory.mktemp("containers")
    path = tutorial.make_project(folder, project_slug=NAME, port=str(PORT))
    with (path / "routes.py").open("a") as routes:
        routes.write(SLOW)
    prepare(path, wheels)
    compose(path, "build")
    yield path
    compose(path, "down", "--rmi", "all", "--volumes")


@pytest.fixture(scope="module")
def image(project: Path) -> Iterator[str]:
    """The image for production."""
    compose(project, *PRODUCTION, "build")
    yield NAME
    compose(project, *PRODUCTION, "down", "--rmi", "all", "--volumes")


@pytest.fixture
def production(project: Path, image: str) -> Iterator[str]:
    """The container of production, healthy; its name."""
    compose(project, *PRODUCTION, "up", "--detach", "--wait")
    yield compose(project, *PRODUCTION, "ps", "--quiet").strip()
    compose(project, *PRODUCTION, "down")


def wait_for(text: bytes) -> None:
    """Wait until the index says `text`."""
    end = time.monotonic() + 60
    answer: object = None
    while time.monotonic() < end:
        try:
            answer = request("GET", URL)
            if text in answer[1]:
                return
        except OSError as error:
            answer = error
        time.sleep(0.2)
    pytest.fail(f"{text!r} did not come: {answer!r}")


def in_container(container: str, script: str) -> str:
    return run("docker", "exec", container, "sh", "-c", script).strip()


def test_up(project: Path) -> None:
    """`docker compose up` serves the project on its port, and reloads what is changed."""
    compose(project, "up", "--detach", "--wait")
    try:
        wait_for(b"Welcome to your first webaio project")
        assert request("GET", f"{URL}/swagger")[0] == 200
        assert inspect(NAME, ".State.Health.Status") == "healthy"
        assert "127.0.0.1" in inspect(NAME, "json .HostConfig.PortBindings")
        log = compose(project, "logs", "--no-color")
        for line in (
            f"aux server at http://localhost:{PORT + 1} ◆",
            f"dev server at http://localhost:{PORT} ●",
        ):
            assert log.count(f"Starting {line}") == 1
        views = project / "apps" / "api" / "views.py"
        views.write_text(views.read_text().replace("first webaio project", "next project"))
        wait_for(b"Welcome to your next project")
        views.write_text(views.read_text().replace("next project", "first webaio project"))
    finally:
        compose(project, "down")


def test_pytest(project: Path) -> None:
    """The tests of the tutorial pass inside the container, which leaves nothing in the project."""
    before = sorted(project.rglob("*"))
    assert "11 passed" in compose(project, "run", "--rm", "--service-ports", NAME, "pytest")
    assert sorted(project.rglob("*")) == before


def test_owner(project: Path) -> None:
    """What is written in the container, by the application or by tools, belongs to who has the project."""
    before = {*project.rglob("*")}
    compose(project, "up", "--detach", "--wait")
    try:
        wait_for(b"Welcome to your first webaio project")
        assert request("GET", f"{URL}/write") == (200, b'"written"')
    finally:
        compose(project, "down")
    tools = (
        "ruff check --exit-zero . && (mypy . || true) && python -m compileall -q apps && mkdir made"
    )
    compose(project, "run", "--rm", NAME, "sh", "-c", f"{tools} && pytest -o cache_dir=.cache")
    made = {*project.rglob("*")} - before
    names = {path.name for path in made}
    assert {"written", ".ruff_cache", ".mypy_cache", "__pycache__", "made", ".cache"} <= names
    assert {path.stat().st_uid for path in made} == {OWNER}
    for path in sorted(made, reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def test_document(project: Path) -> None:
    """The command writes the document inside the container."""
    command = ("run", "--rm", "--no-TTY", NAME, "webaio-openapi", "main:get_web_app")
    output = compose(project, *command)
    document = json.loads(output[output.index("{\n") :])
    assert document["paths"]["/artist/"]["post"]["operationId"] == "artist_create"


def test_production(production: str) -> None:
    """The image serves with several workers, as nobody, without rights, and writes nothing."""
    wait_for(b"Welcome to your first webaio project")
    assert request("GET", f"{URL}/readyz") == (200, b'{"status": "ready"}')
    assert request("GET", f"{URL}/swagger")[0] == 404
    assert inspect(production, ".State.Health.Status") == "healthy"
    assert in_container(production, "id -u") == "10001"
    assert in_container(production, "grep CapEff /proc/1/status").endswith("0000000000000000")
    assert "Read-only" in in_container(production, "touch /project/x && echo written || true")
    assert in_container(production, "command -v gcc make /venv/bin/pip || echo none") == "none"
    assert (
        in_container(production, "ls -a /project | grep -E 'env|test|md$' || echo none") == "none"
    )
    log = run("docker", "logs", production).splitlines()
    records = [json.loads(line) for line in log]
    assert sum(record["message"].startswith("Booting worker") for record in records) == 2
    (index,) = (each for each in records if each.get("first_request_line") == "GET / HTTP/1.1")
    assert len(index["request_id"]) == 32


def test_layers(image: str, tmp_path: Path) -> None:
    """No layer that is shipped has the wheels, nor what only development needs."""
    run("docker", "save", "--output", str(tmp_path / "image.tar"), f"{image}:latest")
    files: set[str] = set()
    with tarfile.open(tmp_path / "image.tar") as saved:
        for member in filter(tarfile.TarInfo.isfile, saved):
            with (
                contextlib.suppress(tarfile.ReadError),
                tarfile.open(fileobj=saved.extractfile(member)) as layer,
            ):
                files.update(layer.getnames())
    assert "project/main.py" in files
    left = (
        "project/wheels",
        "wheels",
        "project/Dockerfile",
        "project/tests",
        "project/conftest.py",
    )
    assert [name for name in files if name.startswith(left)] == []


async def test_stop_under_load(project: Path, production: str) -> None:
    """SIGTERM loses no request: not one that has begun, nor one of who has not looked at `/readyz`."""
    answers: Counter[int] = Counter()
    turned_off = asyncio.Event()

    async def ask(session: ClientSession, path: str) -> int:
        async with session.get(path) as response:
            await response.read()
            answers[response.status] += 1
            return response.status

    async def load(session: ClientSession) -> None:
        while not turned_off.is_set():
            await ask(session, "/artist/")

    async def probe(session: ClientSession) -> None:
        while not turned_off.is_set():
            await asyncio.sleep(0.5)
            async with session.get("/readyz") as response:
                if response.status == 503:
                    turned_off.set()

    async with ClientSession(URL) as session, asyncio.TaskGroup() as tasks:
        slow = tasks.create_task(ask(session, "/slow"))
        for _ in range(20):
            tasks.create_task(load(session))
        await asyncio.sleep(1)
        assert not slow.done()
        before = answers.total()
        tasks.create_task(asyncio.to_thread(compose, project, *PRODUCTION, "stop"))
        tasks.create_task(probe(session))
    assert list(answers) == [200]
    assert answers.total() > before + 100
    assert inspect(production, ".State.ExitCode") == "0"


def test_build_arguments(
    project: Path, image: str, record_property: Callable[[str, object], None]
) -> None:
    """The base image and the port are arguments; size and time are shown at the end of the run."""
    base, other = f"{NAME}-base", f"{NAME}-other"
    run("docker", "tag", "python:3.13-slim", base)
    options = ("--build-arg", f"BASE_IMAGE={base}", "--build-arg", "PORT=8099")
    begun = time.monotonic()
    run("docker", "build", "--no-cache", "--tag", other, *options, str(project))
    took = time.monotonic() - begun
    try:
        assert "PORT=8099" in inspect(other, "json .Config.Env")
        size = (int(inspect(image, ".Size")) - int(inspect(base, ".Size"))) / 1e6
        record_property("image", f"{size:.0f} MB over its base, built in {took:.0f} s")
        container = run("docker", "run", "--detach", other).strip()
        try:
            ask = "python -c \"import urllib.request as r; print(r.urlopen('http://127.0.0.1:8099/livez').status)\""
            assert in_container(container, f"sleep 3; {ask}") == "200"
        finally:
            run("docker", "rm", "--force", container)
    finally:
        run("docker", "rmi", other, base)
