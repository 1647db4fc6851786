"""The statements of one model viewset, made once."""

from __future__ import annotations  # of functions that are made for each viewset

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType
from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from webaio.exceptions import NotFound
from webaio.filters import Filters
from webaio.pagination import Page, Paging, page_of
from webaio.pagination._keyset import Cursors, ordered_to_the_key

from ._columns import columns_of, key_of, mapper_of, types_of
from ._conditions import after, conditions_of, order_of
from ._output import Output, Row

Conditions = Sequence[ColumnElement[bool]]


class Resource:
    """What is read and written of one mapped class. Its functions run on a connection."""

    def __init__(self, model: Any, out: Any, where: str) -> None:
        mapper = mapper_of(model, where)
        self.model = model
        self.key, self.key_column = key_of(mapper, where)
        self.columns = columns_of(mapper)
        self.types = types_of(self.columns)
        self.page: Any = page_of(out)
        self.output = Output(model, out, f"{where}, {getattr(out, '__qualname__', out)}")
        self.statement = self.output.select()
        self._attributes = {name: getattr(model, name) for name in self.columns}
        self._table: Any = mapper.local_table
        self._by_key = self._attributes[self.key]

    def list(
        self, connection: Connection, statement: Select[Any], filters: Filters, paging: Paging
    ) -> Any:
        """Read a page of what a statement gives."""
        ordering = ordered_to_the_key(filters.ordering, self.key)
        statement = statement.where(*conditions_of(filters, self._attributes))
        total: int | UnsetType = UNSET
        if paging.counts:
            total = connection.scalar(_count_of(statement, self._by_key)) or 0
        named = [self._attributes[each.field] for each in ordering]
        cursors = Cursors([self._type_of(each.field) for each in ordering])
        asked = statement.order_by(*order_of(ordering, self._attributes)).limit(paging.size + 1)
        if paging.cursor is not None:
            place = cursors.read(filters, paging.cursor)
            asked = asked.where(after(ordering, self._attributes, place))
        elif paging.offset:
            asked = asked.offset(paging.offset)
        rows = connection.execute(asked.add_columns(*named)).all()

        def cursor_of(row: Row) -> str:
            return cursors.write(filters, row[-len(named) :])

        page = paging.page(rows, total=total, cursor_of=cursor_of)
        return self.page(
            items=self.output.read(connection, page.items), next=page.next, **_total(page)
        )

    def one(self, connection: Connection, statement: Select[Any], key: Any) -> Any:
        """Read one item; raises `NotFound`."""
        rows = connection.execute(statement.where(self._by_key == key)).all()
        if not rows:
            raise NotFound
        return self.output.read(connection, rows)[0]

    def insert(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Write a new item, and give it."""
        written = insert(self._table).values(self._by_column(values))
        return self._given(connection, written)

    def update(
        self, connection: Connection, key: Any, values: Mapping[str, Any], scope: Conditions
    ) -> Any:
        """Change an item, and give it; raises `NotFound`."""
        written = update(self._table).where(self._by_key == key, *scope)
        return self._given(connection, written.values(self._by_column(values)))

    def delete(self, connection: Connection, key: Any, scope: Conditions) -> None:
        """Take an item away; raises `NotFound`."""
        done = connection.execute(delete(self._table).where(self._by_key == key, *scope))
        if done.rowcount == 0:
            raise NotFound

    def _given(self, connection: Connection, written: Any) -> Any:
        """Give the item that a statement writes, by the same statement where that can be."""
        if self.output.is_flat:
            rows = connection.execute(written.returning(*self.output.columns)).all()
            if not rows:
                raise NotFound
            return self.output.read(connection, rows)[0]
        key = connection.scalar(written.returning(self._by_key))
        if key is None:
            raise NotFound
        return self.one(connection, self.statement, key)

    def _by_column(self, values: Mapping[str, Any]) -> dict[Any, Any]:
        return {self.columns[name]: each for name, each in values.items()}

    def _type_of(self, field: str) -> Any:
        kind = self.types[field]
        return kind | None if self.columns[field].nullable else kind


def _total(page: Page[Any]) -> dict[str, int]:
    return {} if page.total is UNSET else {"total": page.total}


def _count_of(statement: Select[Any], key: Any) -> Select[Any]:
    keys = statement.with_only_columns(key, maintain_column_froms=True).order_by(None)
    return select(func.count()).select_from(keys.subquery())
