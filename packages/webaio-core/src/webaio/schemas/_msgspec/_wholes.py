"""Integers that JSON writes as floats: `1.0`, which JSON Schema counts as one, and msgspec does not."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from .._fault import Place
from ._encoding import encode

_decode_parts: Final = msgspec.json.Decoder(dict[str, msgspec.Raw] | list[msgspec.Raw]).decode


def with_integers(body: bytes, wholes: Iterable[tuple[Place, int]]) -> bytes:
    """Write integers at their places in JSON, and leave all else as it is, to the last digit."""
    tree: dict[Any, Any] = {}
    for place, number in wholes:
        *outer, last = ("", *_parts_of(place))
        branch = tree
        for part in outer:
            branch = branch.setdefault(part, {})
        branch[last] = number
    return _mended(body, tree[""])


def _parts_of(place: Place) -> list[str | int]:
    """Give the names and indexes that lead to a place."""
    parts: list[str | int] = []
    while place:
        place, part = place
        if isinstance(part, str):
            part = part[1:].replace("~1", "/").replace("~0", "~")  # a name again
        parts.append(part)
    return parts[::-1]


def _mended(body: bytes | msgspec.Raw, tree: Any) -> bytes:
    if isinstance(tree, int):
        return encode(tree)
    parts: Any = _decode_parts(body)
    for part, below in tree.items():
        parts[part] = msgspec.Raw(_mended(parts[part], below))
    return encode(parts)
