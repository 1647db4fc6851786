"""Pages of a list of Python."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from webaio.exceptions import NotFound
from webaio.filters import Filters
from webaio.filters._filters import rank_of, value_of

from ._keyset import Cursors, ordered_to_the_key
from ._page import Item, Page
from ._paging import Paging


def paginate(
    items: Iterable[Item], paging: Paging, filters: Filters | None = None, *, key: str = "id"
) -> Page[Item]:
    """Filter and order the items of a list, and give the page that is asked for.

    `key` names the field that tells the items apart. Raises `NotFound` for a cursor that is none of
    this list.
    """
    filters = filters or Filters()
    ordering = ordered_to_the_key(filters.ordering, key)
    found = msgspec.structs.replace(filters, ordering=ordering).apply(items)
    total = len(found) if paging.counts else UNSET
    if paging.key != "cursor":
        rest = found[paging.offset : paging.offset + paging.size + 1]
        return paging.page(rest, total=total)
    fields = [each.field for each in ordering]
    cursors = Cursors([_type_in(found, field) for field in fields])
    if paging.cursor is not None:
        place = cursors.read(filters, paging.cursor)
        try:
            found = [each for each in found if _is_after(each, place, ordering)]
        except TypeError:  # of values that have no order, such as a time without a timezone
            raise NotFound from None

    def cursor_of(item: Item) -> str:
        return cursors.write(filters, [value_of(item, field) for field in fields])

    return paging.page(found[: paging.size + 1], total=total, cursor_of=cursor_of)


def _type_in(items: Sequence[Any], field: str) -> Any:
    values = (value_of(each, field) for each in items)
    return next((type(each) | None for each in values if each is not None), Any)


def _is_after(item: Any, place: Sequence[Any], ordering: Sequence[Any]) -> bool:
    """Tell whether an item stands after a place in an order."""
    for order, there in zip(ordering, place, strict=True):
        here, there = rank_of(value_of(item, order.field)), rank_of(there)
        if here != there:
            return (here < there) if order.is_descending else (here > there)
    return False
