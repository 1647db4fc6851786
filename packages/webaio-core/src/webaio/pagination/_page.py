from typing import Any, Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType

Item = TypeVar("Item")


class Page(Struct, Generic[Item], frozen=True):
    """A part of a list: its items, and what to send for the part after it.

    `next` is the value of `cursor`, `offset` or `page` that gives the next page, null on the last
    one. `total` is how many items there are on all pages, where a client asks for it.
    """

    items: list[Item]
    next: str | None = None
    total: int | UnsetType = UNSET


def page_of(item: Any) -> Any:
    """Give the type of the pages of items: of pydantic's models it is pydantic's, too."""
    if not hasattr(item, "__pydantic_core_schema__"):
        return Page[item]
    from ._pydantic_page import Page as PydanticPage

    return PydanticPage[item]
