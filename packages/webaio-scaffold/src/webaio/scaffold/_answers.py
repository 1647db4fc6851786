import keyword
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ._words import class_names

_SLUG: Final = re.compile(r"(?=.{2,63}$)[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*", re.DOTALL)
"""What Docker, Compose, Kubernetes and a folder all take for a name."""

_APP_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_RESOURCE: Final = re.compile(r"(?=.{2,20}$)[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.DOTALL)
_LONGEST_LINE: Final = 200
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}")
_LAST_PORT: Final = 65534
"""The development server takes the next port too."""

_DEVICES: Final = frozenset(
    {"aux", "con", "nul", "prn"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
)
"""The names that no file and no folder can have on Windows."""

_PROJECT_MODULES: Final = frozenset(
    {
        *("apps", "conftest", "database", "health", "main", "migrations", "routes", "runner"),
        *("settings", "tests"),
        *("aiohttp", "aiosqlite", "alembic", "asyncpg", "environs", "gunicorn", "msgspec"),
        *("pytest", "pythonjsonlogger", "sqlalchemy", "uvloop", "webaio"),
    }
)
"""The modules that a project has, or imports, besides Python's own."""

DATABASES: Final = ("postgresql", "sqlite")

_RESOURCE_NAMES: Final = frozenset(
    {
        *("APIClient", "APIException", "Annotated", "Any", "Base", "BaseViewSet", "ClassVar"),
        *("FIRST", "Int", "KeyError", "Limit", "Mapped", "Meta", "ModelViewSet", "Partial"),
        *("SECOND", "SimpleRouter", "String", "Struct", "Text", "Text100", "URL", "UTCDateTime"),
        "UUID",
    }
)
"""The names with a capital that the templates of a resource use themselves."""


class Refused(Exception):
    """An answer that cannot be used, or a folder where nothing can be created; says how to mend it."""


@dataclass(frozen=True, slots=True)
class Question:
    """One answer that a template needs: its name, what it means, and the check it must pass."""

    name: str
    meaning: str
    check: Callable[[str], None]


def require_answers(questions: tuple[Question, ...], answers: Mapping[str, str]) -> None:
    """Check the answers to all questions; raises `Refused` for the first that cannot be used."""
    names = [question.name for question in questions]
    for name in answers:
        if name not in names:
            raise Refused(f"No question is named {name!r}. Answer {', '.join(names)}.")
    for question in questions:
        question.check(answers[question.name])


def require_resource(text: str) -> None:
    """Raise `Refused` unless a resource can have this name."""
    if not _RESOURCE.fullmatch(text):
        raise Refused(
            f"resource {text!r} cannot name classes and a URL. Use 2 to 20 lower-case letters and "
            "digits, words joined by '_', starting with a letter: one thing, such as 'artist'."
        )
    for name in class_names(text):
        if name in _RESOURCE_NAMES or keyword.iskeyword(name):
            raise Refused(
                f"resource {text!r} would make a class {name}, and that name is needed for "
                "something else. Choose another."
            )


def require_database(text: str, *, kubernetes: bool) -> None:
    """Raise `Refused` unless a project can have this database."""
    if text not in DATABASES:
        raise Refused(f"database {text!r} is not known. Choose one of {', '.join(DATABASES)}.")
    if text == "sqlite" and kubernetes:
        raise Refused(
            "database 'sqlite' is a file, which the pods of Kubernetes cannot share. "
            "Choose postgresql."
        )


def _check_slug(text: str) -> None:
    if not _SLUG.fullmatch(text):
        raise Refused(
            f"project_slug {text!r} cannot name the folder and its container. Use 2 to 63 "
            "lower-case letters and digits, words joined by '-' or '_', starting with a letter."
        )
    if keyword.iskeyword(text) or text in sys.stdlib_module_names | _PROJECT_MODULES:
        raise Refused(
            f"project_slug {text!r} is a keyword or a module of Python that the project needs. "
            f"Choose another, such as '{text}-api'."
        )
    _require_no_device("project_slug", text, f"{text}-api")


def _check_app_name(text: str) -> None:
    if not _APP_NAME.fullmatch(text) or keyword.iskeyword(text):
        raise Refused(
            f"app_name {text!r} cannot name a Python package. Use up to 63 lower-case letters, "
            "digits and '_', starting with a letter; not a keyword of Python."
        )
    _require_no_device("app_name", text, f"{text}_app")


def _require_no_device(name: str, text: str, other: str) -> None:
    if text in _DEVICES:
        raise Refused(
            f"{name} {text!r} is a device of Windows: no folder can have that name there. "
            f"Choose another, such as {other!r}."
        )


def _check_line(name: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if any("\udc80" <= character <= "\udcff" for character in text):
            raise Refused(f"{name} {text!r} did not come as UTF-8. Set a locale of UTF-8.")
        if not text.strip() or not text.isprintable() or len(text) > _LONGEST_LINE:
            raise Refused(
                f"{name} {text!r} is not one line of text. "
                f"Give 1 to {_LONGEST_LINE} printable characters."
            )

    return check


def _check_port(text: str) -> None:
    if not _PORT.fullmatch(text) or int(text) > _LAST_PORT:
        raise Refused(f"port {text!r} cannot be used. Give a number from 1 to {_LAST_PORT}.")


PROJECT_QUESTIONS: Final = (
    Question("project_slug", "the folder and the container", _check_slug),
    Question("project_name", "the title", _check_line("project_name")),
    Question("description", "what it is for, in a line", _check_line("description")),
    Question("port", "the port on this machine", _check_port),
)
APP_QUESTIONS: Final = (Question("app_name", "the package in apps/", _check_app_name),)
