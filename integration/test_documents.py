"""Every code block of the documents runs.

A block under a line with only a file's name is that file. A Python block without one is a script. A
console block with curl or pytest is run, and its output compared. The other console blocks are the
commands that the rest of this suite runs.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

import webaio.exceptions
from integration.environment import run
from integration.packages import ROOT
from integration.serving import serving
from integration.test_tutorial import free_port
from integration.tutorial import PAGE
from webaio.exceptions import APIException

PAGES: Final = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*/*.md"), *ROOT.glob("packages/*/*.md"))
    if path != PAGE
)
RUN_ELSEWHERE: Final = ("cd", "docker-compose", "pip", "python3", "webaio-create-project")
PORT: Final = "8080"

_BLOCK: Final = re.compile(
    r"(?:^`(?P<file>[\w./]+)`\n\n)?^```(?P<language>\w*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    file: str | None
    language: str
    code: str

    @property
    def commands(self) -> list[tuple[str, str]]:
        """The commands of a console block, each with the output that follows it."""
        _, *parts = re.split(r"^\$ (.+)\n", self.code, flags=re.MULTILINE)
        return list(zip(parts[::2], parts[1::2], strict=True))


def blocks_of(page: Path, port: str = PORT) -> list[Block]:
    text = page.read_text().replace(f":{PORT}", f":{port}").replace(f"port={PORT}", f"port={port}")
    return [
        Block(found["file"], found["language"], found["code"]) for found in _BLOCK.finditer(text)
    ]


def outputs(commands: list[tuple[str, str]], folder: Path) -> list[tuple[str, str]]:
    """Run the commands as a shell would, and give each with what it really prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    found = []
    for command, _ in commands:
        done = subprocess.run(
            ["bash", "-c", command.replace("curl ", "curl -s ", 1)],
            cwd=folder,
            env={**os.environ, "PATH": path, "PYTEST_ADDOPTS": "-p no:cacheprovider"},
            capture_output=True,
            text=True,
            check=False,
        )
        output = re.sub(r"(passed|failed) in .*", r"\1", done.stdout)
        found.append((command, output if output.endswith("\n") else f"{output}\n"))
    return found


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
            first, *rest = commands = block.commands
            if first[0] == "python app.py &":
                command = [sys.executable, "-W", "error", "app.py"]
                with serving(command, tmp_path, f"http://127.0.0.1:{port}/", tmp_path / "log"):
                    assert outputs(rest, tmp_path) == rest
            elif first[0].startswith("pytest"):
                assert outputs(commands, tmp_path) == commands
            else:
                assert {command.split()[0] for command, _ in commands} <= set(RUN_ELSEWHERE)
        else:
            assert block.language in ("json", "text")


def test_links() -> None:
    """A link to a file leads to one."""
    for page in (*PAGES, PAGE):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
            assert target.startswith("https://") or (page.parent / target).exists(), (page, target)


def test_tree_of_exceptions() -> None:
    """The tree in the reference is the tree of the code, with its codes."""

    text = (ROOT / "docs" / "reference" / "errors.md").read_text()
    drawn = re.findall(r"(\w+) +(\d{3})  (\w+)$", text, re.MULTILINE)
    members = vars(webaio.exceptions).values()
    classes: list[type[APIException]] = [each for each in members if isinstance(each, type)]
    assert sorted(drawn) == sorted(
        (each.__name__, str(each.status_code), each.code) for each in classes
    )
