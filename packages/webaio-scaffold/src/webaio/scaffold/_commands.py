"""The two commands: what each asks, makes and tells."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ._answers import (
    APP_QUESTIONS,
    DATABASES,
    PROJECT_QUESTIONS,
    Question,
    require_database,
)
from ._fields import fields_of
from ._generate import (
    plan_app,
    plan_project,
    require_folder,
    require_new_resource,
    require_no_fields,
    require_project,
)
from ._plan import Plan, require_free


@dataclass(frozen=True, slots=True)
class Command:
    """One of the two commands: what it asks, what it makes, and what it tells."""

    name: str
    description: str
    template: str
    questions: tuple[Question, ...]
    add_options: Callable[[argparse.ArgumentParser], None]
    require_place: Callable[[argparse.Namespace], Path]
    plan: Callable[[Mapping[str, str], Path, argparse.Namespace], Plan]
    parent: str
    examples: str
    next_steps: Callable[[Plan], str]

    def check(self, place: Path, question: Question, answer: str) -> None:
        """Raise `Refused` for an answer that cannot be used, or that names a place which is taken."""
        question.check(answer)
        if question is self.questions[0]:
            require_free(place / self.parent / answer)


def _add_project_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output-dir",
        type=Path,
        metavar="FOLDER",
        help="where the project's folder is created (default: here)",
    )
    parser.add_argument(
        "--database", choices=DATABASES, help="give the project a database, with migrations"
    )
    parser.add_argument(
        "--kubernetes", action="store_true", help="add a Deployment and a Service: kubernetes.yml"
    )


def _add_app_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--resource",
        metavar="NAME",
        help="one thing, such as artist: add a typed viewset of it, with models, routes and tests",
    )
    parser.add_argument(
        "--fields",
        nargs="+",
        metavar="NAME:TYPE",
        help="the members of the resource (default: name:str); 'born:int?' may be null",
    )


def _require_project_place(options: argparse.Namespace) -> Path:
    folder: Path = options.output_dir or Path.cwd()
    require_folder(folder)
    if options.database is not None:
        require_database(options.database, kubernetes=options.kubernetes)
    return folder


def _require_app_place(options: argparse.Namespace) -> Path:
    project = Path.cwd()
    require_project(project)
    if options.resource is None:
        require_no_fields(options.fields)
    else:
        require_new_resource(options.resource, project)
    if options.fields is not None:
        fields_of(options.fields)
    return project


def _after_project(plan: Plan) -> str:
    migrate = "  alembic upgrade head\n" if "database" in plan.templates else ""
    return f"""\
Created {plan.path}

Next:
  cd {plan.path}
  docker compose up      # Compose 2.24 or later: http://localhost:{plan.answers["port"]}, its page at /swagger
  webaio-create-app      # adds an application

Without Docker:
  pip install -r requirements-dev.txt
{migrate}  adev runserver main.py --port {plan.answers["port"]} --no-livereload

The README.md there says how to test and to deploy it.
"""


def _after_app(plan: Plan) -> str:
    app = plan.answers["app_name"]
    tests = f"Its tests pass already: pytest apps/{app}\n"
    if "model" in plan.templates:
        tests = f"""\
Then the migration that makes its table; README.md says how in Docker:
  alembic revision --autogenerate -m "{plan.answers["resource"]}"
  alembic upgrade head

Its tests pass then: pytest apps/{app}
"""
    return f"""\
Created {plan.path}

Next, in routes.py:
  from apps.{app}.routes import routespatters as {app}_routes_patterns

  routespatters += {app}_routes_patterns

{tests}"""


PROJECT_COMMAND: Final = Command(
    name="webaio-create-project",
    description="Create a dockerized aiohttp project.",
    template="project",
    questions=PROJECT_QUESTIONS,
    add_options=_add_project_options,
    require_place=_require_project_place,
    plan=lambda answers, folder, options: plan_project(
        answers, folder, kubernetes=options.kubernetes, database=options.database
    ),
    parent=".",
    examples="""\
  webaio-create-project
  webaio-create-project --no-input --project-slug quickstart --port 8000
  webaio-create-project --no-input --database postgresql
  webaio-create-project --no-input --output-dir ~/projects --kubernetes --dry-run
""",
    next_steps=_after_project,
)
APP_COMMAND: Final = Command(
    name="webaio-create-app",
    description="Create an application in the project whose root is this folder.",
    template="app",
    questions=APP_QUESTIONS,
    add_options=_add_app_options,
    require_place=_require_app_place,
    plan=lambda answers, project, options: plan_app(
        answers, project, resource=options.resource, fields=options.fields
    ),
    parent="apps",
    examples="""\
  webaio-create-app
  webaio-create-app --no-input --app-name api
  webaio-create-app --no-input --app-name api --resource artist --fields name:str 'born:int?'
""",
    next_steps=_after_app,
)
