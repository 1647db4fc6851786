"""What a type that msgspec describes can be read from."""

from msgspec import inspect

from .._binary import is_binary
from .._schema import Field, Takes, takes_many
from ._types import annotation_of, is_object, kinds_of


def takes_of(info: inspect.Type) -> Takes:
    """Tell whether texts or files are a value of a type; a model, for one, takes an object."""
    match info:
        case inspect.Metadata(type=inner):
            return takes_of(inner)
        case inspect.CustomType(cls=cls) if is_binary(cls):
            return "file"
        case inspect.AnyType() | inspect.CustomType():
            return "text"
        case inspect.CollectionType(item_type=item):
            return takes_many([takes_of(item)])
        case inspect.TupleType(item_types=items):
            return takes_many(map(takes_of, items))
        case inspect.UnionType(types=members):
            each = {takes_of(member) for member in members if kinds_of(member) != {"null"}}
            return each.pop() if len(each) == 1 else "object"
    return "object" if kinds_of(info) & {"array", "object"} else "text"


def fields_of(info: inspect.Type) -> tuple[Field, ...] | None:
    """Give the members of a type that is one model, or null."""
    if isinstance(info, inspect.UnionType):
        members = [each for each in info.types if not isinstance(each, inspect.NoneType)]
        return fields_of(members[0]) if len(members) == 1 else None
    if not is_object(info):
        return None
    return tuple(
        Field(field.encode_name, takes_of(field.type), annotation_of(field.type))
        for field in info.fields
    )
