"""What the commands make, from the wheels: clean, tested, and served as it is in production."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.engine import compose, require_engine
from integration.environment import Environment, make_environment, run
from integration.project import gunicorn, outcome, require_valid_files
from integration.serving import free_port, request, serving


def test_clean(server_tools: Environment, shop: Path) -> None:
    """ruff finds nothing in it, nor does mypy at its strictest, and its tests pass."""
    run(server_tools.script("ruff"), "check", "--fix-only", "--select=I", "routes.py", cwd=shop)
    run(server_tools.script("ruff"), "format", "routes.py", cwd=shop)
    run(server_tools.script("ruff"), "check", ".", cwd=shop)
    run(server_tools.script("ruff"), "format", "--check", ".", cwd=shop)
    run(server_tools.script("mypy"), "--strict", ".", cwd=shop)
    assert outcome(server_tools, shop) == "8 passed"


@pytest.mark.parametrize("mode", ["importlib", "prepend", "append"])
def test_import_modes(server_tools: Environment, shop: Path, mode: str) -> None:
    """Its tests pass however pytest imports them, and wherever it is started."""
    for folder in (shop, shop / "apps" / "api"):
        printed = run(server_tools.script("pytest"), f"--import-mode={mode}", cwd=folder)
        assert " passed in " in printed


def test_linters(shop: Path) -> None:
    """hadolint, kubernetes-validate and the schemas of Compose and GitHub find nothing."""
    require_valid_files(shop)


def test_compose_files(shop: Path) -> None:
    """`docker compose config` takes both files as they are."""
    require_engine()
    for file in ("docker-compose.yml", "compose.production.yml"):
        assert compose(shop, "--file", file, "config", "--quiet") == ""


def test_resource(server_tools: Environment, shop: Path) -> None:
    """The app with a resource serves it in the project, and its document tells of it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serving(gunicorn(server_tools, port), shop, url, shop.parent / "log"):
        headers = {"Content-Type": "application/json"}
        status, body = request("POST", f"{url}/artist/", b'{"name": "Gustavo"}', headers)
        assert status == 201
        artist = json.loads(body)
        assert json.loads(request("GET", f"{url}/artist/{artist['id']}/")[1]) == artist
        assert request("GET", f"{url}/artist/7/")[0] == 404
        assert request("GET", f"{url}/artist/?limit=0")[0] == 422
        for path in ("/artist", f"/artist/{artist['id']}", "/swagger/", "/livez/", "/pages"):
            assert request("GET", f"{url}{path}")[0] == 200
        assert request("GET", f"{url}//artist")[0] == 404
        document = json.loads(request("GET", f"{url}/openapi.json")[1])
        assert document["info"]["title"] == "Webaio Project"
        assert "/artist/{id}/" in document["paths"]


@pytest.mark.parametrize(
    "server",
    ["gunicorn", "adev runserver main.py --no-livereload", "webaio-openapi main:get_web_app"],
)
def test_missing_settings(server_tools: Environment, shop: Path, server: str) -> None:
    """A start without required settings, or with wrong ones, fails and names them all at once."""
    path = shop / "settings.py"
    required = 'DATABASE = env.url("DATABASE_URL")\nLIMIT = env.int("LIMIT")\n\nenv.seal()'
    path.write_text(path.read_text().replace("env.seal()", required))
    name, *arguments = server.split()
    with pytest.raises(AssertionError) as caught:
        run("env", "LOG_LEVEL=loud", server_tools.script(name), *arguments, cwd=shop)
    told = str(caught.value).splitlines()[1:]
    for missing in ("'DATABASE_URL'", "'LIMIT'", "'LOG_LEVEL'"):
        assert missing in told[-1]
    if name == "gunicorn":
        (record,) = map(json.loads, told)
        assert (record["level"], record["logger"]) == ("CRITICAL", "settings")
        assert "exc_info" not in record


FAIL = """\
async def fail(app: web.Application) -> None:
    raise OSError("no database")


def create_app"""
FAILING_STARTS = {
    "settings": ("settings.py", "env.seal()", "env.seal()\n1 / 0\n"),
    "import": ("routes.py", "from aiohttp", "import os\nos.environ['ABSENT']\nfrom aiohttp"),
    "application": ("main.py", "    health.setup(app)", "    health.setup(app)\n    1 / 0"),
    "startup": ("main.py", "    return app", "    app.on_startup.append(fail)\n    return app"),
}


@pytest.mark.parametrize("failing", FAILING_STARTS)
def test_failing_start(server_tools: Environment, shop: Path, failing: str) -> None:
    """gunicorn ends where a start fails; the log has why in a line for each worker, all in JSON."""
    require_failing_start(server_tools, shop, failing)


def require_failing_start(environment: Environment, shop: Path, failing: str) -> None:
    file, text, instead = FAILING_STARTS[failing]
    path = shop / file
    changed = path.read_text().replace("def create_app", FAIL, failing == "startup")
    path.write_text(changed.replace(text, instead, 1))
    command = ["timeout", "30", *gunicorn(environment, free_port()), "--workers=1"]
    done = subprocess.run(command, cwd=shop, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1 if failing == "settings" else 3, "")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    (told,) = (record for record in records if record["level"] == "CRITICAL")
    assert told["message"].startswith("The start failed: ")
    assert f"{shop}/{file}" in told["exc_info"]


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


def test_lowest(dist: Path, shop: Path, tmp_path: Path) -> None:
    """The lowest versions that a project asks for serve it and run its tests."""
    environment = make_environment(tmp_path / "venv", "3.11")
    lowest = ("--resolution", "lowest-direct", "--find-links", dist)
    environment.install(*lowest, "--requirement", shop / "requirements-dev.txt")
    assert outcome(environment, shop) == "8 passed"
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serving(gunicorn(environment, port), shop, url, tmp_path / "log"):
        assert request("GET", f"{url}/swagger")[0] == 200
    require_failing_start(environment, shop, "startup")
