"""A viewset with a database behind it, that reads and writes."""

import contextlib
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, or_

from webaio.conditions._preconditions import failed, preconditions_of
from webaio.decorators import operation
from webaio.exceptions import (
    APIException,
    Fault,
    ImproperlyConfigured,
    NotFound,
    ValidationError,
)
from webaio.permissions import BasePermission
from webaio.permissions._guard import require_create
from webaio.permissions._words import permission_of
from webaio.results import Created
from webaio.schemas import Partial

from ._columns import columns_of, mapper_of
from ._input import Input
from ._narrowed import Narrowed
from ._output import fields_of
from ._read_only_viewset import Model, Out, ReadOnlyModelViewSet
from ._references import Search
from ._row_version import NOTHING, Expected
from ._rows_viewset import RowsViewSet

In = TypeVar("In")
_EVENTS: Final = [
    f"{time}_{what}" for time in ("before", "after") for what in ("insert", "update", "delete")
]


class ModelViewSet(ReadOnlyModelViewSet[Model, Out], Generic[Model, Out, In]):
    """All six actions on the rows of a mapped class; `In` is the model of a body.

        class ArtistViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
            ordering = ["name"]

    The members of `In` are columns. What they cannot hold is a 422, what the database refuses a 409.
    """

    _input: ClassVar[Input]
    _create_permission: ClassVar[BasePermission | None]

    @classmethod
    def _prepare(cls, models: Mapping[str, Any]) -> None:
        where = cls.__qualname__
        mapper = mapper_of(models["Model"], where)
        _require_plain(mapper, cls._resource.version.version, where)
        _require_defaults(mapper, where)
        cls._input = Input(mapper, models["In"], where)
        _require_version(cls, models["In"], where)
        cls._create_permission = permission_of(cls, "create")

    def values(self, body: In | Partial[In]) -> dict[str, Any]:
        """Give the values of the columns that a body says; add those that it must not say."""
        return self._input.values(body)

    @operation(errors=[409, 503])
    async def create(self, body: In) -> Out:
        """Add an item."""
        values = self._within_parent(self.values(body))
        searches = await self._searches(values)
        placed = {**values, **self._of_parent}
        found: Out = await self._run(self._resource.insert, searches, placed)
        return found

    @operation(errors=[404, 409, 503])
    async def update(self, id: Any, body: In) -> Out:
        """Replace an item."""
        values = self.values(body)
        return await (self._put(id, values) if self.put_creates else self._change(id, values))

    @operation(errors=[404, 409, 503])
    async def partial_update(self, id: Any, body: Partial[In]) -> Out:
        """Change some of an item."""
        return await self._change(id, self.values(body))

    @operation(errors=[404, 409, 503])
    async def destroy(self, id: Any) -> None:
        """Remove an item."""
        await self._write(id, self._resource.delete, id)

    async def _change(self, id: Any, values: Mapping[str, Any]) -> Out:
        found: Out
        values = self._within_parent(values)
        if not values:
            found = await self._write(id, self._resource.one, id)
            return found
        searches = await self._searches(values)
        found = await self._write(id, self._resource.update, searches, id, values)
        return found

    async def _put(self, id: Any, values: Mapping[str, Any]) -> Any:
        """Replace an item, or make it where there is none for anybody."""
        values = self._within_parent(values)
        searches, expected = await self._searches(values), self._expected()
        try:
            return await self._run(self._resource.update, searches, id, values, expected)
        except NotFound:
            if await self._run(self._resource.has, id):
                raise await self._refused(id, expected) from None
        conditions = preconditions_of(self.request)
        if conditions is not None:
            conditions.require_absent()
        await require_create(self._create_permission, self.request)
        new = {**values, **self._of_parent, self._resource.key: id}
        return Created(await self._run(self._resource.insert, searches, new))

    async def _write(self, id: Any, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function of the resource that writes an item which is as the request expects it."""
        expected = self._expected()
        try:
            return await self._run(work, *arguments, expected)
        except NotFound:
            raise await self._refused(id, expected) from None

    def _expected(self) -> Expected:
        """Write what the request expects of its item; what others compare, is nothing to a statement."""
        if self.action not in self._asking:
            return NOTHING
        return self._resource.version.expected(preconditions_of(self.request))

    async def _refused(self, id: Any, expected: Expected) -> APIException:
        """Make the answer for an item that could not be written: it is not there, or has changed."""
        if expected.conditions:
            with contextlib.suppress(NotFound):
                await self._run(self._resource.one, id)
                return failed(self.request)
        return await self._absent(id)

    def _within_parent(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Leave out what the URL says; raises `ValidationError` where a body says otherwise."""
        for name, value in self._of_parent.items():
            if values.get(name) not in (None, value):
                place = self._input.place_of(name)
                fault = Fault(place, "parent", "The URL names another one: leave it out")
                raise ValidationError(errors=[fault])
        return {name: each for name, each in values.items() if name not in self._of_parent}

    async def _searches(self, values: Mapping[str, Any]) -> Sequence[Search]:
        """Make what looks for the rows that foreign keys name, where not everybody sees all."""
        return [
            (self._input.place_of(each.name), each.search(other._rows().statement, value))
            for each in self._resource.references
            if (value := values.get(each.name)) is not None
            for other in await self._others(each.target.table)
        ]

    async def _others(self, table: Any) -> Sequence[RowsViewSet]:
        """Give, for this request, the viewsets that do not show all rows of a table."""
        narrowed = self.transaction.database.narrowed_in(self.request.match_info.apps[0])
        return [await self._other(each) for each in narrowed.get(table, ())]

    async def _other(self, narrowed: Narrowed) -> RowsViewSet:
        """Make one, with the rows below its parents, wherever it stands."""
        other: RowsViewSet = await self._reading(narrowed.viewset)
        inside: list[ColumnElement[bool]] = []
        for enter, above in narrowed.above:
            await enter(other, await self._other(above), None)
            if not other._inside:
                return other
            inside += other._inside
        other._inside = (or_(*inside),) if inside else ()
        return other


def _require_version(viewset: Any, model: Any, where: str) -> None:
    """Refuse a version that a client could write, and one that the statements would pass by."""
    fields = fields_of(model, where)
    if viewset.version in fields:
        raise ImproperlyConfigured(
            f"{where}.version",
            f"{model.__qualname__} has {viewset.version!r}, so that a client would write it",
            "Take it out of the model: each write raises it",
        )
    if viewset.etag is not None and viewset.version is None:
        raise ImproperlyConfigured(
            f"{where}.etag", "its statements compare a column", "Write `version = 'version'`"
        )


def _require_plain(mapper: Any, version: Any, where: str) -> None:
    """Refuse a class whose rows are more than values of columns."""
    counter = mapper.version_id_col
    reasons = {
        "validators": bool(mapper.validators),
        "a version counter": counter is not None and counter is not version,
        "inheritance": mapper.inherits is not None or mapper.polymorphic_on is not None,
        "listeners": any(bool(getattr(mapper.dispatch, event)) for event in _EVENTS),
    }
    if found := [reason for reason, holds in reasons.items() if holds]:
        raise ImproperlyConfigured(
            where,
            f"{mapper.class_.__qualname__} has {' and '.join(found)}, which a statement passes by",
            "Use ReadOnlyModelViewSet, and write with self.session; of a counter say `version`",
        )


def _require_defaults(mapper: Any, where: str) -> None:
    """Refuse the defaults of a dataclass that only its `__init__` knows."""
    columns, model = columns_of(mapper), mapper.class_
    fields = dataclasses.fields(model) if dataclasses.is_dataclass(model) else ()
    for each in fields:
        column = columns.get(each.name)
        if each.default_factory is dataclasses.MISSING or column is None:
            continue
        if column.default is None and column.server_default is None:
            raise ImproperlyConfigured(
                where,
                f"{model.__qualname__}.{each.name} has a default_factory, which a statement passes by",
                "Write insert_default with the same function beside it",
            )
