"""The rows that a body names by foreign keys: the client must be allowed to see them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import Column, Connection, Select

from webaio.exceptions import Fault, ValidationError

from ._rows import column_of

Search = tuple[str, Select[Any]]
"""A place in a body, and the statement that gives the row which is named there."""


class Reference(Struct, frozen=True):
    """A column that names a row by a column of its table."""

    name: str
    target: Column[Any]

    def search(self, statement: Select[Any], value: Any) -> Select[Any]:
        """Look for the row that a value names, among those that a statement gives."""
        return column_of(statement, self.target).where(self.target == value)


def references_of(columns: Mapping[str, Column[Any]]) -> Iterator[Reference]:
    """Give the columns that name rows."""
    for name, column in columns.items():
        for key in column.foreign_keys:
            yield Reference(name, key.column)


def require_reached(connection: Connection, searches: Iterable[Search]) -> None:
    """Refuse, at its place, each row that a client names and cannot see."""
    faults = [
        Fault(place, "reference", "There is no such item")
        for place, search in searches
        if connection.execute(search).first() is None
    ]
    if faults:
        raise ValidationError(errors=faults)
