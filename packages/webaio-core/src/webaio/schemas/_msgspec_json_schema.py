"""The JSON Schema (2020-12) of what msgspec reads and writes.

msgspec's own has no word for what is absent on the way in and present on the way out, and is silent
or too narrow where a type takes more than one form: datetimes, decimals, the keys of a dict.
"""

import inspect as python
import typing
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import inspect

from ._components import Components, JsonSchema, Mode
from ._msgspec_types import Objects, choices_of, constraints_of, is_object, kinds_of

_DECIMAL: Final = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$"
_INTEGER: Final = r"^-?[0-9]+$"
_SCALARS: Final[dict[type[inspect.Type], JsonSchema]] = {
    inspect.BoolType: {"type": "boolean"},
    inspect.ByteArrayType: {"type": "string", "contentEncoding": "base64"},
    inspect.BytesType: {"type": "string", "contentEncoding": "base64"},
    inspect.DateTimeType: {"type": "string", "format": "date-time"},
    inspect.DateType: {"type": "string", "format": "date"},
    inspect.DecimalType: {"type": ["string", "number"], "pattern": _DECIMAL},
    inspect.FloatType: {"type": "number"},
    inspect.IntType: {"type": "integer"},
    inspect.MemoryViewType: {"type": "string", "contentEncoding": "base64"},
    inspect.NoneType: {"type": "null"},
    inspect.StrType: {"type": "string"},
    inspect.TimeDeltaType: {"type": "string", "format": "duration"},
    inspect.TimeType: {"type": "string", "format": "time"},
    inspect.UUIDType: {"type": "string", "format": "uuid"},
}
_LOCAL: Final[dict[type[inspect.Type], str]] = {
    inspect.DateTimeType: "date-time-local",
    inspect.TimeType: "time-local",
}
"""The formats of a time that has no zone, as OpenAPI's registry of formats names them."""
_KEYWORDS: Final = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}
_TYPES: Final = {int: "integer", str: "string"}
_SIZED: Final = {"array": "Items", "object": "Properties", "str": "Length"}
_BYTES: Final = (inspect.ByteArrayType, inspect.BytesType, inspect.MemoryViewType)
_SETS: Final = (inspect.FrozenSetType, inspect.SetType)


