"""The rows that a body names by foreign keys: the client must be allowed to see them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, select
from sqlalchemy.orm import Mapper

from webaio.exceptions import Fault, ValidationError

from ._columns import columns_of


class Reference(Struct, frozen=True):
    """A column that names a row of another mapped class."""

    name: str
    target: Any
    key: Any
    """The attribute of the target that the column holds."""

    def statement(self, value: Any, scope: Sequence[ColumnElement[bool]]) -> Select[Any]:
        """Look for the row that a value names, among those that there are for a request."""
        return select(self.key).where(self.key == value, *scope)


def references_of(mapper: Mapper[Any]) -> Iterator[Reference]:
    """Give the columns of a class that name rows; those of tables that nobody maps are left out."""
    mappers = {each.local_table: each for each in mapper.registry.mappers}
    for name, column in columns_of(mapper).items():
        for key in column.foreign_keys:
            target = mappers.get(key.column.table)
            if target is not None:
                attribute = getattr(target.class_, target.get_property_by_column(key.column).key)
                yield Reference(name, target.class_, attribute)


def require_reached(connection: Connection, searches: Mapping[str, Select[Any]]) -> None:
    """Refuse, at its name, each row that a client names and cannot see."""
    faults = [
        Fault(place, "reference", "There is no such item")
        for place, search in searches.items()
        if connection.execute(search).first() is None
    ]
    if faults:
        raise ValidationError(errors=faults)
