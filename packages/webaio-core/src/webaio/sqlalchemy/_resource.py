"""The statements of one model viewset, made once."""

from __future__ import annotations  # of functions that are made for each viewset

import functools
import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import UNSET, UnsetType
from sqlalchemy import (
    ColumnElement,
    Connection,
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
from webaio.pagination._keyset import ordered_to_the_key

from ._columns import columns_of, key_of, mapper_of, types_of
from ._conditions import conditions_of
from ._list_order import LIMIT, OFFSET, ListOrder, counting
from ._output import Output, Row
from ._place import Part
from ._references import Reference, Search, references_of, require_reached
from ._rows import Rows

_KEY: Final = "webaio_key"
"""The name of a parameter; no column has such a name."""
_MOST_ORDERS: Final = 64
_OUT_OF_SIGHT: Final = "With these values you could not see the item: change what it belongs to"


class Resource:
    """What is read and written of one mapped class. Its functions run on a connection."""

    def __init__(self, model: Any, out: Any, where: str) -> None:
        self._where = where
        self._model = model
        mapper = mapper_of(model, where)
        self.key, column = key_of(mapper, where)
        self.columns = columns_of(mapper)
        self.types = types_of(self.columns)
        self.page_type: Any = page_of(out)
        self.output = Output(model, out, f"{where}, {getattr(out, '__qualname__', out)}")
        self.rows = Rows(self.output.select())
        self._attributes = {name: getattr(model, name) for name in self.columns}
        self._by_key = self._attributes[self.key]
        table: Any = mapper.local_table
        self.table = table
        self._is_it = column == bindparam(_KEY, type_=column.type)
        given = self.output.columns if self.output.is_flat else [self._by_key]
        self._detail = self.rows.statement.where(self._is_it)
        self._count = select(func.count()).select_from(model).correlate(None)
        self._insert = insert(table).returning(*given)
        self._insert_many = insert(table).returning(*given, sort_by_parameter_order=True)
        self._update = update(table).where(self._is_it).returning(*given)
        self._delete = delete(table).where(self._is_it)
        self._orders = functools.lru_cache(maxsize=_MOST_ORDERS)(self._order)

    @functools.cached_property
    def references(self) -> tuple[Reference, ...]:
        """The columns that name rows; of other tables, which need not be there from the start."""
        return tuple(references_of(self.columns))

    def page(self, connection: Connection, rows: Rows, filters: Filters, paging: Paging) -> Any:
        """Read a page of the rows."""
        order = self._orders(ordered_to_the_key(filters.ordering, self.key))
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
        items = self.output.read(connection, page.items)
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

    def one(self, connection: Connection, rows: Rows, key: Any) -> Any:
        """Read one of the rows; raises `NotFound`."""
        asked = rows.statement.where(self._is_it) if rows.conditions else self._detail
        found = connection.execute(asked, {_KEY: key}).all()
        if not found:
            raise NotFound
        return self.output.read(connection, found)[0]

    def entity(self, rows: Rows, key: Any) -> Select[Any]:
        """Write the statement that gives one of the rows as an object of the mapped class."""
        return select(self._model).where(self._by_key == key, *rows.conditions)

    def batch(
        self, connection: Connection, rows: Rows, last: Any, size: int
    ) -> tuple[list[Any], Any]:
        """Read some rows after a key, in the order of the keys, and give the last key with them."""
        asked = rows.statement.order_by(self._by_key).limit(size)
        if last is not None:
            asked = asked.where(self._by_key > last)
        found = connection.execute(asked).all()
        return self.output.read(connection, found), found[-1][0] if len(found) == size else None

    def named(self, rows: Rows, column: Any) -> Select[Any]:
        """Write the statement that gives a column of the rows, for a condition of others."""
        named = rows.statement.with_only_columns(column, maintain_column_froms=True)
        return named.correlate(None)

    def is_in(self, statement: Select[Any]) -> ColumnElement[bool]:
        """Write the condition of the rows that another statement of the class gives."""
        keys = statement.with_only_columns(self._by_key, maintain_column_froms=True)
        found: ColumnElement[bool] = self._by_key.in_(keys.correlate(None))
        return found

    def insert(
        self,
        connection: Connection,
        rows: Rows,
        searches: Iterable[Search],
        values: Mapping[str, Any],
    ) -> Any:
        """Write a new item, and give it.

        Raises `ValidationError` where it is not among the rows, and for what a search does not find.
        """
        require_reached(connection, searches)
        return self._given(connection, rows, self._insert, self._by_column(values))

    def insert_all(
        self,
        connection: Connection,
        rows: Rows,
        searches: Iterable[Search],
        items: Iterable[Mapping[str, Any]],
    ) -> list[Any]:
        """Write new items, and give them in their order; raises what `insert` raises."""
        require_reached(connection, searches)
        written: list[Row] = []
        for _, group in itertools.groupby(
            map(self._by_column, items), key=lambda each: each.keys()
        ):
            written += connection.execute(self._insert_many, [*group]).all()
        if self.output.is_flat and not rows.may_be_left:
            return self.output.read(connection, written)
        keys = [row[0] for row in written]
        found = connection.execute(rows.statement.where(self._by_key.in_(keys))).all()
        by_key = {row[0]: row for row in found}
        if hidden := [index for index, key in enumerate(keys) if key not in by_key]:
            raise _out_of_sight(*(f"/{index}" for index in hidden))
        return self.output.read(connection, [by_key[key] for key in keys])

    def update(
        self,
        connection: Connection,
        rows: Rows,
        searches: Iterable[Search],
        key: Any,
        values: Mapping[str, Any],
    ) -> Any:
        """Change an item, and give it; raises what `insert` raises, and `NotFound`."""
        require_reached(connection, searches)
        given = self._by_column(values)
        if not rows.conditions:
            return self._given(connection, rows, self._update, {**given, _KEY: key})
        parameters = {name: f"webaio_{name}" for name in given}  # `name_1` may be a condition's
        written = self._update.values({each: bindparam(parameters[each]) for each in given})
        named = {parameters[name]: each for name, each in given.items()}
        return self._given(connection, rows, written.where(*rows.conditions), {**named, _KEY: key})

    def delete(self, connection: Connection, rows: Rows, key: Any) -> None:
        """Take an item away; raises `NotFound`."""
        written = self._delete.where(*rows.conditions) if rows.conditions else self._delete
        if connection.execute(written, {_KEY: key}).rowcount == 0:
            raise NotFound

    def delete_all(self, connection: Connection, rows: Rows, keys: Collection[Any]) -> None:
        """Take items away; raises `NotFound` where one of them is not there."""
        written = delete(self.table).where(self._by_key.in_(keys), *rows.conditions)
        if connection.execute(written).rowcount != len(keys):
            raise NotFound

    def _given(
        self, connection: Connection, rows: Rows, written: Any, values: Mapping[str, Any]
    ) -> Any:
        """Give the item that a statement writes, by the same statement where that can be."""
        row = connection.execute(written, values).first()
        if row is None:
            raise NotFound
        if self.output.is_flat and not rows.may_be_left:
            return self.output.read(connection, [row])[0]
        try:
            return self.one(connection, rows, row[0])
        except NotFound:
            raise _out_of_sight("") from None

    def _by_column(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {self.columns[name].key: each for name, each in values.items()}

    def _order(self, ordering: tuple[Order, ...]) -> ListOrder:
        name = f"{self._where} {self.table}"
        return ListOrder(
            ordering, self._attributes, self.types, name, self.rows.statement, self._count
        )

    def _count_of(self, rows: Rows, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
        counted = self._count.where(*rows.conditions) if rows.conditions else self._count
        return counted.where(*conditions) if conditions else counted


def _out_of_sight(*places: str) -> ValidationError:
    """Make what refuses bodies, at their places, whose items nobody could see who sent them."""
    return ValidationError(errors=[Fault(each, "scope", _OUT_OF_SIGHT) for each in places])


def _total(page: Page[Any]) -> dict[str, int]:
    return {} if page.total is UNSET else {"total": page.total}
