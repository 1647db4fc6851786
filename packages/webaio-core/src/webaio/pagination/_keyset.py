"""Cursors: where in an order an item stands, as a text that a client sends back."""

import base64
import binascii
import hashlib
import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from webaio.exceptions import NotFound
from webaio.filters import Filters, Order
from webaio.schemas._annotation import without_null

LONGEST: Final = 6000
"""Characters of a cursor: aiohttp takes a line of 8190 with all that stands in it."""

_DETAIL: Final = "The cursor is none of this list, as it is filtered and ordered."
_encode: Final = msgspec.json.Encoder().encode


def ordered_to_the_key(ordering: Sequence[Order], key: str) -> tuple[Order, ...]:
    """Order by the key where all else is equal, in the direction of what comes before."""
    if any(each.field == key for each in ordering):
        return tuple(ordering)
    return (*ordering, Order(key, bool(ordering) and ordering[-1].is_descending))


class Cursors:
    """Writes and reads the cursors of lists that are ordered by fields of certain types.

    `types` are those of the values, null included where it may stand there. A cursor is bound to the
    filters and the order of its list, and to the list's `name`: for others it names no place.
    """

    def __init__(self, types: Sequence[Any], name: str = "") -> None:
        self._name = name
        members: Any = (str, *types)
        cursor: Any = tuple[members]
        is_strict = float not in map(without_null, types)  # else a text may be a float
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(cursor, strict=is_strict).decode

    def write(self, filters: Filters, values: Sequence[Any]) -> str:
        """Name the place of an item, whose values in the order of the list these are."""
        text = _encode((self._digest(filters), *map(_in_json, values)))
        return base64.urlsafe_b64encode(text).rstrip(b"=").decode()

    def read(self, filters: Filters, cursor: str) -> tuple[Any, ...]:
        """Give the values of the item that a cursor names; raises `NotFound` for what is no cursor."""
        try:
            text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
            digest, *place = self._decode(text)
        except (binascii.Error, ValueError, RecursionError, msgspec.MsgspecError):
            raise NotFound(_DETAIL) from None
        if digest != self._digest(filters):
            raise NotFound(_DETAIL)
        return tuple(place)

    def _digest(self, filters: Filters) -> str:
        """Give what this list, filtered and ordered so, has that no other has."""
        asked = (self._name, filters.conditions, filters.ordering, filters.search)
        return hashlib.blake2b(_encode(asked), digest_size=6).hexdigest()


def _in_json(value: Any) -> Any:
    """Write as a text what JSON has no number for."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
