"""The statements of one model viewset, made once."""

from __future__ import annotations  # of functions that are made for each viewset

import functools
import itertools
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from webaio.exceptions import Fault, NotFound, ValidationError
from webaio.pagination import page_of

from ._columns import columns_of, key_of, mapper_of, types_of
from ._listing import Listing
from ._output import Output, Row, fields_of
from ._references import Reference, Search, references_of, require_reached
from ._row_version import NOTHING, Expected, RowVersion
from ._rows import Beside, Conditions, Rows, column_of

_KEY: Final = "webaio_key"
"""The name of a parameter; no column has such a name."""
_MOST_EXPECTATIONS: Final = 64
_OUT_OF_SIGHT: Final = "With these values you could not see the item: change what it belongs to"


class Resource:
    """What is read and written of one mapped class. Its functions run on a connection."""

    def __init__(
        self, model: Any, out: Any, where: str, version: Any = None, last_modified: Any = None
    ) -> None:
        self._model = model
        mapper = mapper_of(model, where)
        self.key, column = key_of(mapper, where)
        self.columns = columns_of(mapper)
        self.types = types_of(self.columns)
        self.version = RowVersion(self.columns, version, last_modified, where)
        self.output = Output(model, out, f"{where}, {getattr(out, '__qualname__', out)}")
        told, members = [each for each in (version, last_modified) if each], fields_of(out, where)
        self.beside = told if any(each not in members for each in told) else []
        self.output.columns += [getattr(model, each) for each in self.beside]
        self.rows = Rows(self.output.select())
        self._attributes = {name: getattr(model, name) for name in self.columns}
        self._by_key = self._attributes[self.key]
        table: Any = mapper.local_table
        self.table = table
        self._is_it = column == bindparam(_KEY, type_=column.type)
        given = self.output.columns if self.output.is_flat else [self._by_key]
        self._detail = self.rows.statement.where(self._is_it)
        self._insert = insert(table).returning(*given)
        self._insert_many = insert(table).returning(*given, sort_by_parameter_order=True)
        self._update = update(table).where(self._is_it).returning(*given)
        if raised := self.version.of_written:
            self._update = self._update.values(raised)
        self._delete = delete(table).where(self._is_it)
        self._has = select(self._by_key).where(self._is_it)
        self._expecting = functools.lru_cache(maxsize=_MOST_EXPECTATIONS)(_expecting)
        self.listing = Listing(
            model,
            self.rows,
            self.output,
            self._attributes,
            self.types,
            self.key,
            page_of(out),
            f"{where} {table}",
        )

    @functools.cached_property
    def references(self) -> tuple[Reference, ...]:
        """The columns that name rows; of other tables, which need not be there from the start."""
        return tuple(references_of(self.columns))

    def one(
        self, connection: Connection, rows: Rows, key: Any, expected: Expected = NOTHING
    ) -> Any:
        """Read one of the rows; raises `NotFound`, for one that is not as expected, too."""
        asked = rows.statement.where(self._is_it) if rows.conditions else self._detail
        found = self._as_expected(connection, rows, asked, {_KEY: key}, expected).first()
        if found is None:
            raise NotFound
        return self._item(connection, found)

    def has(self, connection: Connection, rows: Rows, key: Any) -> bool:
        """Tell whether there is a row, for whomever."""
        return connection.execute(self._has, {_KEY: key}).first() is not None

    def _as_expected(
        self,
        connection: Connection,
        rows: Rows,
        statement: Any,
        parameters: Mapping[str, Any],
        expected: Expected,
    ) -> Any:
        """Run a statement on the rows that are as expected."""
        if expected.conditions:
            expecting = _expecting if rows.conditions else self._expecting
            statement = expecting(statement, expected.conditions)
            parameters = {**parameters, **expected.parameters}
        return connection.execute(statement, parameters)

    def _item(self, connection: Connection, row: Row) -> Any:
        """Make the model of a row, with what is read beside it."""
        item = self.output.read(connection, [row])[0]
        if not self.beside:
            return item
        first = len(self.output.columns) - len(self.beside)
        beside = row[first : len(self.output.columns)]
        return Beside(item, dict(zip(self.beside, beside, strict=True)))

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

    def is_in(self, statement: Select[Any]) -> ColumnElement[bool]:
        """Write the condition of the rows that another statement of the class gives."""
        found: ColumnElement[bool] = self._by_key.in_(column_of(statement, self._by_key))
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
        new = self.version.of_new | self._by_column(values)
        return self._given(connection, rows, self._insert, new)

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
        new = [self.version.of_new | self._by_column(each) for each in items]
        for _, group in itertools.groupby(new, key=lambda each: each.keys()):
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
        expected: Expected = NOTHING,
    ) -> Any:
        """Change an item, and give it; raises what `insert` and `one` raise."""
        require_reached(connection, searches)
        given = self._by_column(values)
        if not rows.conditions:
            return self._given(connection, rows, self._update, {**given, _KEY: key}, expected)
        parameters = {name: f"webaio_{name}" for name in given}  # `name_1` may be a condition's
        written = self._update.values({each: bindparam(parameters[each]) for each in given})
        named = {parameters[name]: each for name, each in given.items()}
        written = written.where(*rows.conditions)
        return self._given(connection, rows, written, {**named, _KEY: key}, expected)

    def delete(
        self, connection: Connection, rows: Rows, key: Any, expected: Expected = NOTHING
    ) -> None:
        """Take an item away; raises `NotFound` as `one` does."""
        written = self._delete.where(*rows.conditions) if rows.conditions else self._delete
        if self._as_expected(connection, rows, written, {_KEY: key}, expected).rowcount == 0:
            raise NotFound

    def delete_all(self, connection: Connection, rows: Rows, keys: Collection[Any]) -> None:
        """Take items away; raises `NotFound` where one of them is not there."""
        written = delete(self.table).where(self._by_key.in_(keys), *rows.conditions)
        if connection.execute(written).rowcount != len(keys):
            raise NotFound

    def _given(
        self,
        connection: Connection,
        rows: Rows,
        written: Any,
        values: Mapping[str, Any],
        expected: Expected = NOTHING,
    ) -> Any:
        """Give the item that a statement writes, by the same statement where that can be."""
        row = self._as_expected(connection, rows, written, values, expected).first()
        if row is None:
            raise NotFound
        if self.output.is_flat and not rows.may_be_left:
            return self._item(connection, row)
        try:
            return self.one(connection, rows, row[0])
        except NotFound:
            raise _out_of_sight("") from None

    def _by_column(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {self.columns[name].key: each for name, each in values.items()}


def _expecting(statement: Any, conditions: Conditions) -> Any:
    return statement.where(*conditions)


def _out_of_sight(*places: str) -> ValidationError:
    """Make what refuses bodies, at their places, whose items nobody could see who sent them."""
    return ValidationError(errors=[Fault(each, "scope", _OUT_OF_SIGHT) for each in places])
