from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, Select, bindparam

from webaio.filters import Filters, Order
from webaio.pagination._keyset import Cursors

from ._conditions import is_nullable, order_of
from ._place import WHOLE, Part, parts_after

LIMIT, OFFSET = "webaio_limit", "webaio_offset"
"""The names of parameters; no column has such a name."""


class ListOrder:
    """What follows from the order of a list, made once."""

    def __init__(
        self,
        ordering: tuple[Order, ...],
        attributes: Mapping[str, Any],
        types: Mapping[str, Any],
        name: str,
        statement: Select[Any],
        count: Select[Any],
    ) -> None:
        self._ordering = ordering
        self._attributes = attributes
        self._columns = [attributes[each.field] for each in ordering]
        self._clauses = order_of(ordering, attributes)
        first = len(statement.column_descriptions)
        self._place = slice(first, first + len(ordering))
        nullable = [each.field for each in ordering if is_nullable(attributes[each.field])]
        known = {**types, **{each: types[each] | None for each in nullable}}
        self._cursors = Cursors([known[each.field] for each in ordering], name)
        self.statement = self.of(statement)
        self.counted = counting(self.statement, count)

    def of(self, statement: Select[Any], skipped: int = 0) -> Select[Any]:
        """Order a statement, by all but the first columns, and let it give what a cursor has last."""
        ordered = statement.order_by(*self._clauses[skipped:]).add_columns(*self._columns)
        limited = ordered.limit(bindparam(LIMIT, type_=Integer))
        return limited.offset(bindparam(OFFSET, type_=Integer))

    def parts(self, filters: Filters, cursor: str | None) -> Sequence[Part]:
        """Give the parts in which to read what a cursor asks for; raises `NotFound`."""
        if cursor is None:
            return (WHOLE,)
        return parts_after(self._ordering, self._attributes, self._cursors.read(filters, cursor))

    def cursor_of(self, filters: Filters, row: Sequence[Any]) -> str:
        """Name the place of a row that the statement gives."""
        return self._cursors.write(filters, row[self._place])


def counting(statement: Select[Any], count: Select[Any]) -> Select[Any]:
    """Let each row of a statement say, as its last column, how many there are on all pages."""
    return statement.add_columns(count.scalar_subquery())
