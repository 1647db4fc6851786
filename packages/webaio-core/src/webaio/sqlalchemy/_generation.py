"""From the actions of a base to those of one viewset, with the types that its models have."""

import functools
import types
from collections.abc import Mapping
from typing import Any

from webaio.filters import Filters
from webaio.pagination import Paging
from webaio.parameters._annotations import annotations_of
from webaio.schemas._annotation import bare_of


def is_generated(cls: type, name: str) -> bool:
    """Tell an action as a base of this package has it, however it was copied or wrapped."""
    code = getattr(getattr(cls, name, None), "__code__", None)
    bases = (each for each in cls.__mro__ if each.__module__.startswith(f"{__package__}."))
    return any(
        code is not None and getattr(vars(base).get(name), "__code__", None) is code
        for base in bases
    )


def typed(function: Any, annotations: Mapping[str, Any]) -> Any:
    """Copy an action with annotations of its own."""
    made = types.FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    functools.update_wrapper(made, function)
    del vars(made)["__wrapped__"]
    made.__annotations__ = dict(annotations)
    return made


def completed(cls: type, name: str, annotations: Mapping[str, Any]) -> Any:
    """Let an action that is written by hand take filters, a page and the key as the others do.

    None where it takes none of them.
    """
    function = getattr(cls, name)
    owner = next(each for each in cls.__mro__ if name in vars(each))
    written = annotations_of(function, (), viewset=cls, owner=owner)
    known = {"id": annotations["id"]} if written.get("id") is bare_of(annotations["id"]) else {}
    for parameter, each in written.items():
        if each in (Filters, Paging):
            known[parameter] = annotations["filters" if each is Filters else "paging"]
    return typed(function, {**written, **known}) if known else None
