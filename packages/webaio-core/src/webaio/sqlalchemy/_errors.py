"""What the errors of a database are to a client, by their codes and never by their words."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from webaio.exceptions import (
    APIException,
    Conflict,
    PreconditionFailed,
    ServiceUnavailable,
    UnprocessableContent,
)

_RETRY_AFTER: Final = 1
"""Seconds: what a lock or a lost connection needs to pass."""


def _conflict(code: str, detail: str) -> Callable[[str | None], APIException]:
    def make(constraint: str | None) -> APIException:
        if constraint is None:
            return Conflict(detail, code=code)
        return Conflict(detail, code=code, constraint=constraint)

    return make


def _unprocessable(code: str, detail: str) -> Callable[[str | None], APIException]:
    return lambda constraint: UnprocessableContent(detail, code=code)


def _unavailable(code: str, detail: str) -> Callable[[str | None], APIException]:
    return lambda constraint: ServiceUnavailable(detail, code=code, retry_after=_RETRY_AFTER)


_UNIQUE: Final = _conflict("unique", "Another one has this already.")
_REFERENCE: Final = _conflict("reference", "It refers to what there is not, or is referred to.")
_STALE: Final = _conflict("stale", "Somebody else has changed it meanwhile.")
_EXCLUSION: Final = _conflict("exclusion", "It cannot be beside another one that there is.")
_NULL: Final = _unprocessable("required", "A value that must be there is missing.")
_CHECK: Final = _unprocessable("check", "A value breaks a rule of the database.")
_RANGE: Final = _unprocessable("range", "A value is larger than the database holds.")
_TEXT: Final = _unprocessable("format", "A text has a character that the database does not hold.")
_LOCKED: Final = _unavailable("locked", "Others work on the same data. Try again.")
_FULL: Final = _unavailable("busy", "Too many requests need the database now. Try again.")
_LOST: Final = _unavailable("disconnected", "The database was lost for a moment. Try again.")

_BY_CODE: Final = {
    "23505": _UNIQUE,
    "SQLITE_CONSTRAINT_UNIQUE": _UNIQUE,
    "SQLITE_CONSTRAINT_PRIMARYKEY": _UNIQUE,
    "SQLITE_CONSTRAINT_ROWID": _UNIQUE,
    "23503": _REFERENCE,
    "23001": _REFERENCE,
    "SQLITE_CONSTRAINT_FOREIGNKEY": _REFERENCE,
    "SQLITE_CONSTRAINT_TRIGGER": _REFERENCE,
    "23P01": _EXCLUSION,
    "23502": _NULL,
    "SQLITE_CONSTRAINT_NOTNULL": _NULL,
    "23514": _CHECK,
    "SQLITE_CONSTRAINT_CHECK": _CHECK,
    "SQLITE_CONSTRAINT_DATATYPE": _CHECK,
    "SQLITE_MISMATCH": _CHECK,
    "SQLITE_TOOBIG": _RANGE,
    "40001": _LOCKED,
    "40P01": _LOCKED,
    "55P03": _LOCKED,
    "57014": _LOCKED,
    "53300": _FULL,
    "22021": _TEXT,
    "22P05": _TEXT,
    "25P04": _LOST,
    "25P03": _LOST,
}
"""By the sqlstate of PostgreSQL and the error name of SQLite."""
_BY_CLASS: Final = {"08": _LOST, "22": _RANGE, "53": _FULL, "54": _RANGE, "57": _LOST}
"""By the first two signs of a sqlstate."""
_OF_SQLITE: Final = {"SQLITE_BUSY": _LOCKED, "SQLITE_LOCKED": _LOCKED, "SQLITE_IOERR": _LOST}
"""By the beginning of an error name."""


def api_exception_of(error: SQLAlchemyError, *, is_conditional: bool) -> APIException | None:
    """Give the answer to an error of a database; None for one that is a mistake of the program.

    `is_conditional` tells that the request says which version it is for.
    """
    if isinstance(error, StaleDataError):
        return PreconditionFailed() if is_conditional else _STALE(None)
    if isinstance(error, PoolTimeout):
        return _FULL(None)
    if isinstance(error, StatementError) and isinstance(error.orig, OverflowError):
        return _RANGE(None)  # such as a time that in UTC is before the year 1
    if not isinstance(error, DBAPIError):
        return None
    make = _maker_for(error)
    return None if make is None else make(_constraint_in(error.orig))


def _maker_for(error: DBAPIError) -> Callable[[str | None], APIException] | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return _BY_CODE.get(state) or _BY_CLASS.get(state[:2])
    name: str | None = getattr(error.orig, "sqlite_errorname", None)
    if name is not None:
        starts = (make for start, make in _OF_SQLITE.items() if name.startswith(start))
        return _BY_CODE.get(name) or next(starts, None)
    return _LOST if error.connection_invalidated else None


def _constraint_in(error: Any) -> str | None:
    """Name the constraint that is broken; SQLite tells it in words alone."""
    for each in (error, getattr(error, "__cause__", None)):
        name = getattr(each, "constraint_name", None) or getattr(
            getattr(each, "diag", None), "constraint_name", None
        )
        if isinstance(name, str):
            return name
    return None
