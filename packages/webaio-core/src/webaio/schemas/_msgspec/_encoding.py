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

    Of a model, and of those in a list or a dict, only the members go out that the type has: not
    those of a subclass. To know of models in models would cost too much.
    """
    model = _model_in(info)
    if model is not None:
        return _of_one(model)
    many = _bare(info)
    if isinstance(many, (inspect.ListType, inspect.VarTupleType)):
        model = _model_in(many.item_type)
        return encode if model is None else _of_many(model)
    if isinstance(many, inspect.DictType):
        model = _model_in(many.value_type)
        return encode if model is None else _of_values(model)
    return encode


def _bare(info: inspect.Type) -> inspect.Type:
    """Take off what is said of a type, and that it may be None."""
    if isinstance(info, inspect.Metadata):
        return _bare(info.type)
    if isinstance(info, inspect.UnionType):
        members = [each for each in info.types if not isinstance(each, inspect.NoneType)]
        return _bare(members[0]) if len(members) == 1 else info
    return info


def _model_in(info: inspect.Type) -> Objects | None:
    model = _bare(info)
    return model if is_object(model) and not isinstance(model, inspect.TypedDictType) else None


def _of_one(info: Objects) -> Encode:
    cls, narrow = _class_of(info), _narrowing(info)
    return lambda value: encode(value if type(value) is cls else narrow(value))


def _of_many(info: Objects) -> Encode:
    classes, narrow = {_class_of(info), type(None)}, _narrowing(info)

    def encode_many(values: Any) -> bytes:
        if not isinstance(values, (list, tuple)) or classes.issuperset(map(type, values)):
            return encode(values)
        return encode([narrow(each) for each in values])

    return encode_many


def _of_values(info: Objects) -> Encode:
    classes, narrow = {_class_of(info), type(None)}, _narrowing(info)

    def encode_values(values: Any) -> bytes:
        if not isinstance(values, dict) or classes.issuperset(map(type, values.values())):
            return encode(values)
        return encode({name: narrow(each) for name, each in values.items()})

    return encode_values


def _class_of(info: Objects) -> type:
    cls: type = typing.get_origin(info.cls) or info.cls
    return cls


def _narrowing(info: Objects) -> Callable[[Any], Any]:
    """Make what leaves out the members of a subclass."""
    cls, unset = _class_of(info), msgspec.UNSET
    tag_field = getattr(info, "tag_field", None)
    tag = {} if tag_field is None else {tag_field: getattr(info, "tag", None)}

    def narrow(value: Any) -> Any:
        if not isinstance(value, cls) or type(value) is cls:
            return value  # itself, or what stands for it, such as a dict
        members = {each.encode_name: getattr(value, each.name, unset) for each in info.fields}
        return tag | {name: each for name, each in members.items() if each is not unset}

    return narrow
