"""The tutorial's containers, on a real Docker engine.

Where there is none these tests are skipped; `REQUIRE_ENGINE=1` makes that a failure.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration import tutorial
from integration.environment import run
from integration.serving import is_free, request

URL = "http://127.0.0.1:8080"
SERVICE = "quickstart"
NAME = "webaio-integration"
"""What everything made here is called, so that nobody's own `quickstart` is touched."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Iterator[Path]:
    """The tutorial's project with its image built, from our wheels; gone at the end."""
    require_engine()
    path = tutorial.make_project(tmp_path_factory.mktemp("containers"))
    (path / "wheels").mkdir()
    for wheel in wheels:
        shutil.copy(wheel, path / "wheels")
    compose(path, "build")
    yield path
    compose(path, "down", "--rmi", "local", "--volumes")


def compose(project: Path, *arguments: str) -> str:
    return run("docker", "compose", "--project-name", NAME, *arguments, cwd=project)


def require_engine() -> None:
    if shutil.which("docker"):
        found = subprocess.run(["docker", "compose", "ls"], capture_output=True, check=False)
        if found.returncode == 0:
            return
    missing = "no Docker engine with Compose answers here"
    if os.environ.get("REQUIRE_ENGINE") == "1":
        pytest.fail(missing)
    pytest.skip(missing)


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


def test_up(project: Path) -> None:
    """`docker-compose up` serves the project on the tutorial's port, and reloads what is changed."""
    assert is_free(8080), "port 8080 is in use: stop what listens there"
    compose(project, "up", "--detach")
    try:
        wait_for(b"Welcome to your first webaio project")
        assert request("GET", f"{URL}/swagger")[0] == 200
        log = compose(project, "logs")
        assert "Starting dev server at http://localhost:8080" in log
        views = project / "apps" / "api" / "views.py"
        views.write_text(views.read_text().replace("first webaio project", "next project"))
        wait_for(b"Welcome to your next project")
    finally:
        compose(project, "down")


def test_pytest(project: Path) -> None:
    """The tests of the tutorial pass inside the container."""
    assert "9 passed" in compose(project, "run", "--rm", "--service-ports", SERVICE, "pytest")


def test_document(project: Path) -> None:
    """The command writes the document inside the container."""
    command = ("run", "--rm", "--no-TTY", SERVICE, "webaio-openapi", "main:get_web_app")
    output = compose(project, *command)
    document = json.loads(output[output.index("{\n") :])
    assert document["paths"]["/artist/"]["post"]["operationId"] == "artist_create"


def test_image(project: Path) -> None:
    """The image alone serves the project, with gunicorn."""
    command = ("docker", "run", "--detach", "--rm", "--publish", "127.0.0.1:8080:8080")
    container = run(*command, f"{NAME}-{SERVICE}").strip()
    try:
        wait_for(b"Welcome to your first webaio project")
    finally:
        run("docker", "stop", container)
