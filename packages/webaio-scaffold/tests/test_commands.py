"""The commands, as a shell runs them."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = "webaio-create-project"
APP = "webaio-create-app"
SCRIPTS = Path(sys.executable).parent
HEED = """
import os, signal, sys
signal.signal(int(sys.argv[1]), signal.SIG_DFL)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Runs a command that heeds a signal, even where these tests run under nohup."""


def run(
    command: str, *options: str, folder: Path, answers: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SCRIPTS / command), *options],
        cwd=folder,
        input=answers,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
        env={**os.environ, "HOME": str(folder / "no-home"), "PYTHONWARNINGS": "error"},
    )


def test_prompts(tmp_path: Path) -> None:
    """The tutorial's four questions come in its order, with its defaults."""
    result = run(PROJECT, folder=tmp_path, answers="quickstart\nQuickstart\nA example project\n\n")
    assert result.returncode == 0, result.stderr
    for question in (
        "[1/4] project_slug (webaio-project):",
        "[2/4] project_name (Webaio Project):",
        "[3/4] description (A short description of the project):",
        "[4/4] port (8080):",
    ):
        assert question in result.stdout
    assert (
        "# Quickstart\n\nA example project\n" in (tmp_path / "quickstart" / "README.md").read_text()
    )


def test_only_missing_answers_are_asked(tmp_path: Path) -> None:
    """What is given as an option is not asked."""
    result = run(
        PROJECT, "--project-slug", "shop", "--description=y", folder=tmp_path, answers="\n9000\n"
    )
    assert result.returncode == 0, result.stderr
    assert "[1/2] project_name" in result.stdout
    assert "[2/2] port" in result.stdout
    assert (tmp_path / "shop" / ".env").read_text() == "PORT=9000\n"


