import keyword
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_APP_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LONGEST_LINE: Final = 200
_LAST_PORT: Final = 65534
"""The development server takes the next port too."""


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
    for question in questions:
        question.check(answers[question.name])


def _check_slug(text: str) -> None:
    if not _SLUG.fullmatch(text):
        raise Refused(
            f"project_slug {text!r} cannot name the folder and its container. Use up to 63 "
            "lower-case letters, digits, '-' and '_', starting with a letter or a digit."
        )


def _check_app_name(text: str) -> None:
    if not _APP_NAME.fullmatch(text) or keyword.iskeyword(text):
        raise Refused(
            f"app_name {text!r} cannot name a Python package. Use up to 63 lower-case letters, "
            "digits and '_', starting with a letter; not a keyword of Python."
        )


def _check_line(name: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if not text.strip() or not text.isprintable() or len(text) > _LONGEST_LINE:
            raise Refused(
                f"{name} {text!r} is not one line of text. "
                f"Give 1 to {_LONGEST_LINE} printable characters."
            )

    return check


def _check_port(text: str) -> None:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= _LAST_PORT):
        raise Refused(f"port {text!r} cannot be used. Give a number from 1 to {_LAST_PORT}.")


PROJECT_QUESTIONS: Final = (
    Question("project_slug", "the folder and the container", _check_slug),
    Question("project_name", "the title", _check_line("project_name")),
    Question("description", "what it is for, in a line", _check_line("description")),
    Question("port", "the port on this machine", _check_port),
)
APP_QUESTIONS: Final = (Question("app_name", "the package in apps/", _check_app_name),)
