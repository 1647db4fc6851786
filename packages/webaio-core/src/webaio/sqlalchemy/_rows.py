from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select

Conditions = tuple[ColumnElement[bool], ...]


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

    def narrowed(self, conditions: Conditions) -> "Rows":
        """Leave out the rows of which a condition does not hold."""
        return Rows(self.statement.where(*conditions), (*self.conditions, *conditions))
