"""The application of the how-to of uploads, as its users have it: a page, a client, a fuzzer."""

import contextlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from integration.browser import browsing
from integration.documents import blocks_of
from integration.environment import make_environment, run
from integration.packages import ROOT
from integration.serving import free_port, request, serving
from webaio.testing import assert_matches_openapi

PAGE: Final = ROOT / "docs" / "how-to" / "upload-files.md"
REFERENCE: Final = ROOT / "docs" / "reference" / "forms.md"
CREATE: Final = "#operations-album-album_create"
PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20_000
CLIENT: Final = """
import io, sys

from albums import Client
from albums.api.album import album_create, album_lines
from albums.models import {create}, {lines}
from albums.types import File

with Client(sys.argv[1]) as client:
    cover = File(io.BytesIO(open("a.png", "rb").read()), "ä;b.png", "image/png")
    made = album_create.sync(client=client, body={create}(title="Signos", cover=cover, tags=["a", "b"]))
    print(made.title, made.tags, made.cover, made.size)
    texts = [File(io.BytesIO(b"a" + b"\\n" * n), f"{{n}}.txt", "text/plain") for n in (1, 2)]
    print(album_lines.sync(client=client, body={lines}(texts=texts, word="x")).to_dict())
    problem = album_create.sync(client=client, body={create}(title="", cover=cover))
    print(problem.status, [each.pointer for each in problem.errors])
"""


def application_of(page: Path, folder: Path) -> Any:
    """Write the page's first file, and give its module."""
    block = next(each for each in blocks_of(page) if each.file == "app.py")
    (folder / "app.py").write_text(block.code)
    spec = importlib.util.spec_from_file_location("app_of_uploads", folder / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    port = free_port()
    block = next(each for each in blocks_of(PAGE, str(port)) if each.file == "app.py")
    (folder / "app.py").write_text(block.code)
    url = f"http://127.0.0.1:{port}"
    with serving([sys.executable, "-W", "error", "app.py"], folder, f"{url}/", folder / "log"):
        yield url


async def test_the_server_keeps_its_document(tmp_path: Path) -> None:
    """No request finds a difference, of those that fit and of those that do not."""
    await assert_matches_openapi(await application_of(PAGE, tmp_path).get_web_app(), examples=30)


def test_swagger(tmp_path: Path) -> None:
    """The page has a button to choose a file, and uploads it."""
    (tmp_path / "a.png").write_bytes(PNG)
    with served(tmp_path) as url, browsing() as visit:
        page = visit.page
        page.goto(f"{url}/swagger")
        page.locator(f"{CREATE} .opblock-summary").click()
        form = page.locator(CREATE)
        form.get_by_role("button", name="Try it out").click()
        form.locator("tr[data-property-name=title] input, tr:has-text('title') input").first.fill(
            "Signos"
        )
        form.locator("input[type=file]").set_input_files(tmp_path / "a.png")
        form.get_by_role("button", name="Execute").click()
        answer = form.locator(".live-responses-table tbody .response-col_status").first
        answer.wait_for()
        page.screenshot(path=tmp_path / "swagger.png", full_page=True)
        assert answer.inner_text().split()[0] == "201"
        assert f'"size": {len(PNG)}' in form.locator(".live-responses-table").inner_text()
        assert visit.complaints == []


def test_generated_client(tmp_path: Path) -> None:
    """A client that openapi-python-client writes uploads one file, and several."""
    (tmp_path / "a.png").write_bytes(PNG)
    environment = make_environment(tmp_path / "venv", "3.11")
    environment.install("openapi-python-client")
    with served(tmp_path) as url:
        document = tmp_path / "openapi.json"
        document.write_bytes(request("GET", f"{url}/openapi.json")[1])
        options = ("--path", str(document), "--output-path", "albums", "--meta", "none")
        generate = environment.script("openapi-python-client")
        said = run(generate, "generate", *options, cwd=tmp_path)
        assert "WARNING" not in said, said
        names = {"create": "AlbumCreateBody", "lines": "AlbumLinesBody"}
        (tmp_path / "use.py").write_text(CLIENT.format(**names))
        found = run(environment.script("python"), "use.py", url, cwd=tmp_path)
    assert found.splitlines() == [
        f"Signos ['a', 'b'] ä;b.png {len(PNG)}",
        "{'1.txt': 1, '2.txt': 2}",
        "422 ['/title']",
    ]
