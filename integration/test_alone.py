"""Each package by itself: its wheel, its own dependencies, nothing else."""

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from integration.environment import PYTHONS, Environment, make_environment, run
from integration.packages import MEMBERS, OPTIONAL, Package
from integration.test_distributions import wheel_of

LOWEST = "3.11"
OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
NEEDED = {"webaio-core": ["webaio-errors"]}

IMPORT_EACH = """
import contextlib, importlib, os, sys
for library in ("aiohttp.test_utils", "cookiecutter.main", "msgspec", "pydantic", "pytest"):
    with contextlib.suppress(ImportError):
        importlib.import_module(library)  # once for all: no module is any less alone
for module in sys.argv[1:]:
    if child := os.fork():
        assert os.waitpid(child, 0)[1] == 0, module
    else:
        importlib.import_module(module)
        os._exit(0)  # taking all down again takes longer than the import
"""


def environment_for(python: str, folder: Path) -> Environment:
    try:
        return make_environment(folder / "venv", python)
    except LookupError as error:
        pytest.skip(str(error))


def import_each(environment: Environment, modules: Iterable[str]) -> None:
    """Import each module in a process in which no other of ours was, without a warning."""
    run(environment.script("python"), "-W", "error", "-c", IMPORT_EACH, *modules)


def install_tools(package: Package, environment: Environment, dist: Path) -> None:
    """Install what the package's tests ask for."""
    environment.install(
        "--find-links", dist, "--group", f"{package.folder / 'pyproject.toml'}:test"
    )
    environment.install("pytest", "pytest-xdist")


def run_tests(package: Package, environment: Environment) -> None:
    """Run the package's tests from its own folder, two at a time, since many of them wait.

    Properties get few examples: this suite has tried many.
    """
    has_profile = (package.folder / "tests" / "conftest.py").exists()
    run(
        environment.script("python"),
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "tests"),
        *(["--hypothesis-profile=repeat"] if has_profile else []),
        cwd=package.folder,
    )


@pytest.mark.parametrize("package", MEMBERS, ids=lambda package: package.name)
@pytest.mark.parametrize("python", PYTHONS)
def test_newest(package: Package, python: str, dist: Path, tmp_path: Path) -> None:
    """It installs, imports without a warning, and passes its tests, on each Python.

    On that of this suite they run beside it, and alone with the lowest versions.
    """
    environment = environment_for(python, tmp_path)
    environment.install("--find-links", dist, wheel_of(package, dist))
    others = {name for name in environment.installed() if name.startswith("webaio")}
    assert others == {package.name, *NEEDED.get(package.name, ())}
    plain = [name for name in package.modules if "._" not in name and name not in OPTIONAL]
    import_each(environment, plain)
    install_tools(package, environment, dist)
    if python != OWN:
        run_tests(package, environment)
    import_each(environment, package.modules)  # with the extras now


@pytest.mark.parametrize("package", MEMBERS, ids=lambda package: package.name)
def test_lowest(package: Package, dist: Path, tmp_path: Path) -> None:
    """Its tests pass with the lowest versions that it declares."""
    environment = environment_for(LOWEST, tmp_path)
    pyproject = package.folder / "pyproject.toml"
    environment.install(
        *("--find-links", dist, "--resolution", "lowest-direct", "--all-extras", "-r", pyproject)
    )
    before = environment.installed()
    environment.install("--find-links", dist, wheel_of(package, dist))
    install_tools(package, environment, dist)
    run_tests(package, environment)
    assert environment.installed().items() >= before.items()
