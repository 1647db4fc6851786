"""The document of the tutorial's project, as its readers have it: a browser, a fuzzer, a client."""

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from integration import tutorial
from integration.browser import Visit, browsing
from integration.documents import blocks_of
from integration.environment import Environment, make_environment, run
from integration.project import gunicorn
from integration.serving import free_port, request, serving
from integration.test_documents import CLIENT

PROXY = '''
"""A proxy that takes the prefix /behind/it off."""
import sys

from aiohttp import ClientSession, web

TARGET, PORT = sys.argv[1:]


async def forward(request):
    url = f"{TARGET}/{request.match_info['rest']}"
    headers = {name: each for name, each in request.headers.items() if name != "Host"}
    async with ClientSession(auto_decompress=False) as session:
        body = await request.read()
        async with session.request(request.method, url, data=body, headers=headers) as answer:
            kept = {
                name: answer.headers[name]
                for name in ("Content-Type", "Content-Encoding", "Content-Security-Policy")
                if name in answer.headers
            }
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)


app = web.Application()
app.router.add_route("*", "/behind/it/{rest:.*}", forward)
web.run_app(app, host="127.0.0.1", port=int(PORT))
'''


CREATE = "#operations-artist-artist_create"


@contextlib.contextmanager
def served(environment: Environment, folder: Path, page: Path) -> Iterator[str]:
    """Serve the tutorial's project as it is after a page, and give its URL."""
    project = tutorial.make_project(folder, page)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serving(gunicorn(environment, port), project, url, folder / "log"):
        yield url


@contextlib.contextmanager
def proxied(url: str, folder: Path) -> Iterator[str]:
    """Put a proxy before it that adds a prefix, and give the URL outside."""
    (folder / "proxy.py").write_text(PROXY)
    port = free_port()
    command = [sys.executable, "proxy.py", url, str(port)]
    outside = f"http://127.0.0.1:{port}/behind/it"
    with serving(command, folder, f"{outside}/", folder / "proxy.log"):
        yield outside


def create_artist(visit: Visit, url: str, picture: Path) -> str:
    """Create an artist with the page's "Try it out", and give the status that it shows."""
    page = visit.page
    page.goto(f"{url}/swagger")
    page.locator(f"{CREATE} .opblock-summary").click()
    page.locator(CREATE).get_by_role("button", name="Try it out").click()
    page.locator(f"{CREATE} textarea").fill('{"name": "Gustavo Cerati"}')
    page.locator(CREATE).get_by_role("button", name="Execute").click()
    status = page.locator(f"{CREATE} .live-responses-table tbody .response-col_status").inner_text()
    page.screenshot(path=picture, full_page=True)
    return status


@pytest.mark.parametrize(
    "page", [tutorial.PAGE, tutorial.DOCUMENT_PAGE], ids=lambda page: page.stem
)
def test_swagger(server_tools: Environment, tmp_path: Path, page: Path) -> None:
    """In a browser "Try it out" creates an artist, typed or not, and asks this machine only."""
    with served(server_tools, tmp_path, page) as url, browsing() as visit:
        assert create_artist(visit, url, tmp_path / "swagger.png") == "201"
        assert json.loads(request("GET", f"{url}/artist/")[1])[0]["name"] == "Gustavo Cerati"
        assert all(asked.startswith((f"{url}/", "data:")) for asked in visit.requests)
        assert visit.complaints == []
        document = json.loads(request("GET", f"{url}/openapi.json")[1])
        OpenAPIV31SpecValidator(document).validate()


def test_swagger_behind_a_proxy(server_tools: Environment, tmp_path: Path) -> None:
    """Behind a proxy that takes a prefix off, the page and its requests find their way."""
    with (
        served(server_tools, tmp_path, tutorial.DOCUMENT_PAGE) as url,
        proxied(url, tmp_path) as outside,
        browsing() as visit,
    ):
        assert create_artist(visit, outside, tmp_path / "swagger.png") == "201"
        assert f"{outside}/artist/" in visit.requests
        assert all(asked.startswith((f"{outside}/", "data:")) for asked in visit.requests)
        assert visit.complaints == []


def test_schemathesis(server_tools: Environment, tmp_path: Path) -> None:
    """The project does what its document says: all checks of schemathesis, in all its phases."""
    with served(server_tools, tmp_path, tutorial.DOCUMENT_PAGE) as url:
        schemathesis = str(Path(sys.executable).with_name("schemathesis"))
        options = ("--checks", "all", "--max-examples", "50", "--seed", "1", "--no-color")
        output = run(schemathesis, "run", f"{url}/openapi.json", *options, cwd=tmp_path)
    assert "No issues found" in output
    assert "Tested: 8\n" in output


def test_client(wheels: list[Path], tmp_path: Path) -> None:
    """The how-to, followed: a generated client creates, reads, changes and deletes."""
    environment = make_environment(tmp_path / "venv", "3.11")
    environment.install(*wheels, "openapi-python-client")
    port = free_port()
    for block in blocks_of(CLIENT, str(port)):
        if block.file:
            (tmp_path / block.file).write_text(block.code)
            continue
        for command, output in block.commands:
            name, _, arguments = command.partition(" ")
            if name == "python":
                server = [environment.script("python"), "app.py"]
                with serving(server, tmp_path, f"http://127.0.0.1:{port}", tmp_path / "log"):
                    found = run(environment.script(name), *arguments.split(), cwd=tmp_path)
                assert found == output
            elif name != "pip":
                path = str(Path(environment.script("python")).parent)
                run("sh", "-c", f'PATH="{path}:$PATH" {command}', cwd=tmp_path)
    assert (tmp_path / "artists" / "models" / "partial_artist_in.py").exists()
