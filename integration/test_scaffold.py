"""What the commands make, from the wheels: clean, tested, and served as it is in production."""

import asyncio
import json
import signal
import sys
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.engine import compose, require_engine
from integration.environment import Environment, make_environment, run
from integration.serving import request, serving
from integration.test_tutorial import free_port, outcome

ROUTES = """
import asyncio
import logging
from collections.abc import AsyncIterator

from aiohttp import web

LOG = logging.getLogger("project")


async def slow(request: web.Request) -> web.Response:
    await asyncio.sleep(3)
    LOG.info("slow is finished")
    return web.json_response("slow")


async def socket(request: web.Request) -> web.WebSocketResponse:
    response = web.WebSocketResponse()
    await response.prepare(request)
    async for message in response:
        await response.send_str(message.data)
    return response


async def context(app: web.Application) -> AsyncIterator[None]:
    yield
    LOG.info("cleaned up")


async def shut_down(app: web.Application) -> None:
    LOG.info("shut down")


routespatters += [web.get("/slow", slow), web.get("/socket", socket)]
"""
MAIN = """\
    app.cleanup_ctx.append(context)
    app.on_shutdown.append(shut_down)
"""


@pytest.fixture
def project(server_tools: Environment, tmp_path: Path) -> Path:
    """A new project with a plain app and one with a resource, both routed."""
    create = server_tools.script("webaio-create-project")
    run(create, "--no-input", "--kubernetes", "--project-slug=shop", cwd=tmp_path)
    path = tmp_path / "shop"
    create = server_tools.script("webaio-create-app")
    for options in (("--app-name=pages",), ("--app-name=api", "--resource=artist")):
        told = run(create, "--no-input", *options, cwd=path)
        lines = told.partition("Next, in routes.py:\n")[2].partition("\n\nIts")[0]
        imported, _, added = lines.replace("  ", "").partition("\n\n")
        routes = path / "routes.py"
        routes.write_text(f"{imported}\n{routes.read_text()}{added}\n")
    return path


def test_clean(server_tools: Environment, project: Path) -> None:
    """ruff finds nothing in it, nor does mypy at its strictest, and its tests pass."""
    run(server_tools.script("ruff"), "check", "--fix-only", "--select=I", "routes.py", cwd=project)
    run(server_tools.script("ruff"), "format", "routes.py", cwd=project)
    run(server_tools.script("ruff"), "check", ".", cwd=project)
    run(server_tools.script("ruff"), "format", "--check", ".", cwd=project)
    run(server_tools.script("mypy"), "--strict", ".", cwd=project)
    assert outcome(server_tools, project) == "8 passed"


