import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cookiecutter.generate import generate_context, generate_files

from ._answers import APP_QUESTIONS, PROJECT_QUESTIONS, Refused, require_answers

_TEMPLATES: Final = Path(__file__).with_name("templates")
_PROJECT_MARKS: Final = ("apps/__init__.py", "main.py", "routes.py", "settings.py")


def default_answers(template: str) -> dict[str, str]:
    """Give the answers that the template `project` or `app` itself proposes."""
    context: dict[str, Any] = generate_context(str(_TEMPLATES / template / "cookiecutter.json"))
    return {name: str(value) for name, value in context["cookiecutter"].items()}


def create_project(answers: Mapping[str, str], folder: Path) -> Path:
    """Create a project in `folder`, and give its path: `folder/{project_slug}`.

    `answers` are `project_slug`, `project_name`, `description` and `port`; those left out have the
    template's defaults.

    Raises `Refused` for an answer that cannot be used, and when the path exists. Then nothing is
    left behind.

        create_project({"project_slug": "quickstart"}, Path.cwd())
    """
    complete = default_answers("project") | dict(answers)
    require_answers(PROJECT_QUESTIONS, complete)
    return _rendered("project", complete, folder / complete["project_slug"])


def create_app(answers: Mapping[str, str], project: Path) -> Path:
    """Create an app in a project, and give its path: `project/apps/{app_name}`.

    `project` is the project's root. Raises `Refused` when it is not, for an `app_name` that cannot
    be used, and when the path exists. Then nothing is left behind.

        create_app({"app_name": "api"}, Path.cwd())
    """
    require_project(project)
    complete = default_answers("app") | dict(answers)
    require_answers(APP_QUESTIONS, complete)
    return _rendered("app", complete, project / "apps" / complete["app_name"])


def require_project(folder: Path) -> None:
    """Raise `Refused` unless `folder` is the root of a project."""
    for mark in _PROJECT_MARKS:
        if not (folder / mark).is_file():
            raise Refused(
                f"{folder} is not the root of a webaio project: it has no {mark}. "
                "Change to the folder that webaio-create-project made."
            )


def require_free(path: Path) -> None:
    """Raise `Refused` when something stands at `path`; nothing is ever overwritten."""
    if os.path.lexists(path):
        raise Refused(f"{path} exists already. Choose another name, or move it away.")


def _rendered(template: str, answers: Mapping[str, str], path: Path) -> Path:
    """Render beside the path, and move the whole there at the end: nobody sees half of it."""
    require_free(path)
    context = {"cookiecutter": {**answers, **_literals(answers)}}
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".webaio-") as scratch:
            made = generate_files(_TEMPLATES / template, context, scratch, accept_hooks=False)
            _remove_compiled(Path(made))
            os.rename(made, path)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror or error}.") from error
    return path


def _remove_compiled(folder: Path) -> None:
    """Remove what an installer compiled of the template's Python files."""
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)


def _literals(answers: Mapping[str, str]) -> dict[str, str]:
    """Give each answer as a string literal too, for the template's Python: `project_name_literal`."""
    return {
        f"{name}_literal": json.dumps(value, ensure_ascii=False) for name, value in answers.items()
    }
