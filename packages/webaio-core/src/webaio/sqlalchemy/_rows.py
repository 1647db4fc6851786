from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select

Conditions = tuple[ColumnElement[bool], ...]


def column_of(statement: Select[Any], column: Any) -> Select[Any]:
    """Let a statement give one column of its rows, for a condition of others."""
    found = statement.with_only_columns(column, maintain_column_froms=True)
    return found.correlate(None)


class Beside(Struct, frozen=True):
    """An item, and the columns that its model does not have."""

    item: Any
    columns: dict[str, Any]


class Rows(Struct, frozen=True):
    """The rows of a class that there are for a request: all, where there are no conditions."""

    statement: Select[Any]
    """It gives what the model of an item needs."""
    conditions: Conditions = ()
    """What the statement has, for statements that write."""
    may_be_left: bool = False
    """Whether what is written of a row can put it out of them."""

    def narrowed(self, conditions: Conditions, *, may_be_left: bool = True) -> "Rows":
        """Leave out the rows of which a condition does not hold."""
        return Rows(
            self.statement.where(*conditions),
            (*self.conditions, *conditions),
            self.may_be_left or may_be_left,
        )
