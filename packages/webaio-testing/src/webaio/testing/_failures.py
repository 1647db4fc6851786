import contextlib
import json
import logging
from collections.abc import Iterator
from http import HTTPStatus
from types import TracebackType
from typing import Final

_SHOWN: Final = 2000
"""Characters of a body that a failure shows."""


class LoggedExceptions(logging.Handler):
    """Collects the exceptions that are logged as errors: those that no handler caught."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._found: list[tuple[BaseException, TracebackType | None]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception of a record with its traceback, which may be taken off later."""
        if record.exc_info and record.exc_info[1] is not None:
            self._found.append(record.exc_info[1:])

    def last(self) -> BaseException | None:
        """Give the last exception, as it was logged."""
        if not self._found:
            return None
        exception, traceback = self._found[-1]
        return exception.with_traceback(traceback)


@contextlib.contextmanager
def logged_exceptions() -> Iterator[LoggedExceptions]:
    """Collect the exceptions that are logged meanwhile."""
    collector = LoggedExceptions()
    logging.getLogger().addHandler(collector)
    try:
        yield collector
    finally:
        logging.getLogger().removeHandler(collector)


@contextlib.contextmanager
def without_logging(kind: type[Exception]) -> Iterator[None]:
    """Keep exceptions of a kind, and what was raised from one, out of the log meanwhile."""

    def is_another(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not any(isinstance(each, kind) for each in _chain(error))

    # By whatever logger they come: pytest's handlers are those of the root.
    handlers = [*logging.getLogger().handlers, logging.lastResort]
    filtered = [each for each in handlers if each is not None]
    for each in filtered:
        each.addFilter(is_another)
    try:
        yield
    finally:
        for each in filtered:
            each.removeFilter(is_another)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an exception, and those that it came from; a chain may be a ring."""
    seen = set[int]()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            waiting += [each.__cause__, each.__context__]
            waiting += each.exceptions if isinstance(each, BaseExceptionGroup) else ()
            yield each


def wrong_status(method: str, url: str, expected: int | None, status: int, body: object) -> str:
    """Say what was expected and what came, with the body, for people to read."""
    wanted = "a status below 400" if expected is None else named(expected)
    return f"{method} {url}\n  - expected {wanted}\n  + answered {named(status)}\n{shown(body)}"


def named(status: int) -> str:
    """Give a status with its name: `404 Not Found`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def shown(body: object) -> str:
    """Give a body as text, JSON indented, cut where it is long."""
    if body is None:
        return "(no body)"
    if isinstance(body, str):
        text = body
    else:
        text = json.dumps(body, indent=2, default=repr, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
