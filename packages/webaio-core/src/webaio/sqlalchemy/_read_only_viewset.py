"""A viewset with a database behind it, that reads."""

import functools
import inspect
import types
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Generic, TypeVar

from sqlalchemy.exc import InvalidRequestError

from webaio.decorators import operation
from webaio.decorators._action import ActionMark
from webaio.decorators._mark import record_on
from webaio.exceptions import ImproperlyConfigured
from webaio.filters import Filters, FilterSet
from webaio.pagination import Keyset, Page, Paging
from webaio.parameters._annotations import substituted, type_arguments
from webaio.permissions._words import permission_of
from webaio.results import Answer, Created
from webaio.viewsets import BaseViewSet

from ._columns import require_exact, require_served, require_short
from ._generation import completed, is_generated, typed
from ._resource import Resource
from ._rows_viewset import CHANGES, RowsViewSet, read_beside

Model = TypeVar("Model")
Out = TypeVar("Out")
ACTIONS: Final = ("list", "detail", "create", "update", "partial_update", "destroy")


class ReadOnlyModelViewSet(RowsViewSet, Generic[Model, Out]):
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

    _actions: ClassVar[Sequence[str]] = ACTIONS

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
            cls._resource = Resource(
                models["Model"], models["Out"], where, cls.version, cls.last_modified
            )
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
        if cls.version is not None:
            _require_no_etag(cls, where)
            cls.etag = cls.version
        cls._is_in_version = cls._resource.output.is_flat
        cls._beside = staticmethod(read_beside) if cls._resource.beside else None
        base = RowsViewSet
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
                written["return"] = answer[resource.listing.page_type]
            if name == "update" and cls.put_creates:
                created: Any = Created
                written["return"] = models["Out"] | created[models["Out"]]
            setattr(cls, name, typed(function, written))
        for name, function in inspect.getmembers(cls, inspect.iscoroutinefunction):
            if name not in own and isinstance(function, types.FunctionType):
                setattr(cls, name, completed(cls, name, annotations) or function)
        cls._asking = own.intersection(cls._actions)
        cls._loader = "_locked" if "get_object" in own else "get_object"
        read_again = () if resource.output.is_flat else CHANGES
        if cls.put_creates:
            read_again = (*read_again, "update")
        cls._by_itself = own.intersection(ACTIONS).difference(read_again)

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

    @operation(headers={"Link": str}, errors=[503])
    async def list(self, filters: Filters, paging: Paging) -> Answer[Page[Out]]:
        """List the items, a page at a time."""
        found = await self._run(self._resource.listing.page, filters, paging)
        return paging.answer(self.request, found)

    @operation(errors=[404, 503])
    async def detail(self, id: Any) -> Out:
        """Show an item."""
        return await self._one(id)

    async def _one(self, id: Any) -> Out:
        found: Out = await self._run_on(id, self._resource.one, id)
        return found


def _needs_objects(viewset: type[BaseViewSet]) -> bool:
    """Tell whether a permission of a viewset depends on rows."""
    members = (pair for owner in viewset.__mro__ for pair in vars(owner).items())
    marked = [name for name, each in members if record_on(each, ActionMark) is not None]
    said = [permission_of(viewset, name) for name in (*ACTIONS, *marked)]
    return any(each is not None and each.needs_object for each in said)


def _require_key_in_url(viewset: type[BaseViewSet], where: str) -> None:
    if viewset.lookup_url_kwarg != "id":
        raise ImproperlyConfigured(
            f"{where}.lookup_url_kwarg",
            f"it is {viewset.lookup_url_kwarg!r}, and the actions of a model take the key as `id`",
            "Take it out",
        )


def _require_no_etag(viewset: type[BaseViewSet], where: str) -> None:
    """Refuse a tag of another kind beside a version, which the statements compare."""
    if viewset.etag not in (None, *(getattr(each, "version", None) for each in viewset.__mro__)):
        raise ImproperlyConfigured(
            f"{where}.etag", "the tag of an item is its `version`", "Take one of both out"
        )


def _require_no_queryset(viewset: type[BaseViewSet], where: str) -> None:
    if hasattr(viewset, "get_queryset"):
        raise ImproperlyConfigured(
            f"{where}.get_queryset",
            "it is REST framework's, and narrows nothing here",
            "Write `def scope(self)`, which gives conditions, or `def query(self)`",
        )
