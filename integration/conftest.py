import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.environment import Environment, build, make_environment, run
from integration.once import once
from integration.packages import MEMBERS, META
from webaio.scaffold import create_project


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests have measured, from whatever process they ran in."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.line(f"{name}: {value}")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of this run, the same for all workers of pytest-xdist."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def dist(shared: Path) -> Path:
    """A folder with the five sdists, and the five wheels that were built from them."""

    def make(folder: Path) -> None:
        for package in (META, *MEMBERS):
            build(package.folder, folder)

    return once(shared / "dist", make)


@pytest.fixture(scope="session")
def wheels(dist: Path) -> list[Path]:
    """The five wheels."""
    return sorted(dist.glob("*.whl"))


@pytest.fixture(scope="session")
def tools_of(shared: Path, dist: Path, wheels: list[Path]) -> Callable[[Path], Environment]:
    """Give an environment with what a project requires, and no more.

    Projects that require the same share it, and so do the workers: nothing is installed there later.
    """

    def tools_of(project: Path) -> Environment:
        files = [project / name for name in ("requirements.txt", "requirements-dev.txt")]
        required = b"".join(file.read_bytes() for file in files)

        def make(folder: Path) -> None:
            environment = make_environment(folder, "3.11")
            environment.install("--find-links", dist, *wheels, "-r", files[-1])

        return Environment(once(shared / hashlib.sha256(required).hexdigest()[:8], make))

    return tools_of


@pytest.fixture(scope="session")
def server_tools(
    tools_of: Callable[[Path], Environment], tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """The environment of a new project."""
    return tools_of(create_project({}, tmp_path_factory.mktemp("new")))


@pytest.fixture
def shop(server_tools: Environment, tmp_path: Path) -> Path:
    """A new project, with a plain app and one with a resource, both routed."""
    create = server_tools.script("webaio-create-project")
    run(create, "--no-input", "--kubernetes", "--project-slug=shop", cwd=tmp_path)
    path = tmp_path / "shop"
    create = server_tools.script("webaio-create-app")
    for options in (("--app-name=pages",), ("--app-name=api", "--resource=artist")):
        told = run(create, "--no-input", *options, cwd=path)
        lines = told.partition("Next, in routes.py:\n")[2].partition("\n\nIts")[0]
        imported, _, added = lines.replace("  ", "").partition("\n\n")
        routes = path / "routes.py"
        routes.write_text(f"{imported}\n{routes.read_text()}{added}\n")
    return path
