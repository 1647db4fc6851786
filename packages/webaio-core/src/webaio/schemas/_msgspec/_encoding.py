import typing
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import inspect

from ._types import Objects, is_object

Encode = Callable[[Any], bytes]

encode: Final[Encode] = msgspec.json.Encoder().encode
"""Write any value as JSON."""


def encoder_of(info: inspect.Type) -> Encode:
    """Make the function that writes a value of a type as JSON.

    Of a model, and of those in a list, only the members go out that the type has: not those of a
    subclass. To know of models in models would cost too much.
    """
    if isinstance(info, inspect.UnionType):
        members = [each for each in info.types if not isinstance(each, inspect.NoneType)]
        return encoder_of(members[0]) if len(members) == 1 else encode
    if is_object(info) and not isinstance(info, inspect.TypedDictType):
        return _of_one(info)
    if isinstance(info, inspect.ListType):
        item = info.item_type
        if is_object(item) and not isinstance(item, inspect.TypedDictType):
            return _of_many(item)
    return encode


def _of_one(info: Objects) -> Encode:
    cls, narrow = typing.get_origin(info.cls) or info.cls, _narrowing(info)

    def encode_one(value: Any) -> bytes:
        return encode(value if type(value) is cls else narrow(value))

    return encode_one


def _of_many(info: Objects) -> Encode:
    cls, narrow = typing.get_origin(info.cls) or info.cls, _narrowing(info)
    classes = {cls}

    def encode_many(values: Any) -> bytes:
        if not isinstance(values, (list, tuple)) or classes.issuperset(map(type, values)):
            return encode(values)
        return encode([narrow(each) for each in values])

    return encode_many


def _narrowing(info: Objects) -> Callable[[Any], Any]:
    """Make what leaves out the members of a subclass."""
    cls = typing.get_origin(info.cls) or info.cls
    names = [each.encode_name for each in info.fields]
    if tag_field := getattr(info, "tag_field", None):
        names.insert(0, tag_field)

    def narrow(value: Any) -> Any:
        if not isinstance(value, cls) or type(value) is cls:
            return value  # itself, or what stands for it, such as a dict
        members = msgspec.to_builtins(value, str_keys=True)
        return {name: members[name] for name in names if name in members}

    return narrow
