"""What `msgspec.inspect` says of a type: back to a type, and to the JSON that it takes."""

import datetime
import decimal
import enum
import types
import uuid
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, TypeGuard

import msgspec
from msgspec import inspect

from .._annotation import union_of

Objects = inspect.StructType | inspect.DataclassType | inspect.TypedDictType

BARE: Final[dict[type[inspect.Type], Any]] = {
    inspect.AnyType: Any,
    inspect.BoolType: bool,
    inspect.ByteArrayType: bytearray,
    inspect.BytesType: bytes,
    inspect.DateTimeType: datetime.datetime,
    inspect.DateType: datetime.date,
    inspect.DecimalType: decimal.Decimal,
    inspect.FloatType: float,
    inspect.IntType: int,
    inspect.MemoryViewType: memoryview,
    inspect.NoneType: None,
    inspect.RawType: msgspec.Raw,
    inspect.StrType: str,
    inspect.TimeDeltaType: datetime.timedelta,
    inspect.TimeType: datetime.time,
    inspect.UUIDType: uuid.UUID,
}
_COLLECTIONS: Final[dict[type[inspect.Type], Any]] = {
    inspect.FrozenSetType: frozenset,
    inspect.ListType: list,
    inspect.SetType: set,
}
_CONSTRAINTS: Final = (
    *("gt", "ge", "lt", "le", "multiple_of"),
    *("min_length", "max_length", "pattern", "tz"),
)
KINDS: Final = {
    bool: "bool", dict: "object", float: "float", int: "int", list: "array", str: "str",
    type(None): "null",
}  # fmt: skip
ALLKINDS: Final = frozenset(KINDS.values())
_SCALARKINDS: Final = {
    inspect.AnyType: ALLKINDS,
    inspect.RawType: ALLKINDS,
    inspect.NoneType: frozenset({"null"}),
    inspect.BoolType: frozenset({"bool"}),
    inspect.IntType: frozenset({"int", "float"}),
    inspect.FloatType: frozenset({"int", "float"}),
    inspect.DecimalType: frozenset({"int", "float", "str"}),
}


def kind_of(value: object) -> str:
    """Name the kind of JSON that a plain value is."""
    return KINDS[type(value)]


def kinds_of(info: inspect.Type) -> frozenset[str]:
    """Name the kinds of JSON that a type may take."""
    match info:
        case inspect.Metadata(type=inner):
            return kinds_of(inner)
        case inspect.UnionType(types=members):
            return frozenset().union(*map(kinds_of, members))
        case inspect.EnumType() | inspect.LiteralType():
            kinds = frozenset(KINDS.get(type(each), "str") for each in choices_of(info))
            return kinds | {"float"} if "int" in kinds else kinds  # 1.0 is a way to write 1
        case inspect.DictType() | inspect.DataclassType() | inspect.TypedDictType():
            return frozenset({"object"})
        case inspect.StructType(array_like=array_like):
            return frozenset({"array" if array_like else "object"})
        case inspect.CollectionType() | inspect.TupleType() | inspect.NamedTupleType():
            return frozenset({"array"})
    return _SCALARKINDS.get(type(info), frozenset({"str"}))


def annotation_of(info: inspect.Type) -> Any:
    """Give the type that a description is of."""
    if isinstance(info, inspect.Metadata):
        return annotation_of(info.type)
    return _constrained(unconstrained(info), constraints_of(info))


def unconstrained(info: inspect.Type) -> Any:
    """Give the type without its own constraints; what is inside keeps its."""
    match info:
        case inspect.UnionType(types=members):
            return union_of(map(annotation_of, members))
        case inspect.LiteralType(values=values):
            return Literal[tuple(values)]
        case inspect.VarTupleType(item_type=item):
            return types.GenericAlias(tuple, (annotation_of(item), ...))
        case inspect.CollectionType(item_type=item):
            return _COLLECTIONS[type(info)][annotation_of(item)]
        case inspect.TupleType(item_types=items):
            return types.GenericAlias(tuple, tuple(map(annotation_of, items)))
        case inspect.DictType(key_type=key, value_type=value):
            return types.GenericAlias(dict, (annotation_of(key), annotation_of(value)))
    return BARE.get(type(info)) or getattr(info, "cls", None)


def constraints_of(info: inspect.Type) -> dict[str, Any]:
    """Give the constraints of a type by their names in `msgspec.Meta`."""
    found = {name: getattr(info, name, None) for name in _CONSTRAINTS}
    return {name: value for name, value in found.items() if value is not None}


def _constrained(annotation: Any, constraints: dict[str, Any]) -> Any:
    return Annotated[annotation, msgspec.Meta(**constraints)] if constraints else annotation


def types_in(info: inspect.Type) -> Iterator[inspect.Type]:
    """Give the type and all types in it, each once, with those of the fields of models."""
    todo, seen = [info], set[int]()
    while todo:
        found = todo.pop()
        if id(found) not in seen:
            seen.add(id(found))
            yield found
            todo += parts_of(found)
            todo += [field.type for field in getattr(found, "fields", ())]


def parts_of(info: inspect.Type) -> list[inspect.Type]:
    """Give the types that a generic type or a union is made of; a model is one piece."""
    match info:
        case inspect.Metadata(type=inner):
            return [inner]
        case inspect.UnionType(types=members) | inspect.TupleType(item_types=members):
            return [*members]
        case inspect.CollectionType(item_type=item):
            return [item]
        case inspect.DictType(key_type=key, value_type=value):
            return [key, value]
    return []


def members_of(info: inspect.UnionType) -> Iterator[tuple[inspect.Type, inspect.Type]]:
    """Give the members of a union, those of unions in it too: bare, and with what is said of it."""
    for each in info.types:
        inner = each
        while isinstance(inner, inspect.Metadata):
            inner = inner.type
        if isinstance(inner, inspect.UnionType):
            yield from members_of(inner)
        else:
            yield inner, each


def is_object(info: inspect.Type) -> TypeGuard[Objects]:
    """Tell whether a type is a model that is an object in JSON."""
    models = (inspect.StructType, inspect.DataclassType, inspect.TypedDictType)
    return isinstance(info, models) and not getattr(info, "array_like", False)


def flag_of(info: inspect.Type) -> type[enum.Flag] | None:
    """Give the `enum.Flag`, of which members can be joined, that a type is."""
    if isinstance(info, inspect.EnumType) and issubclass(info.cls, enum.Flag):
        return info.cls
    return None


def choices_of(info: inspect.Type) -> list[Any]:
    """Give the values that an enum or a literal takes; none for another type."""
    match info:
        case inspect.EnumType(cls=choices):
            return [each.value for each in choices]
        case inspect.LiteralType(values=values):
            return [*values]
    return []
