"""`webaio-openapi`, as a command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

APPLICATION = """
import sys
import warnings
from aiohttp import web
from webaio import openapi

print("to the terminal, and not into the document")

def amend(document):
    document["info"]["x-logo"] = "logo.png"


app = web.Application()
openapi.setup(app, title="Gustavo Cerat\\u00ed", swagger=False, amend=amend)
bare = web.Application()
number = 1


def factory():
    return app


async def async_factory():
    return app


async def runner():
    return web.AppRunner(app)


def broken():
    raise LookupError("no database")


def leaves():
    sys.exit("no settings")


def needs(argument):
    pass


class Nested:
    application = app
"""


def run(folder: Path, *arguments: str, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    (folder / "main.py").write_text(APPLICATION)
    (folder / "syntax.py").write_text("def\n")
    command = Path(sys.executable).with_name("webaio-openapi")
    return subprocess.run(
        [command, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONWARNINGS": "error"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    "name", ["app", "factory", "async_factory", "runner", "Nested.application"]
)
def test_document(tmp_path: Path, name: str) -> None:
    """The document, and nothing else, goes to stdout."""
    done = run(tmp_path, f"main:{name}")
    assert (done.returncode, done.stderr) == (0, "to the terminal, and not into the document\n")
    info = {"title": "Gustavo Ceratí", "version": "0.1.0", "x-logo": "logo.png"}
    assert json.loads(done.stdout)["info"] == info
    assert done.stdout.startswith('{\n  "openapi": "3.1.0",\n')
    assert done.stdout.endswith("}\n")


def test_output(tmp_path: Path) -> None:
    """A file is written when there is something to write, and else left as it was."""
    kept = tmp_path / "openapi.json"
    assert run(tmp_path, "main:app", "--output", "openapi.json").returncode == 0
    before = kept.read_text()
    assert json.loads(before)["openapi"] == "3.1.0"
    assert run(tmp_path, "main:broken", "-o", "openapi.json").returncode == 1
    assert kept.read_text() == before
    done = run(tmp_path, "main:app", "-o", "nowhere/openapi.json")
    assert done.returncode == 1
    assert "webaio-openapi: nowhere/openapi.json: No such file or directory" in done.stderr


def test_other_encodings(tmp_path: Path) -> None:
    """The document is UTF-8, whatever the terminal is."""
    assert "Gustavo Ceratí" in run(tmp_path, "main:app", encoding="ascii").stdout


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nothing:app", "nothing:app gives no application.\nModuleNotFoundError: No module named"),
        ("main:nothing", "AttributeError: module 'main' has no attribute 'nothing'"),
        ("syntax:app", "SyntaxError: "),
        (
            "main:broken",
            'in broken\n    raise LookupError("no database")\nLookupError: no database',
        ),
        ("main:leaves", "SystemExit: no settings"),
        ("main:needs", "missing 1 required positional argument: 'argument'"),
        ("main:number", "main:number is of the type int, and no aiohttp application"),
        ("main:bare", "Call `openapi.setup(app, title=...)` where it is made."),
    ],
)
def test_no_application(tmp_path: Path, place: str, message: str) -> None:
    """Where there is no application the status is 1, and the message says why, without our frames."""
    done = run(tmp_path, place)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert "webaio-openapi: " in done.stderr
    assert "_command.py" not in done.stderr
    assert "asyncio" not in done.stderr


@pytest.mark.parametrize("place", ["main", "main:", ":app", ""])
def test_usage(tmp_path: Path, place: str) -> None:
    """A wrong command line says what is right."""
    done = run(tmp_path, place)
    assert done.returncode == 2
    assert "main:get_web_app" in done.stderr


def test_help(tmp_path: Path) -> None:
    """The help has an example."""
    done = run(tmp_path, "--help")
    assert done.returncode == 0
    assert "webaio-openapi main:get_web_app > openapi.json" in done.stdout
