"""The pages of the rows of one mapped class."""

from __future__ import annotations  # of functions that are made for each viewset

import functools
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import UNSET, UnsetType
from sqlalchemy import ColumnElement, Connection, Select, func, select

from webaio.filters import Filters, Order
from webaio.pagination import Page, Paging
from webaio.pagination._keyset import ordered_to_the_key

from ._conditions import conditions_of
from ._list_order import LIMIT, OFFSET, ListOrder, counting
from ._output import Output, Row
from ._place import Part
from ._rows import Rows

_MOST_ORDERS: Final = 64


class Listing:
    """What gives pages; the statements of each order are made once."""

    def __init__(
        self,
        model: Any,
        rows: Rows,
        output: Output,
        attributes: Mapping[str, Any],
        types: Mapping[str, Any],
        key: str,
        page_type: Any,
        where: str,
    ) -> None:
        self.page_type = page_type
        self._rows = rows
        self._output = output
        self._attributes = attributes
        self._types = types
        self._key = key
        self._where = where
        self._count = select(func.count()).select_from(model).correlate(None)
        self._orders = functools.lru_cache(maxsize=_MOST_ORDERS)(self._order)

    def page(self, connection: Connection, rows: Rows, filters: Filters, paging: Paging) -> Any:
        """Read a page of the rows."""
        order = self._orders(ordered_to_the_key(filters.ordering, self._key))
        conditions = conditions_of(filters, self._attributes)
        found: list[Row] = []
        for part in order.parts(filters, paging.cursor):
            asked = self._asked(rows, order, conditions, part, paging.counts)
            limits = {LIMIT: paging.size + 1 - len(found), OFFSET: paging.offset}
            found += connection.execute(asked, limits)
            if len(found) > paging.size:
                break
        total: int | UnsetType = UNSET
        if paging.counts:
            count = self._count_of(rows, conditions)
            total = found[0][-1] if found else connection.scalar(count) or 0
        cursor_of = functools.partial(order.cursor_of, filters)
        page = paging.page(found, total=total, cursor_of=cursor_of)
        items = self._output.read(connection, page.items)
        return self.page_type(items=items, next=page.next, **_total(page))

    def _asked(
        self,
        rows: Rows,
        order: ListOrder,
        conditions: Sequence[ColumnElement[bool]],
        part: Part,
        counts: bool,
    ) -> Select[Any]:
        """Give the statement of a part of a list, made once where nothing narrows it."""
        given = (*conditions, *part.conditions)
        if not (rows.conditions or given):
            return order.counted if counts else order.statement
        is_new = rows.conditions or part.skipped
        asked = order.of(rows.statement, part.skipped) if is_new else order.statement
        asked = asked.where(*given) if given else asked
        return counting(asked, self._count_of(rows, conditions)) if counts else asked

    def _order(self, ordering: tuple[Order, ...]) -> ListOrder:
        statement = self._rows.statement
        return ListOrder(
            ordering, self._attributes, self._types, self._where, statement, self._count
        )

    def _count_of(self, rows: Rows, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
        counted = self._count.where(*rows.conditions) if rows.conditions else self._count
        return counted.where(*conditions) if conditions else counted


def _total(page: Page[Any]) -> dict[str, int]:
    return {} if page.total is UNSET else {"total": page.total}
