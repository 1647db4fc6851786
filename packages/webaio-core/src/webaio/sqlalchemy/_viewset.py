"""Viewsets with a database behind them."""

import functools
import inspect
import types
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession

from webaio.decorators import operation
from webaio.exceptions import ImproperlyConfigured
from webaio.filters import Filters, FilterSet
from webaio.pagination import Keyset, Page, Paging
from webaio.parameters import Depends
from webaio.parameters._annotations import substituted, type_arguments
from webaio.results import Answer
from webaio.schemas import Partial
from webaio.viewsets import BaseViewSet

from ._columns import mapper_of, require_exact, require_served
from ._conditions import grouped
from ._generation import completed, is_generated, typed
from ._input import Input
from ._references import Search, references_of, require_reached
from ._resource import Resource
from ._transaction import Transaction, transaction

Model = TypeVar("Model")
Out = TypeVar("Out")
In = TypeVar("In")
_EVENTS: Final = [
    f"{time}_{what}" for time in ("before", "after") for what in ("insert", "update", "delete")
]
ACTIONS: Final = ("list", "detail", "create", "update", "partial_update", "destroy")


class ReadOnlyModelViewSet(BaseViewSet, Generic[Model, Out]):
    """`list` and `detail` of the rows of a mapped class, as a model says them.

        class ArtistViewSet(ReadOnlyModelViewSet[Artist, ArtistOut]):
            filters = {"name": ["eq", "contains"]}
            ordering = ["name"]

    The members of `Out` are columns and relationships: one that is related is joined, a list of them
    is one statement more. An action that you write in its place keeps its signature, and is one
    transaction with all that it does; `list = None` takes one away.

    Raises `ImproperlyConfigured`, when the class is made, for members that the mapped class has not,
    and for what no index serves.
    """

    filters: ClassVar[Mapping[str, Sequence[str]]] = types.MappingProxyType({})
    """The lookups that each column may be filtered by: `{"born": ["eq", "gte", "null"]}`."""
    ordering: ClassVar[Sequence[str]] = ()
    """The columns that a client may order by."""
    default_ordering: ClassVar[Sequence[str]] = ()
    """The order without a wish, such as `["-born"]`; the key comes after it."""
    search: ClassVar[Sequence[str]] = ()
    """The columns in which a client may search."""
    unindexed: ClassVar[Collection[str]] = ()
    """The columns that may be filtered and ordered by though no index serves them."""
    pagination: ClassVar[type] = Keyset
    """How pages are asked for: `Keyset`, `LimitOffset` or `PageNumber`."""
    page_size: ClassVar[int] = 20
    max_page_size: ClassVar[int] = 100

    transaction: Annotated[Transaction, Depends(transaction)]
    _resource: ClassVar[Resource]
    _actions: ClassVar[Sequence[str]] = ACTIONS
    _by_itself: ClassVar[Collection[str]] = ()
    """The actions that are statements by themselves."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        known = type_arguments(cls)
        arguments = {each: given for owner in known.values() for each, given in owner.items()}
        models = {
            each.__name__: given
            for owner, given_there in known.items()
            if owner.__module__.startswith(f"{__package__}.")
            for each, given in given_there.items()
        }
        if "Model" not in models or any(isinstance(each, TypeVar) for each in models.values()):
            return  # a base for others
        where = cls.__qualname__
        _require_key_in_url(cls, where)
        try:
            cls._resource = Resource(models["Model"], models["Out"], where)
        except InvalidRequestError as error:
            raise ImproperlyConfigured(
                where,
                f"its class cannot be mapped ({error})",
                "Import the modules of all mapped classes first",
            ) from error
        defaults = [each.removeprefix("-") for each in cls.default_ordering]
        names = [*cls.filters, *cls.ordering, *defaults]
        require_served(cls._resource.columns, names, cls.unindexed, where)
        require_exact(cls._resource.columns, [*cls.ordering, *defaults], where)
        if cls.lookup_field is None and cls._resource.key != cls.lookup_url_kwarg:
            cls.lookup_field = cls._resource.key
        cls._prepare(models)
        cls._generate(models, arguments)

    @classmethod
    def _prepare(cls, models: Mapping[str, Any]) -> None:
        """Get ready what else is made of the models."""

    @classmethod
    def _own_annotations(cls, models: Mapping[str, Any]) -> dict[str, Any]:
        """Give the types of further parameters, by their names."""
        return {}

    @classmethod
    def _generate(cls, models: Mapping[str, Any], arguments: Mapping[Any, Any]) -> None:
        """Give the class actions of its own, with the types that its models have."""
        own = {name for name in cls._actions if is_generated(cls, name)}
        resource = cls._resource
        found = FilterSet(
            resource.types,
            filters=cls.filters,
            ordering=cls.ordering,
            search=cls.search,
            default_ordering=cls.default_ordering,
        )
        annotations: dict[str, Any] = {
            "filters": Annotated[Filters, found],
            "paging": Annotated[Paging, cls.pagination(cls.page_size, cls.max_page_size)],
            "id": resource.types[resource.key],
            **cls._own_annotations(models),
        }
        for name in own:
            function = getattr(cls, name)
            written = {
                each: annotations.get(each) or substituted(annotation, arguments)
                for each, annotation in function.__annotations__.items()
            }
            if name == "list":
                answer: Any = Answer
                written["return"] = answer[resource.page_type]
            setattr(cls, name, typed(function, written))
        for name, function in inspect.getmembers(cls, inspect.iscoroutinefunction):
            if name not in own and isinstance(function, types.FunctionType):
                setattr(cls, name, completed(cls, name, annotations) or function)
        is_one_statement = resource.output.is_flat and not cls._is_narrowed()
        writes = () if is_one_statement else ("create", "update", "partial_update")
        cls._by_itself = own.intersection(ACTIONS).difference(writes)

    @classmethod
    def _is_narrowed(cls) -> bool:
        """Tell whether there may be rows that are not there for a request."""
        base = ReadOnlyModelViewSet
        return cls.scope is not base.scope or cls.query is not base.query

    def scope(self) -> Sequence[ColumnElement[bool]]:
        """Say which rows there are for this request; for the others every action is a 404."""
        return ()

    def query(self) -> Select[Any]:
        """Give a SELECT of the rows that there are, to be narrowed by joins or a LIMIT.

        Its order and its columns count for nothing. For other rows every action is a 404.
        """
        return self._resource.statement

    @property
    def session(self) -> AsyncSession:
        """The session of the request; from its first use on, all that is done is one transaction."""
        return self.transaction.session

    async def stream(self, batch_size: int = 500) -> AsyncIterator[Out]:
        """Give all rows that there are for this request, in the order of their keys.

        They are read in batches, each a statement by itself: no connection is held between them, and
        what others write meanwhile may be in it or not.

            @action(detail=False)
            async def export(self) -> AsyncIterator[ArtistOut]:
                async for each in self.stream():
                    yield each
        """
        statement, last = self._scoped(), None
        while True:
            read = functools.partial(
                self._resource.batch, statement=statement, last=last, size=batch_size
            )
            items, last = await self.transaction.database.run(read)
            for each in items:
                yield each
            if last is None:
                return

    async def _run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        if self.action not in self._by_itself:
            _ = self.session
        return await self.transaction.run(lambda connection: work(connection, *arguments))

    def _scoped(self) -> Select[Any]:
        """Give the statement of the rows that there are for this request."""
        conditions = self._narrowing()
        statement = self._resource.statement
        return statement.where(*conditions) if conditions else statement

    def _narrowing(self) -> Sequence[ColumnElement[bool]]:
        if not self._is_narrowed():
            return ()
        found = [grouped(each) for each in _conditions(self.scope(), type(self))]
        if type(self).query is not ReadOnlyModelViewSet.query:
            found.append(self._resource.is_in(self.query()))
        return found

    @operation(headers={"Link": str}, errors=[503])
    async def list(self, filters: Filters, paging: Paging) -> Answer[Page[Out]]:
        """List the items, a page at a time."""
        found = await self._run(self._resource.page, self._scoped(), filters, paging)
        return paging.answer(self.request, found)

    @operation(errors=[404, 503])
    async def detail(self, id: Any) -> Out:
        """Show an item."""
        return await self._one(id)

    async def _one(self, id: Any) -> Out:
        return await self._run(self._resource.one, self._scoped(), id)  # type: ignore[no-any-return]


class ModelViewSet(ReadOnlyModelViewSet[Model, Out], Generic[Model, Out, In]):
    """All six actions on the rows of a mapped class; `In` is the model of a body.

        class ArtistViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
            ordering = ["name"]

    The members of `In` are columns. What they cannot hold is a 422, what the database refuses a 409.
    """

    _input: ClassVar[Input]

    @classmethod
    def _prepare(cls, models: Mapping[str, Any]) -> None:
        where = cls.__qualname__
        mapper = mapper_of(models["Model"], where)
        _require_plain(mapper, where)
        cls._input = Input(mapper, models["In"], where)

    def values(self, body: In | Partial[In]) -> dict[str, Any]:
        """Give the values of the columns that a body says; add those that it must not say."""
        return self._input.values(body)

    @operation(errors=[409, 503])
    async def create(self, body: In) -> Out:
        """Add an item."""
        values = self.values(body)
        arguments = (values, self._scoped(), self._searches(values))
        return await self._run(self._insert, *arguments)  # type: ignore[no-any-return]

    @operation(errors=[404, 409, 503])
    async def update(self, id: Any, body: In) -> Out:
        """Replace an item."""
        return await self._change(id, self.values(body))

    @operation(errors=[404, 409, 503])
    async def partial_update(self, id: Any, body: Partial[In]) -> Out:
        """Change some of an item."""
        return await self._change(id, self.values(body))

    @operation(errors=[404, 409, 503])
    async def destroy(self, id: Any) -> None:
        """Remove an item."""
        await self._run(self._resource.delete, id, self._narrowing())

    async def _change(self, id: Any, values: Mapping[str, Any]) -> Out:
        if not values:
            return await self._one(id)
        arguments = (id, values, self._narrowing(), self._scoped(), self._searches(values))
        return await self._run(self._update, *arguments)  # type: ignore[no-any-return]

    def _insert(
        self,
        connection: Connection,
        values: Mapping[str, Any],
        given: Select[Any],
        searches: Sequence[Search],
    ) -> Any:
        require_reached(connection, searches)
        return self._resource.insert(connection, values, given)

    def _update(
        self,
        connection: Connection,
        id: Any,
        values: Mapping[str, Any],
        conditions: Sequence[ColumnElement[bool]],
        given: Select[Any],
        searches: Sequence[Search],
    ) -> Any:
        require_reached(connection, searches)
        return self._resource.update(connection, id, values, conditions, given)

    def _searches(self, values: Mapping[str, Any]) -> Sequence[Search]:
        """Make what looks for the rows that foreign keys name, where not everybody sees all."""
        return [
            (self._input.place_of(each.name), each.search(other._scoped(), values[each.name]))
            for each in references_of(self._resource.columns)
            if values.get(each.name) is not None
            for other in self._viewsets_of(each.target.table)
        ]

    def _viewsets_of(self, table: Any) -> Iterator["ReadOnlyModelViewSet[Any, Any]"]:
        """Give the viewsets that do not show all rows of a table to everybody, for this request."""
        root = self.request.match_info.apps[0]
        for viewset in self.transaction.database.viewsets_in(root):
            if not issubclass(viewset, ReadOnlyModelViewSet) or not viewset._is_narrowed():
                continue
            if viewset._resource.table is table:
                other = viewset()
                vars(other).update(vars(self), action="detail")
                yield other


def _conditions(scope: Any, viewset: type) -> Sequence[ColumnElement[bool]]:
    if not isinstance(scope, (list, tuple)):
        raise TypeError(f"{viewset.__qualname__}.scope() gave {scope!r}: give a list of conditions")
    return scope


def _require_plain(mapper: Any, where: str) -> None:
    """Refuse a class whose rows are more than values of columns."""
    reasons = {
        "validators": bool(mapper.validators),
        "a version counter": mapper.version_id_col is not None,
        "inheritance": mapper.inherits is not None or mapper.polymorphic_on is not None,
        "listeners": any(bool(getattr(mapper.dispatch, event)) for event in _EVENTS),
    }
    if found := [reason for reason, holds in reasons.items() if holds]:
        raise ImproperlyConfigured(
            where,
            f"{mapper.class_.__qualname__} has {' and '.join(found)}, which a statement passes by",
            "Use ReadOnlyModelViewSet, and write with self.session",
        )


def _require_key_in_url(viewset: type[BaseViewSet], where: str) -> None:
    if viewset.lookup_url_kwarg != "id":
        raise ImproperlyConfigured(
            f"{where}.lookup_url_kwarg",
            f"it is {viewset.lookup_url_kwarg!r}, and the actions of a model take the key as `id`",
            "Take it out",
        )
