"""A Docker engine with Compose, where the machine has one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from integration.environment import run


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
