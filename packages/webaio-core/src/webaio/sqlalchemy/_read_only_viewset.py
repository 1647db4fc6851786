"""A viewset with a database behind it, that reads."""

import functools
import inspect
import types
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession

from webaio.authentication import identity_of
from webaio.authentication._identified import unknown
from webaio.decorators import operation
from webaio.decorators._action import ActionMark
from webaio.decorators._mark import record_on
from webaio.exceptions import APIException, ImproperlyConfigured, NotFound, PermissionDenied
from webaio.filters import Filters, FilterSet
from webaio.pagination import Keyset, Page, Paging
from webaio.parameters import Depends
from webaio.parameters._annotations import substituted, type_arguments
from webaio.permissions import BasePermission
from webaio.permissions._words import permission_of
from webaio.results import Answer
from webaio.viewsets import BaseViewSet

from ._allowed import allowed, conditions_in, require_scopes
from ._columns import require_exact, require_served, require_short
from ._conditions import grouped
from ._generation import completed, is_generated, typed
from ._resource import Resource
from ._rows import Conditions, Rows
from ._transaction import Transaction, transaction

Model = TypeVar("Model")
Out = TypeVar("Out")
_Other = TypeVar("_Other", bound="ReadOnlyModelViewSet[Any, Any]")
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
    """What is read and written, made of the models."""
    _is_narrowed: ClassVar[bool]
    """Whether there may be rows that are not there for a request."""
    _actions: ClassVar[Sequence[str]] = ACTIONS
    _by_itself: ClassVar[Collection[str]] = ()
    """The actions that are statements by themselves."""
    _asking: ClassVar[Collection[str]] = ()
    """The actions whose statements have what a permission says of rows."""
    _allowed: Conditions = ()
    """What the permission says of rows, for this request."""

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
        _require_no_queryset(cls, where)
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
        if issubclass(cls.pagination, Keyset):
            placed = [*cls.ordering, *defaults, cls._resource.key]
            require_short(cls._resource.columns, placed, where)
        if cls.lookup_field is None and cls._resource.key != cls.lookup_url_kwarg:
            cls.lookup_field = cls._resource.key
        base = ReadOnlyModelViewSet
        cls._is_narrowed = (
            cls.scope is not base.scope or cls.query is not base.query or _needs_objects(cls)
        )
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
    def _list_annotations(cls) -> dict[str, Any]:
        """Give the types of filters and of pages; what is wrong with them is said of the viewset."""
        try:
            filters = FilterSet(
                cls._resource.types,
                filters=cls.filters,
                ordering=cls.ordering,
                search=cls.search,
                default_ordering=cls.default_ordering,
            )
            pagination = cls.pagination(cls.page_size, cls.max_page_size)
        except ImproperlyConfigured as error:
            raise ImproperlyConfigured(cls.__qualname__, error.what, error.fix) from None
        return {"filters": Annotated[Filters, filters], "paging": Annotated[Paging, pagination]}

    @classmethod
    def _generate(cls, models: Mapping[str, Any], arguments: Mapping[Any, Any]) -> None:
        """Give the class actions of its own, with the types that its models have."""
        own = {name for name in (*cls._actions, "get_object") if is_generated(cls, name)}
        resource = cls._resource
        annotations = {
            **cls._list_annotations(),
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
        cls._asking = own.intersection(cls._actions)
        is_one_statement = resource.output.is_flat and not cls._is_narrowed
        writes = () if is_one_statement else ("create", "update", "partial_update")
        cls._by_itself = own.intersection(ACTIONS).difference(writes)

    def scope(self) -> Sequence[ColumnElement[bool]]:
        """Say which rows there are for this request; for the others every action is a 404."""
        return ()

    def query(self) -> Select[Any]:
        """Give a SELECT of the rows that there are, to be narrowed by joins or a LIMIT.

        Its order and its columns count for nothing. For other rows every action is a 404.
        """
        return self._resource.rows.statement

    def narrowed(self, statement: Select[Any]) -> Select[Any]:
        """Leave out of a SELECT of the class the rows that there are not for this request.

        What an action reads by a statement of its own is not narrowed by itself.

            songs = await self.session.scalars(self.narrowed(select(Song)))
        """
        return statement.where(*self._rows().conditions)

    @property
    def session(self) -> AsyncSession:
        """The session of the request; from its first use on, all that is done is one transaction."""
        return self.transaction.session

    async def get_object(self, id: Any) -> Any:
        """Give the mapped object of an item, in the session of the request.

        An action on an item that is written by hand finds it in `self.object`, where the viewset has
        `permissions`. Raises what answers for one that is not there for this request.
        """
        found = await self.session.scalar(self._resource.entity(self._rows(), id))
        if found is None:
            raise await self._absent(id)
        return found

    async def stream(self, batch_size: int = 500) -> AsyncIterator[Out]:
        """Give all rows that there are for this request, in the order of their keys.

        They are read in batches, each a statement by itself: no connection is held between them, and
        what others write meanwhile may be in it or not.

            @action(detail=False)
            async def export(self) -> AsyncIterator[ArtistOut]:
                async for each in self.stream():
                    yield each
        """
        rows, last = self._rows(), None
        while True:
            read = functools.partial(self._resource.batch, rows=rows, last=last, size=batch_size)
            items, last = await self.transaction.database.run(read)
            for each in items:
                yield each
            if last is None:
                return

    async def _run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function of the resource on the rows of this request."""
        rows, by_itself = self._rows(), self.action in self._by_itself
        return await self.transaction.run(
            lambda connection: work(connection, rows, *arguments), by_itself=by_itself
        )

    def _rows(self) -> Rows:
        """Give the rows that there are for this request."""
        rows = self._resource.rows
        if not self._is_narrowed:
            return rows
        conditions = [grouped(each) for each in _checked(self.scope(), type(self))]
        conditions += self._allowed
        if type(self).query is not ReadOnlyModelViewSet.query:
            conditions.append(self._resource.is_in(self.query()))
        return rows.narrowed((*conditions,))

    @operation(headers={"Link": str}, errors=[503])
    async def list(self, filters: Filters, paging: Paging) -> Answer[Page[Out]]:
        """List the items, a page at a time."""
        found = await self._run(self._resource.page, filters, paging)
        return paging.answer(self.request, found)

    @operation(errors=[404, 503])
    async def detail(self, id: Any) -> Out:
        """Show an item."""
        return await self._one(id)

    async def _one(self, id: Any) -> Out:
        found: Out = await self._run_on(id, self._resource.one, id)
        return found

    async def _run_on(self, id: Any, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function of the resource on one item."""
        try:
            return await self._run(work, *arguments)
        except NotFound:
            raise await self._absent(id) from None

    @classmethod
    def _require_narrowing(cls, permission: BasePermission, where: str, *, loads: bool) -> None:
        """Refuse a permission on rows that the statements of an action would not have."""
        require_scopes(permission, where)
        if not cls._is_narrowed:
            raise ImproperlyConfigured(
                where,
                "its permission depends on rows, and was given after the class was made",
                "Write `permissions = ...` in the class, or in a subclass",
            )
        if loads and not is_generated(cls, "get_object"):
            raise ImproperlyConfigured(
                where,
                "its permission depends on rows, and a get_object that is written by hand is not "
                "narrowed by itself",
                "Take get_object out: self.object is the mapped object, and self.session loads more",
            )

    async def _narrow(self, permission: BasePermission) -> None:
        """Let a permission that depends on the object be a part of the statements."""
        identity = identity_of(self.request)
        answer = await allowed(permission, identity)
        if answer is False and identity is None:
            raise unknown(self.request)
        self._allowed = conditions_in(answer)

    async def _absent(self, id: Any) -> APIException:
        """Make the answer for an item that is not there, or that may not be reached.

        Who may see it learns that it may not be done.
        """
        identity = identity_of(self.request)
        if self._allowed and identity is None:
            return unknown(self.request)
        is_hidden = not self._allowed or self.action == "detail" or not await self._is_seen(id)
        return self.not_found() if is_hidden else PermissionDenied()

    async def _is_seen(self, id: Any) -> bool:
        """Tell whether an item is there for `detail`."""
        if getattr(type(self), "detail", None) is None:
            return False
        other = await self._reading(type(self))
        try:
            await other._run(self._resource.one, id)
        except NotFound:
            return False
        return True

    async def _reading(self, viewset: type[_Other]) -> _Other:
        """Make an instance of a viewset that reads an item for this request."""
        other = viewset()
        vars(other).update(vars(self), action="detail", _allowed=())
        permission = permission_of(viewset, "detail")
        if permission is not None and permission.needs_object:
            other._allowed = conditions_in(await allowed(permission, identity_of(self.request)))
        return other


def _needs_objects(viewset: type[BaseViewSet]) -> bool:
    """Tell whether a permission of a viewset depends on rows."""
    members = (pair for owner in viewset.__mro__ for pair in vars(owner).items())
    marked = [name for name, each in members if record_on(each, ActionMark) is not None]
    said = [permission_of(viewset, name) for name in (*ACTIONS, *marked)]
    return any(each is not None and each.needs_object for each in said)


def _checked(scope: Any, viewset: type) -> Sequence[ColumnElement[bool]]:
    """Refuse what would let everybody see all: a scope that gives nothing, for one."""
    if not isinstance(scope, (list, tuple)):
        raise TypeError(f"{viewset.__qualname__}.scope() gave {scope!r}: give a list of conditions")
    return scope


def _require_key_in_url(viewset: type[BaseViewSet], where: str) -> None:
    if viewset.lookup_url_kwarg != "id":
        raise ImproperlyConfigured(
            f"{where}.lookup_url_kwarg",
            f"it is {viewset.lookup_url_kwarg!r}, and the actions of a model take the key as `id`",
            "Take it out",
        )


def _require_no_queryset(viewset: type[BaseViewSet], where: str) -> None:
    if hasattr(viewset, "get_queryset"):
        raise ImproperlyConfigured(
            f"{where}.get_queryset",
            "it is REST framework's, and narrows nothing here",
            "Write `def scope(self)`, which gives conditions, or `def query(self)`",
        )
