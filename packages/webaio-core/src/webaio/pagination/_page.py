from typing import Generic, TypeVar

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
