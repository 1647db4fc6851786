import functools
import typing
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

_Made = TypeVar("_Made")
_MOST: Final = 512


def made_once(make: Callable[[Any], _Made]) -> Callable[[Any], _Made]:
    """Keep what is made of an annotation, for another that is written of the very same parts.

    Equal parts are not enough: `int | bool` and `bool | int` are equal, and so is metadata that
    says 1 and True. What `make` raises is not kept.
    """
    kept: dict[Hashable, tuple[Any, _Made]] = {}

    @functools.wraps(make)
    def once(annotation: Any) -> _Made:
        identity = _identity(annotation)
        found = kept.get(identity)
        if found is None:
            found = annotation, make(annotation)  # while it lives, nothing else has its identities
            if len(kept) >= _MOST:
                kept.clear()
            kept[identity] = found
        return found[1]

    return once


def _identity(annotation: Any) -> Hashable:
    parts = typing.get_args(annotation)
    if not parts:
        return id(annotation)
    is_unpacked = getattr(annotation, "__unpacked__", False)
    return (id(typing.get_origin(annotation)), is_unpacked, *map(_identity, parts))
