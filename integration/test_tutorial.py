"""The tutorial, from the wheels: every command and every line of its code."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from integration import tutorial
from integration.browser import browsing
from integration.documents import blocks_of, curl
from integration.environment import Environment, run
from integration.project import adev, gunicorn, outcome
from integration.serving import free_port, request, serving

OPTIONS = [f"--{name.replace('_', '-')}={answer}" for name, answer in tutorial.ANSWERS.items()]


@pytest.fixture
def project(server_tools: Environment, tmp_path: Path) -> Path:
    """A new project with the new app `api`, made by the two commands."""
    run(server_tools.script("webaio-create-project"), "--no-input", *OPTIONS, cwd=tmp_path)
    path = tmp_path / "quickstart"
    run(server_tools.script("webaio-create-app"), "--no-input", "--app-name", "api", cwd=path)
    return path


def follow(project: Path, *titles: str) -> None:
    """Do what the sections of the page say."""
    sections = tutorial.sections()
    for title in titles:
        assert sections[title]
        for block in sections[title]:
            block.write(project)


def test_new_project(server_tools: Environment, project: Path) -> None:
    """The files are those of the tutorial, and the new app's own test passes at once."""
    shown = re.findall(r"── (\S+)", tutorial.PAGE.read_text())
    found = {path.name for path in project.rglob("*")} - {"api"}
    assert found == set(shown)
    assert outcome(server_tools, project) == "3 passed"


def test_tutorial_tests(server_tools: Environment, project: Path) -> None:
    """Six tests pass beside the project's two, one fails until its exception is defined."""
    for test in (project / "apps").glob("*/tests/test_*.py"):
        test.unlink()
    path = project / "apps" / "api" / "tests" / "test_api.py"
    path.touch()
    follow(project, "Function based views", "Class based views", "Testing")
    assert outcome(server_tools, project) == "8 passed"
    add_test, *define = tutorial.sections()["API exceptions"]
    add_test.write(project)
    with pytest.raises(AssertionError, match="assert 500 == 404") as caught:
        outcome(server_tools, project)
    assert "1 failed, 8 passed" in str(caught.value)
    for block in define:
        block.write(project)
    assert outcome(server_tools, project) == "9 passed"
    follow(project, "Shorter tests")
    assert outcome(server_tools, project) == "11 passed"


@pytest.mark.parametrize("page", tutorial.PAGES[1:], ids=lambda page: page.stem)
def test_next_pages(tools_of: Callable[[Path], Environment], tmp_path: Path, page: Path) -> None:
    """At the end of each page as many tests pass as it says, with those of before."""
    project = tutorial.make_project(tmp_path, page)
    tools = tools_of(project)
    (promised,) = re.findall(r"=+ (\d+ passed) in ", page.read_text())
    assert outcome(tools, project) == promised
    development = run(tools.script("python"), "-X", "dev", "-m", "pytest", "-q", cwd=project)
    assert promised in development


@pytest.mark.parametrize("page", tutorial.PAGES, ids=lambda page: page.stem)
def test_pages_are_clean(
    tools_of: Callable[[Path], Environment], tmp_path: Path, page: Path
) -> None:
    """At the end of each page ruff and mypy find nothing: who follows it has a green CI."""
    project = tutorial.make_project(tmp_path, page)
    tools = tools_of(project)
    run(tools.script("ruff"), "check", ".", cwd=project)
    run(tools.script("ruff"), "format", "--check", ".", cwd=project)
    run(tools.script("mypy"), ".", cwd=project)


def test_who_may_change_an_artist(tools_of: Callable[[Path], Environment], tmp_path: Path) -> None:
    """The project answers each user as the page says."""
    project = tutorial.make_project(tmp_path, tutorial.ACCESS_PAGE)
    tools = tools_of(project)
    port = free_port()
    blocks = [block.commands for block in blocks_of(tutorial.ACCESS_PAGE, str(port))]
    url = f"http://127.0.0.1:{port}"
    with serving(gunicorn(tools, port), project, url, tmp_path / "log"):
        (commands,) = (each for each in blocks if each and each[0][0].startswith("curl "))
        for command, output in commands:
            answer = curl(*shlex.split(command)[1:])
            assert re.sub(r'(?<="request_id":")\w+', "…", f"{answer}\n") == output


