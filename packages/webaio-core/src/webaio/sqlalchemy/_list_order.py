from collections.abc import Mapping
from typing import Any

from sqlalchemy import Integer, Select, bindparam

from webaio.filters import Order
from webaio.pagination._keyset import Cursors

from ._conditions import is_nullable, order_of

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
    ) -> None:
        self.ordering = ordering
        self._columns = [attributes[each.field] for each in ordering]
        self._clauses = order_of(ordering, attributes)
        nullable = [each.field for each in ordering if is_nullable(attributes[each.field])]
        known = {**types, **{each: types[each] | None for each in nullable}}
        self.cursors = Cursors([known[each.field] for each in ordering], name)
        self.statement = self.of(statement)

    def of(self, statement: Select[Any]) -> Select[Any]:
        """Order a statement, and let it give the values that a cursor has last."""
        ordered = statement.order_by(*self._clauses).add_columns(*self._columns)
        limited = ordered.limit(bindparam(LIMIT, type_=Integer))
        return limited.offset(bindparam(OFFSET, type_=Integer))