def test_no_input(tmp_path: Path) -> None:
    """With every answer as an option nothing is asked, and the output says what comes next."""
    options = [
        "--no-input",
        "--project-slug",
        "q1",
        "--project-name",
        "Q",
        "--description",
        "d",
        "--port",
        "8081",
    ]
    result = run(PROJECT, *options, folder=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert "Created " + str(tmp_path / "q1") in result.stdout
    assert "http://localhost:8081" in result.stdout
    assert not (tmp_path / "no-home").exists()


def test_progress(tmp_path: Path) -> None:
    """Each file is shown in a tree, folders first met, before the path and the next steps."""
    run(PROJECT, "--no-input", folder=tmp_path)
    project = tmp_path / "webaio-project"
    result = run(APP, "--no-input", "--app-name", "api", folder=project)
    assert result.stdout == (
        "api/\n"
        "├── __init__.py\n"
        "├── routes.py\n"
        "├── tests/\n"
        "│   ├── __init__.py\n"
        "│   └── test_api.py\n"
        "└── views.py\n"
        "\n"
        f"Created {project}/apps/api\n"
        "\n"
        "Next, in routes.py:\n"
        "  from apps.api.routes import routespatters as api_routes_patterns\n"
        "\n"
        "  routespatters += api_routes_patterns\n"
        "\n"
        "Its tests pass already: pytest apps/api\n"
    )


@pytest.mark.parametrize("command", [PROJECT, APP])
def test_dry_run(tmp_path: Path, command: str) -> None:
    """`--dry-run` shows the tree that would be created, and leaves nothing."""
    run(PROJECT, "--no-input", folder=tmp_path)
    project = tmp_path / "webaio-project"
    before = sorted(project.rglob("*"))
    result = run(command, "--no-input", "--dry-run", folder=project)
    assert (result.returncode, result.stderr) == (0, "")
    assert "── " in result.stdout
    assert result.stdout.endswith(": this is a dry run.\n")
    assert sorted(project.rglob("*")) == before


def test_dry_run_refuses_what_the_run_refuses(tmp_path: Path) -> None:
    """A dry run that succeeds is a promise: what stands in the way is told by it, too."""
    (tmp_path / "webaio-project").mkdir()
    result = run(PROJECT, "--no-input", "--dry-run", folder=tmp_path)
    assert result.returncode == 1
    assert "exists already" in result.stderr


def test_output_dir(tmp_path: Path) -> None:
    """`--output-dir` is where the project is created, and it must be there."""
    (tmp_path / "there").mkdir()
    options = ("--no-input", "--kubernetes", "--output-dir")
    assert run(PROJECT, *options, "there", folder=tmp_path).returncode == 0
    assert (tmp_path / "there" / "webaio-project" / "kubernetes.yml").is_file()
    result = run(PROJECT, *options, "nowhere", folder=tmp_path)
    assert result.returncode == 1
    assert "nowhere is not a folder" in result.stderr


def test_resource(tmp_path: Path) -> None:
    """`--resource` makes a viewset; a name that it cannot have is refused before any question."""
    run(PROJECT, "--no-input", folder=tmp_path)
    project = tmp_path / "webaio-project"
    result = run(APP, "--resource", "Artist", folder=project)
    assert result.returncode == 1
    assert "resource 'Artist' cannot name" in result.stderr
    assert "app_name" not in result.stdout
    assert run(APP, "--resource", "artist", folder=project, answers="api\n").returncode == 0
    assert "class ArtistViewSet" in (project / "apps" / "api" / "views.py").read_text()
    result = run(APP, "--resource", "artist", folder=project)
    assert result.returncode == 1
    assert "resource 'artist' would answer /artist/, as apps/api/routes.py does" in result.stderr
    assert "app_name" not in result.stdout


def test_database(tmp_path: Path) -> None:
    """`--database` is no question; what comes next is told with its migrations."""
    result = run(PROJECT, "--database", "sqlite", folder=tmp_path, answers="shop\n\n\n\n")
    assert result.returncode == 0, result.stderr
    assert "[4/4] port (8080):" in result.stdout
    assert "  alembic upgrade head\n  adev runserver" in result.stdout
    options = ("--no-input", "--resource", "artist", "--fields", "name:str", "born:int?")
    result = run(APP, *options, folder=tmp_path / "shop")
    assert result.returncode == 0, result.stderr
    steps = '  alembic revision --autogenerate -m "artist"\n  alembic upgrade head\n'
    assert f"{steps}\nIts tests pass then: pytest apps/app\n" in result.stdout
    assert "born: Mapped[int | None]" in (tmp_path / "shop/apps/app/tables.py").read_text()


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        (PROJECT, ["--database", "sqlite", "--kubernetes"], "'sqlite' is a file"),
        (APP, ["--fields", "name:str"], "Say which: --resource artist"),
        (APP, ["--resource", "artist", "--fields", "name"], "field 'name' cannot be read"),
    ],
)
def test_refused_before_any_question(
    tmp_path: Path, command: str, options: list[str], message: str
) -> None:
    """An option that cannot be used is refused before somebody has answered."""
    run(PROJECT, "--no-input", folder=tmp_path)
    result = run(command, *options, folder=tmp_path / "webaio-project")
    assert result.returncode == 1
    assert message in result.stderr
    assert result.stdout == ""