def test_locks(tools_of: Callable[[Path], Environment], tmp_path: Path) -> None:
    """In a browser a lock stands at what takes a key, and the key that is written there is sent."""
    project = tutorial.make_project(tmp_path, tutorial.ACCESS_PAGE)
    tools = tools_of(project)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serving(gunicorn(tools, port), project, url, tmp_path / "log"), browsing() as visit:
        page = visit.page
        page.goto(f"{url}/swagger")
        me = page.locator("#operations-me-me_list")
        me.locator(".opblock-summary").click()
        assert page.locator(".opblock .authorization__btn").count() == 14
        page.get_by_role("button", name="Authorize").first.click()
        key = re.search(r"X-API-Key: (\S+)\"", tutorial.ACCESS_PAGE.read_text())
        assert key is not None
        page.locator(".auth-container input").fill(key[1])
        page.locator(".auth-btn-wrapper .authorize").click()
        page.locator(".auth-btn-wrapper .btn-done").click()
        me.get_by_role("button", name="Try it out").click()
        me.get_by_role("button", name="Execute").click()
        shown = me.locator(".live-responses-table tbody .response-col_status").inner_text()
        assert shown == "200"
        assert visit.complaints == []


def test_decorator_of_the_first_edition(server_tools: Environment, project: Path) -> None:
    """Tests that still have `@unittest_run_loop` run."""
    follow(project, "Function based views", "Class based views", "Testing")
    path = project / "apps" / "api" / "tests" / "test_api.py"
    text = path.read_text()
    path.write_text(
        text.replace("    async def test_", "    @unittest_run_loop\n    async def test_").replace(
            "import AioHTTPTestCase", "import AioHTTPTestCase, unittest_run_loop"
        )
    )
    assert outcome(server_tools, project, "-W", "ignore").startswith("8 passed")


@pytest.mark.parametrize("command", [adev, gunicorn])
def test_servers(
    server_tools: Environment,
    project: Path,
    tmp_path: Path,
    command: Callable[[Environment, int], list[str]],
) -> None:
    """The project is served by the development server and by gunicorn, and answers as promised."""
    follow(project, "Function based views")
    follow(project, "Class based views", "Testing", "API exceptions")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serving(command(server_tools, port), project, url, tmp_path / "log"):
        assert request("GET", url)[1] == b"<h1>Welcome to your first webaio project</h1>"
        status, body = request("GET", f"{url}/swagger")
        assert status == 200
        assert b"<title>Quickstart</title>" in body
        document = json.loads(request("GET", f"{url}/openapi.json")[1])
        assert "/artist/{id}/google-it/" in document["paths"]
        status, body = request("POST", f"{url}/artist/", b'{"name": "Gustavo Cerati"}')
        artist = json.loads(body)
        assert (status, artist["name"]) == (201, "Gustavo Cerati")
        path = f"{url}/artist/{artist['id']}/"
        assert json.loads(request("GET", path)[1]) == artist
        assert json.loads(request("GET", f"{url}/artist/")[1]) == [artist]
        assert request("PUT", path, b'{"name": "Zeta Bosio"}')[0] == 200
        assert json.loads(request("GET", f"{path}google-it/")[1]) == {"url": "Zeta Bosio"}
        assert request("DELETE", path) == (204, b"")
        status, body = request("GET", path)
        assert (status, json.loads(body)["detail"]) == (404, "Artist does not exist")
        status, body = request("DELETE", path)
        assert (status, json.loads(body)["detail"]) == (500, "A server error occurred.")
        assert b"KeyError" not in body
