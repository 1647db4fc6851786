from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ._answers import (
    APP_QUESTIONS,
    PROJECT_QUESTIONS,
    Refused,
    require_answers,
    require_database,
    require_resource,
)
from ._fields import fields_of, words_of_fields
from ._plan import Plan, default_answers, require_free, require_writable
from ._urls import require_free_url
from ._words import words_of

_PROJECT_MARKS: Final = ("apps/__init__.py", "main.py", "routes.py", "settings.py")
_DATABASE_MARKS: Final = ("database.py", "migrations/env.py")
_FIELDS: Final = ("name:str",)


def create_project(
    answers: Mapping[str, str],
    folder: Path,
    *,
    kubernetes: bool = False,
    database: str | None = None,
) -> Path:
    """Create a project in `folder`, and give its path: `folder/{project_slug}`.

    `answers` are `project_slug`, `project_name`, `description` and `port`; those left out have the
    template's defaults. `kubernetes` adds a Deployment and a Service, in `kubernetes.yml`. With a
    `database`, "postgresql" or "sqlite", the project has it, and its migrations.

    Raises `Refused` for an answer that cannot be used, for SQLite in Kubernetes, and when the path
    exists. Then nothing is left behind.

        create_project({"project_slug": "quickstart"}, Path.cwd(), database="sqlite")
    """
    return plan_project(answers, folder, kubernetes=kubernetes, database=database).create()


def create_app(
    answers: Mapping[str, str],
    project: Path,
    *,
    resource: str | None = None,
    fields: Sequence[str] | None = None,
) -> Path:
    """Create an app in a project, and give its path: `project/apps/{app_name}`.

    `project` is the project's root. With a `resource`, one thing such as `artist`, the app has a
    typed viewset of it, with its models, routes and tests, and its table where the project was made
    with a database. `fields` are its members, `name:str` if not given.

    Raises `Refused` when it is no project, for a name or a field that cannot be used, when the path
    exists, and when routes of the project have the app's URL. Then nothing is left behind.

        create_app({"app_name": "api"}, Path.cwd(), resource="artist", fields=["name:str", "born:int?"])
    """
    return plan_app(answers, project, resource=resource, fields=fields).create()


def plan_project(
    answers: Mapping[str, str],
    folder: Path,
    *,
    kubernetes: bool = False,
    database: str | None = None,
) -> Plan:
    """Say what `create_project` will create; raises `Refused` as it does, and writes nothing."""
    complete = default_answers("project") | dict(answers)
    require_answers(PROJECT_QUESTIONS, complete)
    if database is not None:
        require_database(database, kubernetes=kubernetes)
    require_folder(folder)
    path = folder / complete["project_slug"]
    require_free(path)
    require_writable(folder)
    added = {"database": database is not None, "kubernetes": kubernetes}
    templates = ("project", *(name for name, is_wanted in added.items() if is_wanted))
    return Plan(templates, {**complete, "database": database or ""}, path)


def plan_app(
    answers: Mapping[str, str],
    project: Path,
    *,
    resource: str | None = None,
    fields: Sequence[str] | None = None,
) -> Plan:
    """Say what `create_app` will create; raises `Refused` as it does, and writes nothing."""
    require_project(project)
    complete = default_answers("app") | dict(answers)
    require_answers(APP_QUESTIONS, complete)
    path = project / "apps" / complete["app_name"]
    require_free(path)
    require_writable(path.parent)
    if resource is None:
        require_no_fields(fields)
        require_free_url(project, "app_name", complete["app_name"], complete["app_name"])
        return Plan(("app",), complete, path)
    require_new_resource(resource, project)
    has_table = all((project / mark).is_file() for mark in _DATABASE_MARKS)
    words = words_of_fields(fields_of(_FIELDS if fields is None else fields), has_table=has_table)
    template = "model" if has_table else "resource"
    return Plan((template,), {**complete, "resource": resource, **words}, path)


def require_new_resource(resource: str, project: Path) -> None:
    """Raise `Refused` unless the project can have a resource of this name."""
    require_resource(resource)
    require_free_url(
        project, "resource", resource, words_of({"resource": resource})["resource_path"]
    )


def require_no_fields(fields: Sequence[str] | None) -> None:
    """Raise `Refused` for fields without a resource."""
    if fields is not None:
        raise Refused("fields are those of a resource. Say which: --resource artist.")


def require_folder(folder: Path) -> None:
    """Raise `Refused` unless `folder` is one."""
    if not folder.is_dir():
        raise Refused(f"{folder} is not a folder. Create it first, or choose another.")


def require_project(folder: Path) -> None:
    """Raise `Refused` unless `folder` is the root of a project."""
    for mark in _PROJECT_MARKS:
        if not (folder / mark).is_file():
            raise Refused(
                f"{folder} is not the root of a webaio project: it has no {mark}. "
                "Change to the folder that webaio-create-project made."
            )
