"""Each package by itself: its wheel, its own dependencies, nothing else."""

from pathlib import Path

import pytest

from integration.environment import PYTHONS, Environment, make_environment, run
from integration.packages import MEMBERS, Package
from integration.test_distributions import wheel_of

LOWEST = "3.11"

IMPORT_EACH = """
import subprocess, sys
for module in sys.argv[1:]:
    subprocess.run([sys.executable, "-W", "error", "-c", f"import {module}"], check=True)
"""


def environment_for(python: str, folder: Path) -> Environment:
    try:
        return make_environment(folder / "venv", python)
    except LookupError as error:
        pytest.skip(str(error))


def run_tests(package: Package, environment: Environment) -> None:
    """Run the package's tests, with the tools that they ask for, from its own folder."""
    environment.install("--group", f"{package.folder / 'pyproject.toml'}:test")
    environment.install("pytest")
    run(
        environment.script("python"),
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"),
        cwd=package.folder,
    )


@pytest.mark.parametrize("package", MEMBERS, ids=lambda package: package.name)
@pytest.mark.parametrize("python", PYTHONS)
def test_newest(package: Package, python: str, dist: Path, tmp_path: Path) -> None:
    """It installs, imports without a warning, and passes its tests, on each Python."""
    environment = environment_for(python, tmp_path)
    environment.install(wheel_of(package, dist))
    others = {name for name in environment.installed() if name.startswith("webaio")}
    assert others == {package.name}
    public = [name for name in package.modules if "._" not in name]
    run(environment.script("python"), "-c", IMPORT_EACH, *public)
    run_tests(package, environment)
    run(environment.script("python"), "-c", IMPORT_EACH, *package.modules)  # with the extras now


@pytest.mark.parametrize("package", MEMBERS, ids=lambda package: package.name)
def test_lowest(package: Package, dist: Path, tmp_path: Path) -> None:
    """Its tests pass with the lowest versions that it declares."""
    environment = environment_for(LOWEST, tmp_path)
    pyproject = package.folder / "pyproject.toml"
    environment.install("--resolution", "lowest-direct", "--all-extras", "-r", pyproject)
    before = environment.installed()
    environment.install(wheel_of(package, dist))
    run_tests(package, environment)
    assert environment.installed().items() >= before.items()
