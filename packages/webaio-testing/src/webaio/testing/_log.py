"""The log, as far as it tells of handlers that failed."""

import contextlib
import logging
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final

_LOGGERS: Final = ("aiohttp.server", "webaio.middlewares")
"""Those that tell of a handler that failed."""


class LoggedExceptions:
    """The exceptions that were logged as errors: those that no handler caught."""

    def __init__(self) -> None:
        self._found: list[tuple[BaseException, TracebackType | None]] = []

    def add(self, record: logging.LogRecord) -> None:
        """Keep the exception of a record with its traceback, which may be taken off later."""
        if record.exc_info and record.exc_info[1] is not None and record.levelno >= logging.ERROR:
            self._found.append(record.exc_info[1:])

    def last(self) -> BaseException | None:
        """Give the last exception, as it was logged."""
        if not self._found:
            return None
        exception, traceback = self._found[-1]
        return exception.with_traceback(traceback)


_COLLECTING: Final[list[LoggedExceptions]] = []
_SWITCHED_ON: Final = contextlib.ExitStack()


@contextlib.contextmanager
def logged_exceptions() -> Iterator[LoggedExceptions]:
    """Collect the exceptions that are logged meanwhile, also where logging is switched off."""
    collector = LoggedExceptions()
    if not _COLLECTING:  # requests may overlap
        _SWITCHED_ON.enter_context(_errors_switched_on())
    _COLLECTING.append(collector)
    try:
        yield collector
    finally:
        _COLLECTING.remove(collector)
        if not _COLLECTING:
            _SWITCHED_ON.close()


@contextlib.contextmanager
def _errors_switched_on() -> Iterator[None]:
    """Have records of errors made; those that were switched off reach no handler."""
    make_record = logging.getLogRecordFactory()
    disabled = logging.root.manager.disable
    off = {name: logging.getLogger(name) for name in _LOGGERS if not _is_on(name)}
    kept = [(logger, logger.disabled, logger.level) for logger in off.values()]

    def record_of(*arguments: Any, **options: Any) -> logging.LogRecord:
        record = make_record(*arguments, **options)
        for collector in _COLLECTING:
            collector.add(record)
        # makeLogRecord() has no level yet.
        if (record.levelno or 0) <= disabled or record.name in off:
            record.levelno = logging.NOTSET - 1  # below that of every handler
        return record

    logging.setLogRecordFactory(record_of)
    logging.disable(min(disabled, logging.ERROR - 1))
    for logger in off.values():
        logger.disabled = False
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, was_disabled, level in kept:
            logger.disabled = was_disabled
            logger.setLevel(level)
        logging.disable(disabled)
        logging.setLogRecordFactory(make_record)


def _is_on(name: str) -> bool:
    return logging.getLogger(name).isEnabledFor(logging.ERROR)


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
