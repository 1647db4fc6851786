"""Every code block of the documents runs.

A block under a line with only a file's name is that file. A Python block without one is a script. A
console block of curl is run against the server `app.py`, one of pytest in the page's folder, and the
output compared. One of alembic, which prints paths, is run there too. The other console blocks are
the commands that the rest of this suite runs.
"""

import re
import shlex
import sys
from pathlib import Path
from typing import Final

import pytest

import webaio.exceptions
from integration import tutorial
from integration.documents import BLOCK, blocks_of, curl
from integration.environment import run
from integration.packages import ROOT
from integration.serving import free_port, serving
from webaio.exceptions import APIException

CLIENT: Final = ROOT / "docs" / "how-to" / "generate-a-client.md"
"""Run by the tests of the document, with a generator."""

WHOLE: Final = ROOT / "docs" / "tutorial" / "a-whole-api.md"
"""Compared with the files that it shows, and run, by the tests of that API."""

PAGES: Final = sorted(
    path
    for path in (
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("packages/*/*.md"),
        *ROOT.glob("benchmarks/*.md"),
        *ROOT.glob("examples/*/*.md"),
    )
    if path not in (*tutorial.PAGES, CLIENT, WHOLE)
)
RUN_ELSEWHERE: Final = (
    *("cd", "docker", "pip", "python3"),
    *("webaio-create-app", "webaio-create-project", "webaio-openapi"),
)


def output_of(command: str, folder: Path) -> str:
    """Run a command, and give what it prints, with a line's end and without times."""
    name, *arguments = shlex.split(command)
    if name == "curl":
        return f"{curl(*arguments)}\n"
    options = ["-p", "no:cacheprovider"] if name == "pytest" else []
    printed = run(sys.executable, "-m", name, *options, *arguments, cwd=folder)
    return re.sub(r"(passed|failed) in .*", r"\1", printed)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_blocks(page: Path, tmp_path: Path) -> None:
    """Files are written, scripts run, and commands print what the page says."""
    port = str(free_port())
    for block in blocks_of(page, port):
        if block.file:
            (tmp_path / block.file).write_text(block.code)
        elif block.language == "python":
            run(sys.executable, "-W", "error", "-c", block.code, cwd=tmp_path)
        elif block.language == "console":
            commands = block.commands
            names = {each.split()[0] for each, _ in commands}
            if names == {"curl"}:
                command = [sys.executable, "-W", "error", "app.py"]
                with serving(command, tmp_path, f"http://127.0.0.1:{port}/", tmp_path / "log"):
                    for each, output in commands:
                        assert output_of(each, tmp_path) == output
            elif names == {"pytest"}:
                for each, output in commands:
                    assert output_of(each, tmp_path) == output
            elif names == {"alembic"}:
                for each, _ in commands:
                    output_of(each, tmp_path)
            else:
                assert names <= set(RUN_ELSEWHERE)
        else:
            assert block.language in ("json", "text")


def test_links() -> None:
    """A link to a file leads to one."""
    for page in (*PAGES, *tutorial.PAGES, CLIENT, WHOLE):
        text = BLOCK.sub("", page.read_text())
        for target in re.findall(r"\]\(([^)#]+)", text):
            assert target.startswith("https://") or (page.parent / target).exists(), (page, target)


def test_compose() -> None:
    """Compose is the command that has all that the files need; the tutorial tells of the other once."""
    templates = (ROOT / "packages" / "webaio-scaffold" / "src").rglob("*")
    pages = [path for path in (*PAGES, *tutorial.PAGES) if path.name != "CHANGELOG.md"]
    told = [
        (path, line)
        for path in (*pages, *filter(Path.is_file, templates))
        for line in path.read_text(errors="replace").splitlines()
        if re.search(r"docker-compose(?!\.yml)", line)
    ]
    other = "Where Compose is installed as a command of its own, `docker-compose up` is the same."
    assert told == [(tutorial.PAGE, other)]


def test_tree_of_exceptions() -> None:
    """The tree in the reference is the tree of the code, with its codes."""

    text = (ROOT / "docs" / "reference" / "errors.md").read_text()
    drawn = re.findall(r"(\w+) +(\d{3})  (\w+)$", text, re.MULTILINE)
    members = vars(webaio.exceptions).values()
    classes = [
        each for each in members if isinstance(each, type) and issubclass(each, APIException)
    ]
    assert sorted(drawn) == sorted(
        (each.__name__, str(each.status_code), each.code) for each in classes
    )