def test_linters(project: Path) -> None:
    """hadolint, kubernetes-validate and the schemas of Compose and GitHub find nothing."""

    def check(tool: str, *arguments: str) -> None:
        run(str(Path(sys.executable).with_name(tool)), *arguments, cwd=project)

    check("hadolint", "Dockerfile")
    check("kubernetes-validate", "--strict", "kubernetes.yml")
    files = ("docker-compose.yml", "compose.production.yml")
    check("check-jsonschema", "--builtin-schema", "vendor.compose-spec", *files)
    workflow = ".github/workflows/ci.yml"
    check("check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow)


def test_compose_files(project: Path) -> None:
    """`docker compose config` takes both files as they are."""
    require_engine()
    for file in ("docker-compose.yml", "compose.production.yml"):
        assert compose(project, "--file", file, "config", "--quiet") == ""


def test_resource(server_tools: Environment, project: Path) -> None:
    """The app with a resource serves it in the project, and its document tells of it."""
    port = free_port()
    command = ["env", "DRAIN_SECONDS=0", f"PORT={port}", server_tools.script("gunicorn")]
    url = f"http://127.0.0.1:{port}"
    with serving(command, project, url, project.parent / "log"):
        headers = {"Content-Type": "application/json"}
        status, body = request("POST", f"{url}/artist/", b'{"name": "Gustavo"}', headers)
        assert status == 201
        artist = json.loads(body)
        assert json.loads(request("GET", f"{url}/artist/{artist['id']}/")[1]) == artist
        assert request("GET", f"{url}/artist/7/")[0] == 404
        assert request("GET", f"{url}/artist/?limit=0")[0] == 422
        document = json.loads(request("GET", f"{url}/openapi.json")[1])
        assert document["info"]["title"] == "Webaio Project"
        assert "/artist/{id}/" in document["paths"]


@pytest.fixture
def watched(project: Path) -> Path:
    """The project, with slow routes and a word in the log for each step of its stop."""
    with (project / "routes.py").open("a") as routes:
        routes.write(ROUTES)
    main = project / "main.py"
    begin = "    health.setup(app)\n"
    text = main.read_text().replace(begin, begin + MAIN)
    main.write_text(
        text.replace("import routespatters", "import context, routespatters, shut_down")
    )
    return project


def told_in(log: Path) -> list[str]:
    """Give the words of the project's own logger; every line is JSON, with the request's id."""
    records = [json.loads(line) for line in log.read_text().splitlines()]
    members = {"timestamp", "level", "logger", "message", "request_id"}
    assert all(members <= record.keys() for record in records)
    return [record["message"] for record in records if record["logger"] == "project"]


def test_stops_in_order(server_tools: Environment, watched: Path) -> None:
    """On SIGTERM `/readyz` turns off, what comes is answered, what runs ends, then all is cleaned."""
    port, log = free_port(), watched.parent / "log"
    command = ["env", "DRAIN_SECONDS=2", f"PORT={port}", server_tools.script("gunicorn")]
    url = f"http://127.0.0.1:{port}"
    answered: list[tuple[int, bytes]] = []
    with serving(command, watched, url, log) as server:
        assert request("GET", f"{url}/readyz")[0] == 200
        server.send_signal(signal.SIGTERM)
        time.sleep(1.2)  # gunicorn's worker looks once a second
        client = threading.Thread(target=lambda: answered.append(request("GET", f"{url}/slow")))
        client.start()
        assert request("GET", f"{url}/readyz")[0] == 503
        assert request("GET", f"{url}/livez")[0] == 200
        assert connection_of(port) == "close"
        assert server.wait(20) == 0
        client.join()
    assert answered == [(200, b'"slow"')]
    assert told_in(log) == ["shut down", "slow is finished", "cleaned up"]


async def test_stops_with_open_websockets(server_tools: Environment, watched: Path) -> None:
    """A WebSocket opens until the end, one that stays open is cut, and the cleanup still runs."""
    port, log = free_port(), watched.parent / "log"
    command = ["env", "DRAIN_SECONDS=9", f"PORT={port}", server_tools.script("gunicorn")]
    url = f"http://127.0.0.1:{port}"
    with serving(command, watched, url, log) as server:
        async with ClientSession() as session, session.ws_connect(f"{url}/socket") as first:
            server.send_signal(signal.SIGTERM)
            await asyncio.sleep(1.2)
            async with session.ws_connect(f"{url}/socket") as second:
                await second.send_str("still here")
                assert await second.receive_str() == "still here"
            assert (await first.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
        assert await asyncio.to_thread(server.wait, 60) == 0
    assert told_in(log) == ["shut down", "cleaned up"]


def connection_of(port: int) -> str | None:
    """Ask on a connection that is to be kept, and give what the server says to that."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/livez")
    with connection.getresponse() as response:
        return response.getheader("Connection")


@pytest.mark.parametrize(
    "server",
    ["gunicorn", "adev runserver main.py --no-livereload", "webaio-openapi main:get_web_app"],
)
def test_missing_settings(server_tools: Environment, project: Path, server: str) -> None:
    """A start without required settings, or with wrong ones, fails and names them all at once."""
    path = project / "settings.py"
    required = 'DATABASE = env.url("DATABASE_URL")\nLIMIT = env.int("LIMIT")\n\nenv.seal()'
    path.write_text(path.read_text().replace("env.seal()", required))
    name, *arguments = server.split()
    with pytest.raises(AssertionError) as caught:
        run("env", "LOG_LEVEL=loud", server_tools.script(name), *arguments, cwd=project)
    for missing in ("'DATABASE_URL'", "'LIMIT'", "'LOG_LEVEL'"):
        assert missing in str(caught.value).splitlines()[-1]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=5
)
@given(
    slug=st.from_regex(r"[a-z]{3}(-[a-z0-9]{3}){1,3}", fullmatch=True),
    texts=st.lists(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).filter(
            lambda text: text.isprintable() and text.strip()
        ),
        min_size=2,
        max_size=2,
    ),
    resource=st.from_regex(r"[b-m][a-z]{3,9}(_[a-z]{3})?", fullmatch=True),
)
def test_any_answers(
    server_tools: Environment,
    tmp_path_factory: pytest.TempPathFactory,
    slug: str,
    texts: list[str],
    resource: str,
) -> None:
    """Whatever the answers, the project's tests pass."""
    folder = tmp_path_factory.mktemp("any")
    options = [f"--project-slug={slug}", f"--project-name={texts[0]}", f"--description={texts[1]}"]
    run(server_tools.script("webaio-create-project"), "--no-input", *options, cwd=folder)
    project = folder / slug
    options = ["--no-input", "--app-name=api", f"--resource={resource}"]
    run(server_tools.script("webaio-create-app"), *options, cwd=project)
    assert outcome(server_tools, project) == "7 passed"


def test_lowest(dist: Path, project: Path, tmp_path: Path) -> None:
    """The lowest versions that a project asks for serve it and run its tests."""
    environment = make_environment(tmp_path / "venv", "3.11")
    lowest = ("--resolution", "lowest-direct", "--find-links", dist)
    environment.install(*lowest, "--requirement", project / "requirements-dev.txt")
    assert outcome(environment, project) == "8 passed"
    port = free_port()
    command = ["env", "DRAIN_SECONDS=0", f"PORT={port}", environment.script("gunicorn")]
    with serving(command, project, f"http://127.0.0.1:{port}", tmp_path / "log"):
        assert request("GET", f"http://127.0.0.1:{port}/swagger")[0] == 200