def test_plain_terminal(tmp_path: Path) -> None:
    """Where the terminal knows ASCII only the command says the same in ASCII."""
    done = subprocess.run(
        [str(SCRIPTS / PROJECT), "--no-input"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"+-- main.py" in done.stdout


def test_nobody_reads(tmp_path: Path) -> None:
    """Whoever closes the output early (`| head -1`) has the project, and status 0."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [str(SCRIPTS / PROJECT), "--no-input"]
    done = subprocess.run(
        command, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "webaio-project" / "main.py").is_file()


def test_closed_output(tmp_path: Path) -> None:
    """Without a standard output the project is created as well, in silence."""
    done = subprocess.run(
        ["sh", "-c", f"{SCRIPTS / PROJECT} --no-input >&-"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "webaio-project" / "main.py").is_file()


def test_nobody_answers(tmp_path: Path) -> None:
    """Without a standard input there is a message, and nothing is created."""
    done = subprocess.run(
        ["sh", "-c", f"{SCRIPTS / PROJECT} <&-"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"The answers ended early" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_app(tmp_path: Path) -> None:
    """The second command asks for the app's name, in the project's root."""
    run(PROJECT, "--no-input", folder=tmp_path)
    project = tmp_path / "webaio-project"
    result = run(APP, folder=project, answers="api\n")
    assert result.returncode == 0, result.stderr
    assert "[1/1] app_name (app):" in result.stdout
    assert "from apps.api.routes import routespatters as api_routes_patterns" in result.stdout
    assert (project / "apps" / "api" / "views.py").is_file()


def test_wrong_answer_is_asked_again(tmp_path: Path) -> None:
    """A prompt that gets an answer it cannot use says why, and asks again."""
    result = run(PROJECT, folder=tmp_path, answers="../x\nshop\n\n\nhttp\n8080\n")
    assert result.returncode == 0, result.stderr
    assert "project_slug '../x' cannot name" in result.stderr
    assert "port 'http' cannot be used" in result.stderr
    assert (tmp_path / "shop").is_dir()


def test_taken_place_is_asked_again(tmp_path: Path) -> None:
    """So does one that is told a name which is taken, before the other questions come."""
    (tmp_path / "taken").mkdir()
    result = run(PROJECT, folder=tmp_path, answers="taken\nfree\n\n\n\n")
    assert result.returncode == 0, result.stderr
    assert "taken exists already" in result.stderr
    assert list((tmp_path / "taken").iterdir()) == []
    again = run(APP, folder=tmp_path / "free", answers="api\n")
    assert again.returncode == 0, again.stderr
    again = run(APP, folder=tmp_path / "free", answers="api\nother\n")
    assert "apps/api exists already" in again.stderr


def test_folder_that_is_gone(tmp_path: Path) -> None:
    """A command in a folder that was removed says so."""
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f"cd {gone} && rmdir {gone} && {SCRIPTS / PROJECT} --no-input"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("webaio-create-project: This folder is gone")


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        (PROJECT, ["--no-input", "--project-slug", "../x"], "cannot name the folder"),
        (PROJECT, ["--no-input", "--project-slug", "taken"], "exists already"),
        (PROJECT, ["--no-input", "--port", "x"], "port 'x' cannot be used"),
        (PROJECT, [], "The answers ended early"),
        (PROJECT, ["--project-slug", "taken"], "exists already"),
        (PROJECT, ["--port", "0"], "port '0' cannot be used"),
        (APP, ["--no-input"], "is not the root of a webaio project"),
        (APP, [], "is not the root of a webaio project"),
    ],
)
def test_refusals(tmp_path: Path, command: str, options: list[str], message: str) -> None:
    """A refusal is one line that names the command, status 1, and nothing is left behind."""
    (tmp_path / "taken").mkdir()
    result = run(command, *options, folder=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith(f"{command}: ")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_usage(tmp_path: Path) -> None:
    """An unknown option is status 2; help and version are status 0."""
    assert run(PROJECT, "--colour", folder=tmp_path).returncode == 2
    assert run(PROJECT, "--database", "oracle", folder=tmp_path).returncode == 2
    shown = run(PROJECT, "--help", folder=tmp_path)
    assert shown.returncode == 0
    assert "--project-slug" in shown.stdout
    assert "examples:" in shown.stdout
    assert run(APP, "--version", folder=tmp_path).stdout.strip()


def ended_by(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """Send a signal until it is heeded, and give the errors: Python may begin to read meanwhile."""
    for _ in range(10):
        process.send_signal(number)
        try:
            return process.communicate(timeout=3)[1]
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    process.communicate()
    pytest.fail(f"{number!r} does not end it")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C at a prompt ends the command, as other signals do, and nothing is created."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", HEED, str(int(number)), str(SCRIPTS / PROJECT)],
        cwd=tmp_path,
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    os.close(terminal)
    shown = b""
    while b"project_slug" not in shown:
        shown += os.read(controller, 1000)
    errors = ended_by(process, number)
    os.close(controller)
    assert process.returncode == 1
    assert errors.endswith("webaio-create-project: Stopped; nothing was created.\n")
    assert list(tmp_path.iterdir()) == []


def test_hang_up_that_is_ignored(tmp_path: Path) -> None:
    """Under `nohup` a command goes on when its terminal is gone."""
    process = subprocess.Popen(
        ["sh", "-c", f"trap '' HUP; exec {SCRIPTS / PROJECT}"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    shown = ""
    while "project_slug" not in shown:
        shown += process.stdout.read(1)
    process.send_signal(signal.SIGHUP)
    _, errors = process.communicate("\n\n\n\n", timeout=30)
    assert (process.returncode, errors) == (0, "")
