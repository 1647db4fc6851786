"""A Docker engine with Compose, where the machine has one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from integration.environment import run

OWNER = 4242 if os.getuid() == 0 else os.getuid()
"""Whose a project in containers is: not root's, where these tests run as root."""


def prepare(project: Path, wheels: list[Path]) -> None:
    """Give our wheels to a project, for its images, and the project to its owner."""
    (project / "wheels").mkdir()
    for wheel in wheels:
        shutil.copy(wheel, project / "wheels")
    for each in (project, *project.rglob("*")):
        os.chown(each, OWNER, OWNER if os.getuid() == 0 else -1)


def require_engine() -> None:
    """Skip the test where no engine answers; `REQUIRE_ENGINE=1` makes that a failure."""
    if shutil.which("docker"):
        found = subprocess.run(["docker", "compose", "ls"], capture_output=True, check=False)
        if found.returncode == 0:
            return
    missing = "no Docker engine with Compose answers here"
    if os.environ.get("REQUIRE_ENGINE") == "1":
        pytest.fail(missing)
    pytest.skip(missing)


def compose(project: Path, *arguments: str) -> str:
    """Run Compose in a project's folder, and give what it prints."""
    return run("docker", "compose", *arguments, cwd=project)


def inspect(what: str, path: str) -> str:
    """Give a part of what the engine knows about an image or a container, such as `.Size`."""
    return run("docker", "inspect", "--format", f"{{{{{path}}}}}", what).strip()
