import argparse
import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from ._answers import APP_QUESTIONS, PROJECT_QUESTIONS, Question, Refused
from ._ask import ask
from ._generate import create_app, create_project, default_answers, require_free, require_project


@dataclass(frozen=True, slots=True)
class Command:
    """One of the two commands: what it asks, what it makes, and what it tells."""

    name: str
    description: str
    template: str
    questions: tuple[Question, ...]
    create: Callable[[Mapping[str, str], Path], Path]
    example: str
    next_steps: str
    require_place: Callable[[Path], None] = lambda folder: None
    parent: str = "."

    def check(self, folder: Path, question: Question, answer: str) -> None:
        """Raise `Refused` for an answer that cannot be used, or that names a place which is taken."""
        question.check(answer)
        if question is self.questions[0]:
            require_free(folder / self.parent / answer)


PROJECT_COMMAND: Final = Command(
    name="webaio-create-project",
    description="Create a dockerized aiohttp project in this folder.",
    template="project",
    questions=PROJECT_QUESTIONS,
    create=create_project,
    example="webaio-create-project --no-input --project-slug quickstart --port 8000",
    next_steps="""\
Created {path}

Next:
  cd {project_slug}
  docker-compose up      # the API is at http://localhost:{port}, its page at /swagger
  webaio-create-app      # adds an application
""",
)
APP_COMMAND: Final = Command(
    name="webaio-create-app",
    description="Create an application in the project whose root is this folder.",
    template="app",
    questions=APP_QUESTIONS,
    create=create_app,
    example="webaio-create-app --no-input --app-name api",
    next_steps="""\
Created {path}

Next, in routes.py:
  from apps.{app_name}.routes import routespatters as {app_name}_routes_patterns

  routespatters += {app_name}_routes_patterns
""",
    require_place=require_project,
    parent="apps",
)


def create_project_command(arguments: Sequence[str] | None = None) -> int:
    """Run `webaio-create-project`; gives 0, or 1 with a message where nothing was created."""
    return _run(PROJECT_COMMAND, arguments)


def create_app_command(arguments: Sequence[str] | None = None) -> int:
    """Run `webaio-create-app`; gives 0, or 1 with a message where nothing was created."""
    return _run(APP_COMMAND, arguments)


def _run(command: Command, arguments: Sequence[str] | None) -> int:
    defaults = default_answers(command.template)
    options = vars(_parser(command, defaults).parse_args(arguments))
    no_input = options.pop("no_input")
    given = {name: value for name, value in options.items() if value is not None}
    try:
        folder = Path.cwd()
        command.require_place(folder)
        check = functools.partial(command.check, folder)
        asked = {} if no_input else ask(command.questions, defaults, given, check)
        answers = {**defaults, **given, **asked}
        path = command.create(answers, folder)
    except Refused as refusal:
        return _failed(command, str(refusal))
    except FileNotFoundError as error:
        return _failed(command, f"This folder is gone ({error}). Change to one that is there.")
    except EOFError:
        return _failed(command, "The answers ended early. Give them as options, or --no-input.")
    except KeyboardInterrupt:
        return _failed(command, "Stopped; nothing was created.")
    print(command.next_steps.format(path=path, **answers), end="")
    return 0


def _failed(command: Command, message: str) -> int:
    print(f"{command.name}: {message}", file=sys.stderr)
    return 1


def _parser(command: Command, defaults: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        command.name,
        description=f"{command.description} What is not given as an option is asked for.",
        epilog=f"example:\n  {command.example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--no-input", action="store_true", help="ask nothing: take the defaults for the rest"
    )
    for question in command.questions:
        parser.add_argument(
            f"--{question.name.replace('_', '-')}",
            metavar="TEXT",
            help=f"{question.meaning} (default: {defaults[question.name]})",
        )
    parser.add_argument("--version", action="version", version=version("webaio-scaffold"))
    return parser
