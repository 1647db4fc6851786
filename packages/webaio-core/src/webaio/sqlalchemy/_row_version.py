"""The version of a row, in the statements that write it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import BigInteger, Column, ColumnElement, Integer, SmallInteger, bindparam, false

from webaio.conditions._preconditions import Preconditions
from webaio.exceptions import ImproperlyConfigured

from ._rows import Conditions
from ._types import UTCDateTime

_VERSIONS, _OTHERS, _SINCE = "webaio_versions", "webaio_others", "webaio_since"
"""The names of parameters; no column has such a name."""
_FIRST: Final = 1


class Expected(Struct, frozen=True):
    """What must hold of a row that is written: conditions, made once, and their parameters."""

    conditions: Conditions = ()
    parameters: Mapping[str, Any] = {}


class RowVersion:
    """The columns of a version and of the time of the last change; None for one that there is not."""

    def __init__(
        self, columns: Mapping[str, Column[Any]], version: Any, last_modified: Any, where: str
    ) -> None:
        self.version = _column(columns, version, f"{where}.version")
        self.last_modified = _column(columns, last_modified, f"{where}.last_modified")
        if self.version is not None:
            _require_integer(self.version, f"{where}.version")
            self._is_one = self.version.in_(_several(_VERSIONS))
            self._is_none = self.version.not_in(_several(_OTHERS))
        if self.last_modified is not None:
            _require_instant(self.last_modified, f"{where}.last_modified")
            self._is_unmodified = self.last_modified < bindparam(_SINCE, type_=UTCDateTime())

    @property
    def of_new(self) -> dict[str, int]:
        """What a new row has, where no default says it."""
        column = self.version
        is_said = column is None or column.default is not None or column.server_default is not None
        return {} if column is None or is_said else {column.key: _FIRST}

    @property
    def of_written(self) -> dict[Any, Any]:
        """What each write sets."""
        return {} if self.version is None else {self.version: self.version + 1}

    def expected(self, given: Preconditions | None) -> Expected:
        """Write the conditions of a request; If-Match `*` says nothing of a row that is there."""
        if given is None:
            return NOTHING
        conditions: list[ColumnElement[bool]] = []
        parameters: dict[str, Any] = {}
        if self.version is not None and given.if_match is not None and not given.if_match.is_any:
            conditions.append(self._is_one)
            parameters[_VERSIONS] = _numbers(given.if_match.tags, self.version)
        if self.last_modified is not None and given.unmodified_since is not None:
            conditions.append(self._is_unmodified)
            parameters[_SINCE] = given.unmodified_since + timedelta(seconds=1)
        others = given.if_none_match
        if others is not None and others.is_any:
            conditions.append(_NEVER)
        elif others is not None and self.version is not None:
            conditions.append(self._is_none)
            parameters[_OTHERS] = _numbers(others.tags | others.weak_tags, self.version)
        return Expected((*conditions,), parameters)


NOTHING: Final = Expected()
_NEVER: Final[ColumnElement[bool]] = false()


def _several(name: str) -> Any:
    return bindparam(name, expanding=True)


def _numbers(tags: frozenset[str], column: Column[Any]) -> list[int]:
    """Give the tags that are a version: numbers as they are written, which the column can hold."""
    bits = 15 if isinstance(column.type, SmallInteger) else 31
    most = 2 ** (63 if isinstance(column.type, BigInteger) else bits)
    found = [int(each) for each in tags if each.isascii() and each.isdigit() and len(each) < 20]
    return [each for each in found if each < most and str(each) in tags]


def _column(columns: Mapping[str, Column[Any]], name: Any, where: str) -> Column[Any] | None:
    if name is None:
        return None
    if name not in columns:
        raise ImproperlyConfigured(where, f"it is {name!r}, which is no column", "Name one")
    return columns[name]


def _require_integer(column: Column[Any], where: str) -> None:
    if not isinstance(column.type, Integer) or column.nullable or column.primary_key:
        raise ImproperlyConfigured(
            where,
            f"{column.name!r} is no column that can count: an integer that is never null",
            "Write `version: Mapped[int]`",
        )


def _require_instant(column: Column[Any], where: str) -> None:
    if not isinstance(column.type, UTCDateTime):
        raise ImproperlyConfigured(
            where,
            f"{column.name!r} does not keep an instant on each database",
            "Write `mapped_column(UTCDateTime)`",
        )
