import ast
import json
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import webaio.scaffold
from webaio.scaffold import Refused, create_app, create_project

PROJECT_FILES = {
    ".dockerignore",
    ".env",
    ".gitignore",
    "Dockerfile",
    "README.md",
    "apps/__init__.py",
    "conftest.py",
    "docker-compose.yml",
    "local.env",
    "main.py",
    "pyproject.toml",
    "requirements.txt",
    "routes.py",
    "settings.py",
}
APP_FILES = {"__init__.py", "routes.py", "views.py", "tests/__init__.py", "tests/test_api.py"}


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_project(tmp_path: Path) -> None:
    """The tutorial's files are there, and nothing else is left behind."""
    path = create_project({"project_slug": "quickstart"}, tmp_path)
    assert path == tmp_path / "quickstart"
    assert files_of(path) == PROJECT_FILES
    assert list(tmp_path.iterdir()) == [path]


def test_compiled_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an installer compiled of the templates does not come into a project."""
    templates = Path(webaio.scaffold.__file__).with_name("templates")
    copied = tmp_path / "templates"
    shutil.copytree(templates, copied)
    for folder in copied.glob("*/*/"):
        (folder / "__pycache__").mkdir(exist_ok=True)
        (folder / "__pycache__" / "main.pyc").write_bytes(b"")
    monkeypatch.setattr("webaio.scaffold._generate._TEMPLATES", copied)
    (tmp_path / "made").mkdir()
    assert files_of(create_project({}, tmp_path / "made")) == PROJECT_FILES


def test_defaults(tmp_path: Path) -> None:
    """Answers that are left out have the tutorial's defaults."""
    path = create_project({}, tmp_path)
    assert path.name == "webaio-project"
    assert (path / ".env").read_text() == "PORT=8080\n"
    assert (
        "# Webaio Project\n\nA short description of the project\n"
        in (path / "README.md").read_text()
    )


def test_app(tmp_path: Path) -> None:
    """An app is a package in `apps`, and nothing else of the project is touched."""
    project = create_project({}, tmp_path)
    path = create_app({"app_name": "api"}, project)
    assert path == project / "apps" / "api"
    assert files_of(path) == APP_FILES
    assert files_of(project) == PROJECT_FILES | {f"apps/api/{name}" for name in APP_FILES}


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"project_slug": ""}, "project_slug '' cannot name"),
        ({"project_slug": "../up"}, "project_slug '../up' cannot name"),
        ({"project_slug": "/srv/x"}, "cannot name"),
        ({"project_slug": "a/b"}, "cannot name"),
        ({"project_slug": "."}, "cannot name"),
        ({"project_slug": "-x"}, "cannot name"),
        ({"project_slug": "Upper"}, "cannot name"),
        ({"project_slug": "x\n"}, "cannot name"),
        ({"project_slug": "a" * 64}, "cannot name"),
        ({"project_name": ""}, "project_name '' is not one line"),
        ({"project_name": " "}, "project_name ' ' is not one line"),
        ({"project_name": "a\nb"}, "is not one line"),
        ({"description": "a\x00b"}, "description 'a\\x00b' is not one line"),
        ({"description": "x" * 201}, "is not one line"),
        ({"description": "\ud800"}, "is not one line"),
        ({"port": "0"}, "port '0' cannot be used"),
        ({"port": "65535"}, "port '65535' cannot be used"),
        ({"port": "http"}, "port 'http' cannot be used"),
        ({"port": "-1"}, "cannot be used"),
        ({"port": "٣"}, "cannot be used"),
        ({"port": "1" * 10000}, "cannot be used"),
    ],
)
def test_refused_projects(tmp_path: Path, answers: dict[str, str], message: str) -> None:
    """An answer that cannot be used is refused with its name, and nothing is created."""
    with pytest.raises(Refused) as caught:
        create_project(answers, tmp_path)
    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "class", "my-app", "../x", "Api", "1st", "_x", "api\n", "ä"])
def test_refused_apps(tmp_path: Path, name: str) -> None:
    """An app's name is a Python package's."""
    project = create_project({}, tmp_path)
    with pytest.raises(Refused, match="cannot name a Python package"):
        create_app({"app_name": name}, project)
    assert files_of(project) == PROJECT_FILES


def test_only_in_a_project(tmp_path: Path) -> None:
    """An app is created in a project's root only."""
    with pytest.raises(Refused, match=r"is not the root of a webaio project: it has no apps"):
        create_app({"app_name": "api"}, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["folder", "file", "broken link"])
def test_never_overwrites(tmp_path: Path, kind: str) -> None:
    """Whatever stands at the path stays as it is."""
    path = tmp_path / "quickstart"
    if kind == "folder":
        path.mkdir()
    elif kind == "file":
        path.write_text("mine")
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(Refused, match="exists already"):
        create_project({"project_slug": "quickstart"}, tmp_path)
    assert list(tmp_path.iterdir()) == [path]
    assert kind != "file" or path.read_text() == "mine"
    assert kind != "folder" or list(path.iterdir()) == []


def test_place_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder that is not there is refused as well."""
    with pytest.raises(Refused, match="cannot be written: No such file"):
        create_project({}, tmp_path / "nowhere")


def test_failure_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step fails nothing is left: the folder appears whole or not at all."""

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.rename", fail)
    with pytest.raises(Refused, match="No space left on device"):
        create_project({}, tmp_path)
    assert list(tmp_path.iterdir()) == []


LINES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).filter(
    lambda text: text.isprintable() and text.strip()
)
SNAGS = st.sampled_from(
    ['"', "'", '"""', "\\", "{{ x }}", "{% raw %}", "${PORT}", "#}", "%s", "\\N{x}"]
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(
    slug=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,62}", fullmatch=True),
    name=LINES | SNAGS,
    description=LINES | SNAGS,
    port=st.integers(1, 65534),
)
def test_any_answers(
    tmp_path_factory: pytest.TempPathFactory, slug: str, name: str, description: str, port: int
) -> None:
    """Whatever the answers, every file is valid and says them to the letter."""
    path = create_project(
        {
            "project_slug": slug,
            "project_name": name,
            "description": description,
            "port": str(port),
        },
        tmp_path_factory.mktemp("any"),
    )
    for source in path.rglob("*.py"):
        ast.parse(source.read_text("utf-8"), source.name)
    strings = [
        node.value
        for node in ast.walk(ast.parse((path / "main.py").read_text("utf-8")))
        if isinstance(node, ast.Constant)
    ]
    assert name in strings
    assert f"# {name}\n\n{description}\n" in (path / "README.md").read_text("utf-8")
    assert list(yaml.safe_load((path / "docker-compose.yml").read_text())["services"]) == [slug]
    assert tomllib.loads((path / "pyproject.toml").read_text())
    assert (path / ".env").read_text() == f"PORT={port}\n"
    assert json.loads((path / "Dockerfile").read_text().rpartition("CMD ")[2])[-1].endswith(
        f":{port}"
    )
