from pathlib import Path

import pytest

from integration.environment import Environment, build, make_environment, run
from integration.packages import MEMBERS, META


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests have measured, from whatever process they ran in."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.line(f"{name}: {value}")


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the five sdists, and the five wheels that were built from them."""
    folder = tmp_path_factory.mktemp("dist")
    for package in (META, *MEMBERS):
        build(package.folder, folder)
    return folder


@pytest.fixture(scope="session")
def wheels(dist: Path) -> list[Path]:
    """The five wheels."""
    return sorted(dist.glob("*.whl"))


@pytest.fixture(scope="session")
def complete(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Environment:
    """A fresh environment with the five wheels and what they depend on."""
    environment = make_environment(tmp_path_factory.mktemp("complete") / "venv", "3.11")
    environment.install(*wheels)
    return environment


@pytest.fixture(scope="session")
def server_tools(complete: Environment, dist: Path) -> Environment:
    """The fresh environment, with what a new project and its developers need."""
    environment = complete
    folder = dist.parent / "requirements"
    folder.mkdir(exist_ok=True)
    run(environment.script("webaio-create-project"), "--no-input", cwd=folder)
    environment.install(
        "--find-links", dist, "-r", folder / "webaio-project" / "requirements-dev.txt"
    )
    run(environment.script("python"), "-m", "compileall", "-q", str(environment.folder / "lib"))
    return environment


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
