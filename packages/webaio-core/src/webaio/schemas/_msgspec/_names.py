"""The names of an object, which are the keys of a dict: text, whatever type the keys are of."""

import types
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec import inspect

from .._fault import REPEATED, Found
from ._reasons import Reason, name_of
from ._scalars import Scalars
from ._types import annotation_of, constraints_of

Refused = dict[str, Reason]
"""The names that are no keys, with the reason of each."""


def takes_any_name(key: inspect.Type) -> bool:
    """Tell whether any text is a key of a type."""
    is_text = isinstance(key, inspect.StrType) and not constraints_of(key)
    return is_text or isinstance(key, inspect.AnyType)


def names_check(key: inspect.Type) -> Callable[[Iterable[str]], Refused]:
    """Make what finds the names that are no keys of a type: as text, as a name, or twice."""
    check_text = Scalars(strict=False).check(key)
    read = Scalars(strict=True).reader(types.GenericAlias(dict, (annotation_of(key), Any)))
    other = ("format", f"The name must be {name_of(key)}")

    def reason_of(name: str, seen: set[Any]) -> Reason | None:
        found = Found()
        check_text(name, (), found)
        for fault in found.faults:
            return other if fault.code == "type" else (fault.code, fault.detail)
        try:
            (made,) = read({name: None})
        except msgspec.ValidationError:
            return other
        is_new = made not in seen
        seen.add(made)
        return None if is_new else REPEATED

    def check(names: Iterable[str]) -> Refused:
        seen: set[Any] = set()
        return {name: reason for name in names if (reason := reason_of(name, seen))}

    return check
