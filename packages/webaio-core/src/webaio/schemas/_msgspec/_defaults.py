"""The defaults of dataclasses, which msgspec leaves to the class, and then leaves out of JSON."""

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any

from msgspec import inspect

from ._types import types_in

Defaults = Mapping[type, Mapping[str, Any]]
"""For each model the names of its members, those with a default on the class with that."""


def defaults_in(info: inspect.Type) -> Defaults:
    """Find the defaults that stand on the classes of dataclasses; empty where there are none."""
    found = {
        cls: {each.name: _default_of(cls, each.name) for each in model.fields}
        for model in types_in(info)
        if isinstance(model, (inspect.DataclassType, inspect.StructType))
        for cls in [typing.get_origin(model.cls) or model.cls]
    }
    missing = dataclasses.MISSING
    has_any = any(each is not missing for members in found.values() for each in members.values())
    return found if has_any else {}


def _default_of(cls: type, name: str) -> Any:
    fields = dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ()
    default = next((each.default for each in fields if each.name == name), dataclasses.MISSING)
    # A class with slots has a descriptor there, and msgspec sets the default.
    return default if getattr(cls, name, None) is default else dataclasses.MISSING


def fill(value: Any, defaults: Defaults) -> None:
    """Give the dataclasses in a value, however deep, the members that msgspec has left to the class."""
    todo = [value]
    while todo:
        each = todo.pop()
        if type(each) in defaults:
            members = defaults[type(each)]
            if not hasattr(each, "__dict__"):
                todo += [getattr(each, name) for name in members]
                continue
            own = vars(each)
            whole = {name: own.get(name, default) for name, default in members.items()}
            for name, member in whole.items():  # in the order of the class, as they are written
                own.pop(name, None)
                if member is not dataclasses.MISSING:
                    own[name] = member
            todo += own.values()
        elif isinstance(each, (list, tuple, set, frozenset)):
            todo += each
        elif isinstance(each, dict):
            todo += each.values()