class Describer:
    """Gives the JSON Schema of types, seen from one side."""

    def __init__(self, components: Components, mode: Mode) -> None:
        self._components = components
        self._mode: Mode = mode

    def schema(self, info: inspect.Type) -> JsonSchema:
        """Give the schema of a type; a model or an enum is a reference."""
        match info:
            case inspect.Metadata(type=inner, extra_json_schema=extra):
                return {**self.schema(inner), **(extra or {})}
            case inspect.UnionType():
                return self._union(info)
            case inspect.LiteralType():
                return _choice(choices_of(info))
            case inspect.EnumType():
                return self._reference(info)
            case inspect.StructType() | inspect.NamedTupleType():
                return self._reference(info)
            case inspect.DataclassType() | inspect.TypedDictType():
                return self._reference(info)
            case inspect.TupleType(item_types=items):
                return _array(list(map(self.schema, items)), len(items), is_closed=True)
            case inspect.CollectionType(item_type=item):
                is_set = isinstance(info, _SETS)
                found = {"type": "array", "items": self.schema(item)} | _constraints(info)
                return found | {"uniqueItems": True} if is_set else found
            case inspect.DictType():
                return self._dict(info)
        return {**_SCALARS.get(type(info), {}), **_constraints(info)}

    def _dict(self, info: inspect.DictType) -> JsonSchema:
        found = {"type": "object", "additionalProperties": self.schema(info.value_type)}
        names = self.schema(info.key_type)
        if not kinds_of(info.key_type) & {"str"}:
            names = {"pattern": _INTEGER}
        return found | _constraints(info) | ({"propertyNames": names} if _says(names) else {})

    def _union(self, info: inspect.UnionType) -> JsonSchema:
        models = [each for each in info.types if isinstance(each, inspect.StructType)]
        tagged = [each for each in models if is_object(each) and isinstance(each.tag, str)]
        if len(tagged) < 2:
            return {"anyOf": list(map(self.schema, info.types))}
        others = [self.schema(each) for each in info.types if each not in tagged]
        chosen = self._chosen(tagged)
        return {"anyOf": [chosen, *others]} if others else chosen

    def _chosen(self, tagged: list[inspect.StructType]) -> JsonSchema:
        """Give the schema of models that a member tells from each other."""
        references = [self._reference(each) for each in tagged]
        mapping = {
            each.tag: reference["$ref"] for each, reference in zip(tagged, references, strict=True)
        }
        discriminator = {"propertyName": tagged[0].tag_field, "mapping": mapping}
        return {"oneOf": references, "discriminator": discriminator}

    def _reference(self, info: Any) -> JsonSchema:
        cls = typing.get_origin(info.cls) or info.cls
        name = _name_of(info.cls)

        def define() -> JsonSchema:
            return {"title": name, **_described(cls), **self._defined(info)}

        return self._components.refer(info.cls, (cls.__module__, name), self._mode, define)

    def _defined(self, info: Any) -> JsonSchema:
        if isinstance(info, inspect.EnumType):
            return _choice(choices_of(info))
        return self._object(info) if is_object(info) else self._row(info)

    def _object(self, info: Objects) -> JsonSchema:
        tag, tag_field = getattr(info, "tag", None), getattr(info, "tag_field", None)
        properties: JsonSchema = {} if tag_field is None else {tag_field: _choice([tag])}
        properties |= {field.encode_name: self._member(field) for field in info.fields}
        required = [] if tag_field is None else [tag_field]
        required += [each.encode_name for each in info.fields if self._is_present(each, info)]
        found: JsonSchema = {"type": "object", "properties": properties}
        if required:
            found["required"] = required
        if getattr(info, "forbid_unknown_fields", False):
            found["additionalProperties"] = False
        return found

    def _row(self, info: inspect.StructType | inspect.NamedTupleType) -> JsonSchema:
        """Describe a model that is an array in JSON."""
        tag = getattr(info, "tag", None)
        members = [] if tag is None else [_choice([tag])]
        present = [self._is_present(each, info) for each in info.fields]
        least = len(members) + next((i for i, each in enumerate(present) if not each), len(present))
        members += [self._member(each) for each in info.fields]
        takes_more = isinstance(info, inspect.StructType) and not info.forbid_unknown_fields
        return _array(members, least, is_closed=not takes_more)

    def _is_present(self, field: inspect.Field, info: Any) -> bool:
        """Tell whether a member is in every value; on the way out even one that has a default."""
        if field.required or self._mode == "input":
            return field.required
        config = getattr(info.cls, "__struct_config__", None)
        may_be_left_out = typing.is_typeddict(typing.get_origin(info.cls) or info.cls)
        is_unset = field.default is field.default_factory is msgspec.NODEFAULT
        leaves_out = is_unset or getattr(config, "omit_defaults", False)
        return not (may_be_left_out or leaves_out)

    def _member(self, field: inspect.Field) -> JsonSchema:
        schema = self.schema(field.type)
        default = field.default
        if field.default_factory in (dict, list, set):
            default = field.default_factory()
        if default is msgspec.NODEFAULT:
            return schema
        try:
            return {**schema, "default": msgspec.to_builtins(default, str_keys=True)}
        except (TypeError, ValueError):  # of a default that is of another type
            return schema


def _choice(values: list[Any]) -> JsonSchema:
    """Describe a value that is one of these; their type is told too, since generators ask for it."""
    found: JsonSchema = {"const": values[0]} if len(values) == 1 else {"enum": values}
    kinds = {type(each) for each in values}
    name = _TYPES.get(kinds.pop()) if len(kinds) == 1 else None
    return {"type": name, **found} if name else found


def _array(items: list[JsonSchema], least: int, *, is_closed: bool) -> JsonSchema:
    found: JsonSchema = {"type": "array", "minItems": least}
    if items:
        found["prefixItems"] = items
    return {**found, "maxItems": len(items), "items": False} if is_closed else found


def _constraints(info: inspect.Type) -> JsonSchema:
    found: JsonSchema = {}
    for name, value in constraints_of(info).items():
        if name in _KEYWORDS:
            found[_KEYWORDS[name]] = value
        elif name == "tz" and not value:
            found["format"] = _LOCAL[type(info)]
        elif name.endswith("_length"):
            (kind,) = kinds_of(info)
            size = 4 * -(-value // 3) if isinstance(info, _BYTES) else value  # of base64
            found[name[:3] + _SIZED[kind]] = size
    return found


def _says(names: JsonSchema) -> bool:
    """Tell whether a schema says more of the names of an object than that they are strings."""
    return bool(names.keys() - {"type"})


def _described(cls: type) -> JsonSchema:
    """Give what the programmer wrote of a class, and not what `dataclass` did."""
    text = vars(cls).get("__doc__") or ""
    is_made = text.startswith(f"{cls.__name__}(") and text.endswith(")")
    return {"description": python.cleandoc(text)} if text and not is_made else {}


def _name_of(cls: Any) -> str:
    """Give a class's name, and `Page[Artist]` for a generic one."""
    arguments: Mapping[str, Any] | tuple[Any, ...] = typing.get_args(cls)
    name: str = (typing.get_origin(cls) or cls).__name__
    if not arguments:
        return name
    written = ", ".join(getattr(each, "__name__", str(each)) for each in arguments)
    return f"{name}[{written}]"
