"""From the rows of a statement to the models that go out."""

from __future__ import annotations  # of functions that are made for each viewset

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import aliased

from webaio.exceptions import ImproperlyConfigured
from webaio.schemas._annotation import bare_of, members_of, origin_of, parts_of, without_null

from ._columns import columns_of, key_of, mapper_of

Row = Sequence[Any]
Many = Mapping[str, list[Any]]
Make = Callable[[Row, Many], Any]
Read = Callable[[Row, Many], Any]


class Collection(Struct, frozen=True):
    """A member that is a list of related models: one statement for all items of a page."""

    name: str
    statement: Select[Any]
    """It gives the key of the owner before the columns of the model."""
    key: Any
    make: Make

    def read(self, connection: Connection, keys: Sequence[Any]) -> dict[Any, list[Any]]:
        """Give the related models of each owner."""
        found: dict[Any, list[Any]] = {}
        for row in connection.execute(self.statement.where(self.key.in_(keys))):
            found.setdefault(row[0], []).append(self.make(row, {}))
        return found


class Output:
    """How the rows of a mapped class become the model that goes out.

    Its columns come first in the statement, a key the very first: its own, without another. What is
    related to one is joined, what is related to many is one statement more; there is no second level
    of these.
    """

    def __init__(self, entity: Any, out: Any, where: str, owner: Any = None) -> None:
        self._entity = entity
        self._where = where
        self._is_inner = owner is not None
        own = getattr(entity, key_of(mapper_of(entity, where), where)[0])
        self.columns: list[Any] = [own if owner is None else owner]
        self._joins: list[Any] = []
        self._collections: list[Collection] = []
        self._make = self._maker(entity, out)

    @property
    def is_flat(self) -> bool:
        """Whether it is made of columns of the class alone."""
        return not (self._joins or self._collections)

    def select(self) -> Select[Any]:
        """Make the statement that gives what the model needs."""
        return self._joined(select(*self.columns).select_from(self._entity))

    def read(self, connection: Connection, rows: Sequence[Row]) -> list[Any]:
        """Make the models of rows."""
        make = self._make
        if not self._collections or not rows:
            return [make(row, {}) for row in rows]
        keys = [row[0] for row in rows]
        found = {each.name: each.read(connection, keys) for each in self._collections}
        return [
            make(row, {name: lists.get(row[0], []) for name, lists in found.items()})
            for row in rows
        ]

    def _joined(self, statement: Select[Any]) -> Select[Any]:
        for each in self._joins:
            statement = statement.outerjoin(each)
        return statement

    def _maker(self, entity: Any, out: Any) -> Make:
        mapper = mapper_of(entity, self._where)
        columns, first = columns_of(mapper), len(self.columns)
        readers = dict[str, Read]()
        for name, annotation in fields_of(out, self._where).items():
            if name in columns:
                _require_null(bool(columns[name].nullable), annotation, f"{self._where}, {name!r}")
                readers[name] = self._column(getattr(entity, name))
            elif name not in mapper.relationships:
                raise ImproperlyConfigured(
                    self._where,
                    f"{out.__qualname__} has {name!r}, and {mapper.class_.__qualname__} has no "
                    "column and no relationship of that name",
                    "Name it as there, or take it out",
                )
            elif origin_of(without_null(annotation)) is list:
                readers[name] = self._list(entity, name, annotation)
            else:
                readers[name] = self._one(entity, name, annotation)
        last = len(self.columns)
        if columns.keys() >= readers.keys() and _takes_positions(out, list(readers)):
            return lambda row, many: out(*row[first:last])
        build = _builder(out)
        return lambda row, many: build({name: read(row, many) for name, read in readers.items()})

    def _column(self, column: Any) -> Read:
        index = len(self.columns)
        self.columns.append(column)
        return lambda row, many: row[index]

    def _one(self, entity: Any, name: str, annotation: Any) -> Read:
        relation = getattr(entity, name)
        where = f"{self._where}, {name!r}"
        if relation.property.uselist:
            raise ImproperlyConfigured(where, "there may be many", "Write `list[...]`")
        _require_null(_may_be_none(relation.property), annotation, where)
        mapper = relation.property.mapper
        target = aliased(mapper.class_)
        self._joins.append(relation.of_type(target))
        key = self._column(getattr(target, key_of(mapper, self._where)[0]))
        make = self._maker(target, bare_of(without_null(annotation)))
        return lambda row, many: None if key(row, many) is None else make(row, many)

    def _list(self, entity: Any, name: str, annotation: Any) -> Read:
        if self._is_inner or entity is not self._entity:
            raise ImproperlyConfigured(
                f"{self._where}, {name!r}",
                "it is a list in what is related itself",
                "Give it a resource of its own",
            )
        relation = getattr(entity, name)
        if not relation.property.uselist:
            raise ImproperlyConfigured(
                f"{self._where}, {name!r}", "there is one at most", "Take the `list` off"
            )
        mapper = relation.property.mapper
        target, key = aliased(mapper.class_), self.columns[0]
        (item,) = parts_of(without_null(annotation))
        inner = Output(target, item, f"{self._where}, {name!r}", owner=key)
        statement = select(*inner.columns).select_from(entity).join(relation.of_type(target))
        statement = inner._joined(statement)
        statement = statement.order_by(getattr(target, key_of(mapper, self._where)[0]))
        self._collections.append(Collection(name, statement, key, inner._make))
        return lambda row, many: many[name]


def _may_be_none(relation: Any) -> bool:
    """Tell whether there may be nobody at the other end."""
    is_named = relation.direction.name == "MANYTOONE"
    return not is_named or any(each.nullable for each in relation.local_columns)


def _require_null(is_nullable: bool, annotation: Any, where: str) -> None:
    if is_nullable and annotation is not Any and NoneType not in parts_of(annotation):
        raise ImproperlyConfigured(where, "it may be null, and its type is not", "Add `| None`")


def fields_of(model: Any, where: str) -> dict[str, Any]:
    """Give the types of the members of a model by their Python names."""
    try:
        fields = members_of(model)
    except (NameError, TypeError) as error:
        raise ImproperlyConfigured(
            where, f"{model!r} does not say its members ({error})", "Give a model"
        ) from error
    if not fields or hasattr(model, "__mapper__"):
        raise ImproperlyConfigured(
            where, f"{model!r} is no model of what goes over the wire", "Write a Struct, say"
        )
    return fields


def _takes_positions(model: Any, names: Sequence[str]) -> bool:
    """Tell whether a model is made of its members in their order."""
    if hasattr(model, "model_validate"):
        return False
    try:
        parameters = inspect.signature(model).parameters.values()
    except (TypeError, ValueError):
        return False
    return [each.name for each in parameters] == [*names] and all(
        each.kind is each.POSITIONAL_OR_KEYWORD for each in parameters
    )


def _builder(model: Any) -> Callable[[dict[str, Any]], Any]:
    if hasattr(model, "model_validate"):  # pydantic's, whose members may have other names in JSON
        return lambda members: model.model_validate(members, by_name=True)
    return lambda members: model(**members)
