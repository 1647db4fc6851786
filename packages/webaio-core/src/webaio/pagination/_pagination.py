"""The sources of `Paging`: how a client asks for a page."""

from __future__ import annotations  # of functions that are made for each action

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Final

from aiohttp import web
from msgspec import Meta, defstruct

from webaio.exceptions import ImproperlyConfigured
from webaio.parameters import Documentation, Inputs, Parameter, Query, Source
from webaio.schemas import Components

from ._keyset import LONGEST
from ._paging import Key, Paging

PAGE_SIZE: Final = 20
MAX_PAGE_SIZE: Final = 100
_LARGEST: Final = 1_000_000_000
"""Of an offset or a page: every database can count to it."""


class Pagination(Source):
    """Marks which page a client asks for: `limit` items, and `count=true` for the number of all.

    Without `limit` a page has `page_size` items; more than `max_page_size` are refused with a 422.
    Use `Keyset`, `LimitOffset` or `PageNumber`. Raises `ImproperlyConfigured` for sizes that no page
    can have.

        async def list(self, paging: Annotated[Paging, Keyset()]) -> Page[Artist]:
            return paginate(ARTISTS, paging)
    """

    __slots__ = ("_model", "page_size")
    location = "query"
    key: ClassVar[Key]
    place: ClassVar[Any]
    """The type of the value by which a page is asked for."""
    first: ClassVar[Any]
    """That of the first page."""
    errors: ClassVar[tuple[int, ...]] = ()
    """What a store answers where there is no such page."""

    def __init__(self, page_size: int = PAGE_SIZE, max_page_size: int = MAX_PAGE_SIZE) -> None:
        if not 1 <= page_size <= max_page_size:
            raise ImproperlyConfigured(
                type(self).__name__,
                f"page_size={page_size}, max_page_size={max_page_size}",
                "Write 1 <= page_size <= max_page_size",
            )
        self.page_size = page_size
        words = {"description": "The most items of the page"}
        limit = Annotated[int, Meta(ge=1, le=max_page_size, extra_json_schema=words)]
        words = {"description": "Whether to tell the number of all items as `total`"}
        count = Annotated[bool, Meta(extra_json_schema=words)]
        members = [("limit", limit, page_size), (self.key, self.place, self.first)]
        self._model = defstruct("Paging", [*members, ("count", count, False)], frozen=True)

    def reader(self, parameter: Parameter, inputs: Inputs) -> Callable[[web.Request], Paging]:
        """Make the function that reads the page that is asked for."""
        read, first = Query().reader(self._members(parameter), inputs), self.paging(self._model())

        def read_paging(request: web.Request) -> Paging:
            return self.paging(read(request)) if request.query else first

        return read_paging

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        """Tell `limit`, `count` and what the page is asked for by."""
        told = Query().documentation(self._members(parameter), inputs, components)
        return Documentation(told.parameters, errors=(*told.errors, *self.errors))

    def _members(self, parameter: Parameter) -> Parameter:
        return Parameter(parameter.name, self._model, parameter.default, Query(), parameter.where)

    def paging(self, asked: Any) -> Paging:
        """Make the `Paging` of what was sent."""
        raise NotImplementedError


def _place(annotation: Any, description: str, **limits: Any) -> Any:
    return Annotated[annotation, Meta(extra_json_schema={"description": description}, **limits)]


class Keyset(Pagination):
    """Pages after an item, `?cursor=…`: none is lost or doubled while others come and go.

    As fast on the last page as on the first, where an index has the order.
    """

    __slots__ = ()
    key = "cursor"
    place = _place(
        str, "The `next` of the page before", max_length=LONGEST, pattern="^[A-Za-z0-9_-]*$"
    )
    first = ""
    errors = (404,)

    def paging(self, asked: Any) -> Paging:
        return Paging(asked.limit, self.key, 0, asked.cursor or None, asked.count)


class LimitOffset(Pagination):
    """Pages after a number of items, `?offset=40`; one that comes or goes meanwhile shifts them."""

    __slots__ = ()
    key = "offset"
    place = _place(int, "How many items come before the page", ge=0, le=_LARGEST)
    first = 0

    def paging(self, asked: Any) -> Paging:
        return Paging(asked.limit, self.key, asked.offset, None, asked.count)


class PageNumber(Pagination):
    """Pages by their number from 1, `?page=3`; an item that comes or goes meanwhile shifts them."""

    __slots__ = ()
    key = "page"
    place = _place(int, "The number of the page", ge=1, le=_LARGEST // MAX_PAGE_SIZE)
    first = 1

    def paging(self, asked: Any) -> Paging:
        return Paging(asked.limit, self.key, (asked.page - 1) * asked.limit, None, asked.count)
