"""Fresh virtual environments, made by uv with the Pythons that the machine has."""

import functools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from integration.packages import ROOT

PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
_UV: Final = str(Path(sys.executable).with_name("uv"))


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment in a folder of its own."""

    folder: Path

    def script(self, name: str) -> str:
        """Give the path of a command that is installed here."""
        return str(self.folder / "bin" / name)

    def install(self, *what: str | Path) -> None:
        """Install distributions and their dependencies; what is installed stays, if it fits."""
        run(_UV, "pip", "install", "--quiet", "--python", self.script("python"), *map(str, what))

    def installed(self) -> dict[str, str]:
        """Give the names and versions of what is installed."""
        python = self.script("python")
        listed = run(_UV, "pip", "list", "--quiet", "--format", "json", "--python", python)
        return {each["name"]: each["version"] for each in json.loads(listed)}


def make_environment(folder: Path, python: str, *, pip: bool = False) -> Environment:
    """Make an environment; raises `LookupError` where the machine lacks that Python."""
    interpreter = find_python(python)
    if interpreter is None:
        raise LookupError(f"no Python {python} on this machine")
    run(_UV, "venv", "--quiet", "--python", interpreter, *(["--seed"] if pip else []), str(folder))
    return Environment(folder)


def build(source: Path, target: Path) -> None:
    """Build a distribution's sdist, and its wheel from that."""
    run(_UV, "build", "--quiet", "--out-dir", str(target), str(source))


@functools.cache
def find_python(version: str) -> str | None:
    """Give the path of a Python of this minor version, or None."""
    found = subprocess.run(
        [_UV, "python", "find", "--no-project", "--no-python-downloads", version],
        env=_environ(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or None


def run(*command: str, cwd: Path = ROOT) -> str:
    """Run a command, and give its output; raises `AssertionError` with all of it on failure."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=_environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout}"
    return done.stdout


@functools.cache
def _environ() -> dict[str, str]:
    """Give an environment in which nothing points at the one that runs these tests.

    pyenv's commands answer only for the versions that are selected: select all.
    """
    environ = {name: text for name, text in os.environ.items() if name not in ("VIRTUAL_ENV",)}
    if shutil.which("pyenv"):
        listed = subprocess.run(
            ["pyenv", "versions", "--bare"], capture_output=True, text=True, check=False
        )
        environ["PYENV_VERSION"] = ":".join(listed.stdout.split())
    return environ
