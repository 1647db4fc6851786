"""The statements of one model viewset, made once."""

from __future__ import annotations  # of functions that are made for each viewset

import functools
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from msgspec import UNSET, UnsetType
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from webaio.exceptions import Fault, NotFound, ValidationError
from webaio.filters import Filters, Order
from webaio.pagination import Page, Paging, page_of
from webaio.pagination._keyset import Cursors, ordered_to_the_key

from ._columns import columns_of, key_of, mapper_of, types_of
from ._conditions import after, conditions_of, order_of
from ._output import Output, Row

_KEY, _LIMIT, _OFFSET = "webaio_key", "webaio_limit", "webaio_offset"
"""The names of parameters; no column has such a name."""
_MOST_ORDERS: Final = 64
_OUT_OF_SIGHT: Final = Fault("", "scope", "You would not see the item any more")
Conditions = Sequence[ColumnElement[bool]]


class Resource:
    """What is read and written of one mapped class. Its functions run on a connection."""

    def __init__(self, model: Any, out: Any, where: str) -> None:
        self._where = where
        mapper = mapper_of(model, where)
        self.model = model
        self.key, self.key_column = key_of(mapper, where)
        self.columns = columns_of(mapper)
        self.types = types_of(self.columns)
        self.page_type: Any = page_of(out)
        self.output = Output(model, out, f"{where}, {getattr(out, '__qualname__', out)}")
        self.statement = self.output.select()
        self._attributes = {name: getattr(model, name) for name in self.columns}
        self._by_key = self._attributes[self.key]
        table: Any = mapper.local_table
        self.table = table
        is_it = self.key_column == bindparam(_KEY, type_=self.key_column.type)
        given = self.output.columns if self.output.is_flat else [self._by_key]
        self._detail = self.statement.where(is_it)
        self._count = select(func.count()).select_from(model)
        self._insert = insert(table).returning(*given)
        self._insert_many = insert(table).returning(*given, sort_by_parameter_order=True)
        self._update = update(table).where(is_it).returning(*given)
        self._delete = delete(table).where(is_it)
        self._orders = functools.lru_cache(maxsize=_MOST_ORDERS)(self._order)

    def page(
        self, connection: Connection, statement: Select[Any], filters: Filters, paging: Paging
    ) -> Any:
        """Read a page of what a statement gives."""
        order = self._orders(ordered_to_the_key(filters.ordering, self.key))
        conditions = conditions_of(filters, self._attributes)
        total: int | UnsetType = UNSET
        if paging.counts:
            total = connection.scalar(self._count_of(statement, conditions)) or 0
        asked = order.statement if statement is self.statement else order.of(statement)
        if paging.cursor is not None:
            place = order.cursors.read(filters, paging.cursor)
            conditions.append(after(order.ordering, self._attributes, place))
        if conditions:
            asked = asked.where(*conditions)
        limits = {_LIMIT: paging.size + 1, _OFFSET: paging.offset}
        rows = connection.execute(asked, limits).all()

        def cursor_of(row: Row) -> str:
            return order.cursors.write(filters, row[-len(order.ordering) :])

        page = paging.page(rows, total=total, cursor_of=cursor_of)
        items = self.output.read(connection, page.items)
        return self.page_type(items=items, next=page.next, **_total(page))

    def one(self, connection: Connection, statement: Select[Any], key: Any) -> Any:
        """Read one item of what a statement gives; raises `NotFound`."""
        if statement is self.statement:
            rows = connection.execute(self._detail, {_KEY: key}).all()
        else:
            rows = connection.execute(statement.where(self._by_key == key)).all()
        if not rows:
            raise NotFound
        return self.output.read(connection, rows)[0]

    def is_in(self, statement: Select[Any]) -> ColumnElement[bool]:
        """Write the condition of the rows that another statement of the class gives."""
        keys = statement.with_only_columns(self._by_key, maintain_column_froms=True)
        found: ColumnElement[bool] = self._by_key.in_(keys.correlate(None))
        return found

    def insert(self, connection: Connection, values: Mapping[str, Any], given: Select[Any]) -> Any:
        """Write a new item, and give it as a statement gives it.

        Raises `ValidationError` where that does not: the client would not see what it has made.
        """
        return self._given(connection, self._insert, self._by_column(values), given)

    def insert_all(
        self, connection: Connection, rows: Sequence[Mapping[str, Any]], given: Select[Any]
    ) -> list[Any]:
        """Write new items, which have the same columns, and give them in their order.

        Raises `ValidationError` as `insert` does.
        """
        values = [self._by_column(each) for each in rows]
        written = connection.execute(self._insert_many, values).all()
        if self.output.is_flat and given is self.statement:
            return self.output.read(connection, written)
        keys = [row[0] for row in written]
        found = connection.execute(given.where(self._by_key.in_(keys))).all()
        by_key = {row[0]: row for row in found}
        if len(by_key) < len(keys):
            raise ValidationError(errors=[_OUT_OF_SIGHT])
        return self.output.read(connection, [by_key[key] for key in keys])

    def delete_all(
        self, connection: Connection, keys: Collection[Any], conditions: Conditions
    ) -> int:
        """Take items away, and give how many there were."""
        written = delete(self._delete.table).where(self._by_key.in_(keys), *conditions)
        return connection.execute(written).rowcount

    def batch(
        self, connection: Connection, statement: Select[Any], last: Any, size: int
    ) -> tuple[list[Any], Any]:
        """Read some items after a key, in the order of the keys, and give the last key with them."""
        asked = statement.order_by(None).order_by(self._by_key).limit(size)
        rows = connection.execute(asked if last is None else asked.where(self._by_key > last)).all()
        return self.output.read(connection, rows), rows[-1][0] if len(rows) == size else None

    def update(
        self,
        connection: Connection,
        key: Any,
        values: Mapping[str, Any],
        conditions: Conditions,
        given: Select[Any],
    ) -> Any:
        """Change an item, and give it as `insert` does; raises `NotFound`, too."""
        written = self._update.where(*conditions) if conditions else self._update
        return self._given(connection, written, {**self._by_column(values), _KEY: key}, given)

    def delete(self, connection: Connection, key: Any, conditions: Conditions) -> None:
        """Take an item away; raises `NotFound`."""
        written = self._delete.where(*conditions) if conditions else self._delete
        if connection.execute(written, {_KEY: key}).rowcount == 0:
            raise NotFound

    def _given(
        self, connection: Connection, written: Any, values: Mapping[str, Any], given: Select[Any]
    ) -> Any:
        """Give the item that a statement writes, by the same statement where that can be."""
        row = connection.execute(written, values).first()
        if row is None:
            raise NotFound
        if self.output.is_flat and given is self.statement:
            return self.output.read(connection, [row])[0]
        try:
            return self.one(connection, given, row[0])
        except NotFound:
            raise ValidationError(errors=[_OUT_OF_SIGHT]) from None

    def _by_column(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {self.columns[name].key: each for name, each in values.items()}

    def _order(self, ordering: tuple[Order, ...]) -> ListOrder:
        columns = self._attributes
        types = [
            self.types[each.field] | None
            if self.columns[each.field].nullable
            else self.types[each.field]
            for each in ordering
        ]
        named = [columns[each.field] for each in ordering]
        return ListOrder(
            ordering,
            named,
            order_of(ordering, columns),
            Cursors(types, f"{self._where} {self.table}"),
            self.statement,
        )

    def _count_of(self, statement: Select[Any], conditions: Conditions) -> Select[Any]:
        if statement is self.statement:
            return self._count.where(*conditions) if conditions else self._count
        keys = statement.with_only_columns(self._by_key, maintain_column_froms=True)
        keys = keys.where(*conditions).order_by(None)
        return select(func.count()).select_from(keys.subquery())


class ListOrder:
    """What follows from the order of a list, made once."""

    def __init__(
        self,
        ordering: tuple[Order, ...],
        named: Sequence[Any],
        clauses: Sequence[Any],
        cursors: Cursors,
        statement: Select[Any],
    ) -> None:
        self.ordering = ordering
        self.cursors = cursors
        self._named = named
        self._clauses = clauses
        self.statement = self.of(statement)

    def of(self, statement: Select[Any]) -> Select[Any]:
        """Order a statement, and let it give the values that a cursor has last."""
        ordered = statement.order_by(*self._clauses).add_columns(*self._named)
        return ordered.limit(bindparam(_LIMIT, type_=Integer)).offset(
            bindparam(_OFFSET, type_=Integer)
        )


def _total(page: Page[Any]) -> dict[str, int]:
    return {} if page.total is UNSET else {"total": page.total}
