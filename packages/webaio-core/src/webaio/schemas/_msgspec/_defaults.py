"""The defaults of dataclasses, which msgspec leaves to the class, and then leaves out of JSON."""

import dataclasses
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any

from msgspec import Struct, inspect

from ._types import types_in


class _Members(Struct, frozen=True):
    """The members of a model: their defaults in the order of the class, and which have models in them."""

    defaults: Mapping[str, Any]
    """`MISSING` for one that msgspec sets."""
    factories: Mapping[str, Callable[[], Any]]
    """Of those that hide a member of the class."""
    inner: tuple[str, ...]


Defaults = Mapping[type, _Members]
Read = Callable[[Any], Any]


def defaults_in(info: inspect.Type) -> Defaults:
    """Find the models of a type; none where no dataclass has a default on its class."""
    found = {
        typing.get_origin(each.cls) or each.cls: _members_of(each)
        for each in types_in(info)
        if isinstance(each, (inspect.DataclassType, inspect.StructType))
    }
    has_any = any(
        each.factories or any(default is not MISSING for default in each.defaults.values())
        for each in found.values()
    )
    return found if has_any else {}


def _members_of(info: inspect.DataclassType | inspect.StructType) -> _Members:
    cls = typing.get_origin(info.cls) or info.cls
    fields = dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ()
    # A class with slots has a descriptor there, and msgspec sets the default.
    plain = {each.name: each.default for each in fields if _is_on(cls, each.name, each.default)}
    factories = {
        each.name: each.default_factory
        for each in fields
        if each.default_factory is not MISSING and hasattr(cls, each.name)
    }
    inner = [each.name for each in info.fields if any(map(_has_members, types_in(each.type)))]
    names = [each.name for each in info.fields]
    return _Members({name: plain.get(name, MISSING) for name in names}, factories, tuple(inner))


def _is_on(cls: type, name: str, default: Any) -> bool:
    return default is not MISSING and getattr(cls, name, MISSING) is default


def _has_members(info: inspect.Type) -> bool:
    return isinstance(info, (inspect.DataclassType, inspect.StructType))


def filling(read: Read, defaults: Defaults) -> Read:
    """Make what reads as before, and gives dataclasses the members that msgspec leaves to the class."""
    if not defaults:
        return read

    def read_and_fill(text: Any) -> Any:
        value = read(text)
        _fill(value, defaults)
        return value

    return read_and_fill


def _fill(value: Any, defaults: Defaults) -> None:
    """Fill the dataclasses in a value, however deep."""
    todo = [value]
    while todo:
        each = todo.pop()
        members = defaults.get(type(each))
        if members is not None:
            _fill_one(each, members)
            todo += [getattr(each, name) for name in members.inner]
        elif isinstance(each, (list, tuple, set, frozenset)):
            todo += each
        elif isinstance(each, dict):
            todo += each.values()


def _fill_one(model: Any, members: _Members) -> None:
    own = getattr(model, "__dict__", None)
    if own is None or own.keys() >= members.defaults.keys():
        return
    whole = {**members.defaults, **own}  # in the order of the class, as they are written
    for name, make in members.factories.items():
        if name not in own:
            whole[name] = make()
    own.clear()
    own.update({name: each for name, each in whole.items() if each is not MISSING})
