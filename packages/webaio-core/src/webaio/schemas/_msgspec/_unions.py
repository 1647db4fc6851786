import typing
from collections.abc import Collection
from typing import Any, Final

import msgspec

from .._annotation import bare_of, is_model, is_union, origin_of, parts_of, pieces_of
from .._fault import Unsupported

_LIMITS: Final = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern")


def require_safe_unions(annotation: Any) -> None:
    """Refuse, with `Unsupported`, a type of which msgspec confuses the parts in memory.

    msgspec 0.22 ends the process with a segmentation fault, as soon as Python collects its garbage,
    for a union of a list, set or dict with a pattern, and of a tuple of fixed length with any other
    constraint.
    """
    for piece in pieces_of(annotation):
        if is_union(piece) and _is_unsafe(piece):
            raise Unsupported(
                "msgspec would crash on a union of a list, set or dict with a pattern, or of a "
                "tuple of fixed length with a constraint; put one of them into a model, or take "
                "the constraint out and check it in the action"
            )


def _is_unsafe(union: Any) -> bool:
    members = parts_of(union)
    limits = {name for each in (union, *members) for name in _limits(each)}
    kinds = {_kind(each) for each in members}
    return ("many" in kinds and "pattern" in limits) or (
        "row" in kinds and bool(limits - {"pattern"})
    )


def _limits(annotation: Any) -> list[str]:
    metadata = getattr(annotation, "__metadata__", ())
    marks = [each for each in metadata if isinstance(each, msgspec.Meta)]
    return [name for name in _LIMITS if any(getattr(each, name) is not None for each in marks)]


def _kind(annotation: Any) -> str:
    origin = origin_of(annotation)
    if is_model(annotation) or not isinstance(origin, type):
        return "one"
    if origin is tuple and ... not in typing.get_args(bare_of(annotation)):
        return "row" if typing.get_args(bare_of(annotation)) else "many"
    is_text = issubclass(origin, (str, bytes, bytearray, memoryview))
    return "many" if issubclass(origin, Collection) and not is_text else "one"
