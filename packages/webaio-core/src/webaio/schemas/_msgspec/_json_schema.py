"""The JSON Schema (2020-12) of what msgspec reads and writes.

msgspec's own has no word for what is absent on the way in and present on the way out, and is silent
or too narrow where a type takes more than one form: datetimes, decimals, the keys of a dict.

A datetime that may have no zone is told as `date-time` all the same: that it always takes.
"""

import functools
import inspect as python
import typing
from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from msgspec import inspect

from .._annotation import bare_of, name_of
from .._binary import is_binary
from .._components import Components, Mode
from .._json_schema import (
    JsonSchema,
    choice,
    enum_of,
    flags,
    names_of,
    names_of_flags,
    takes_anything,
    with_default,
)
from .._text import DECIMAL_OUT, DURATION_OUT, FLOAT, INTEGER, signed
from ._json_words import SCALARS, limits
from ._named_unions import NamedUnion, named_union_of
from ._types import (
    Objects,
    annotation_of,
    choices_of,
    constraints_of,
    flag_of,
    is_object,
    kinds_of,
    members_of,
)

_NAMED: Final = (
    inspect.DataclassType,
    inspect.EnumType,
    inspect.NamedTupleType,
    inspect.StructType,
    inspect.TypedDictType,
)
_NUMBERS: Final[dict[type[inspect.Type], str]] = {
    inspect.DecimalType: FLOAT,
    inspect.FloatType: FLOAT,
    inspect.IntType: INTEGER,
}
"""What a name looks like that is a number."""
_SETS: Final = (inspect.FrozenSetType, inspect.SetType)


class Describer:
    """Gives the JSON Schema of types, seen from one side."""

    def __init__(
        self, components: Components, mode: Mode, unions: Collection[NamedUnion] = ()
    ) -> None:
        self._components = components
        self._mode: Mode = mode
        self._unions = unions

    def schema(self, info: inspect.Type) -> JsonSchema:
        """Give the schema of a type; a model or an enum is a reference."""
        if isinstance(info, _NAMED):
            is_tagged = getattr(info, "tag", None) is not None
            return self._reference(info, is_alone=is_tagged and self._mode == "input")
        match info:
            case inspect.Metadata(type=inner, extra_json_schema=extra):
                return {**self.schema(inner), **(extra or {})}
            case inspect.UnionType():
                return self._union(info)
            case inspect.LiteralType():
                return choice(choices_of(info))
            case inspect.TupleType(item_types=items):
                return _array(list(map(self.schema, items)), len(items), is_closed=True)
            case inspect.CollectionType(item_type=item):
                is_set = isinstance(info, _SETS) and self._mode == "output"
                found = {"type": "array", "items": self.schema(item)} | limits(info)
                return found | {"uniqueItems": True} if is_set else found
            case inspect.TimeDeltaType() if self._mode == "output":
                return {"type": "string", "pattern": DURATION_OUT}
            case inspect.DecimalType() if self._mode == "output":
                return {"type": "string", "pattern": DECIMAL_OUT}
            case inspect.DictType():
                return self._dict(info)
            case inspect.CustomType(cls=cls) if is_binary(cls):
                return cls.binary_schema()
        return {**SCALARS.get(type(info), {}), **limits(info)}

    def _dict(self, info: inspect.DictType) -> JsonSchema:
        found = {"type": "object", "additionalProperties": self.schema(info.value_type)}
        return found | limits(info) | self._names(info.key_type)

    def _names(self, key: inspect.Type) -> JsonSchema:
        """Say what the names of an object may be, where that can be said."""
        schema = self._name(key)
        return {"propertyNames": schema} if schema.keys() - {"type"} else {}

    def _name(self, key: inspect.Type) -> JsonSchema:
        if isinstance(key, inspect.Metadata):
            return self._name(key.type)
        if isinstance(key, inspect.UnionType):
            parts = [self._name(each) for each in key.types if kinds_of(each) != {"null"}]
            return {"anyOf": parts} if all(each.keys() - {"type"} for each in parts) else {}
        if pattern := _NUMBERS.get(type(key)):
            limits_of_key = constraints_of(key)
            is_positive = limits_of_key.get("ge", limits_of_key.get("gt", -1)) >= 0
            if self._mode == "output" and pattern != INTEGER:
                return {"pattern": DECIMAL_OUT}
            return {"pattern": signed(pattern, is_positive=is_positive)}
        if flag := flag_of(key):
            return names_of_flags(flag)
        choices = [each for each in choices_of(key) if each is not None]
        if any(not isinstance(each, str) for each in choices):
            return names_of(choices)
        if isinstance(key, inspect.LiteralType):
            return choice(choices)
        return self.schema(key) if kinds_of(key) <= {"null", "str"} else {}

    def _union(self, info: inspect.UnionType, inside: NamedUnion | None = None) -> JsonSchema:
        found = named_union_of(info, self._unions, inside) if self._unions else None
        if found is None:
            return self._nameless_union(info)
        named, others = found
        names = (name_of(named.alias), name_of(named.alias, is_qualified=True))
        define = functools.partial(self._union, named.info, named)
        reference = self._components.refer(named.alias, names, self._mode, define)
        return {"anyOf": [reference, *map(self.schema, others)]} if others else reference

    def _nameless_union(self, info: inspect.UnionType) -> JsonSchema:
        tagged: list[inspect.StructType] = []
        others: list[JsonSchema] = []
        for inner, said in members_of(info):
            if isinstance(inner, inspect.StructType) and inner.tag is not None:
                tagged.append(inner)
            else:
                others.append(self.schema(said))
        for each in others:
            if takes_anything(each):
                return each
        chosen = self._chosen(tagged) if len(tagged) > 1 else None
        parts = [chosen] if chosen else list(map(self.schema, tagged))
        return {"anyOf": [*parts, *others]} if others or not chosen else chosen

    def _chosen(self, tagged: list[inspect.StructType]) -> JsonSchema:
        """Give the schema of models that a tag tells from each other."""
        references = [self._reference(each) for each in tagged]
        mapping = {
            each.tag: reference["$ref"] for each, reference in zip(tagged, references, strict=True)
        }
        if not all(is_object(each) and isinstance(each.tag, str) for each in tagged):
            return {"oneOf": references}
        discriminator = {"propertyName": tagged[0].tag_field, "mapping": mapping}
        return {"oneOf": references, "discriminator": discriminator}

    def _reference(self, info: Any, *, is_alone: bool = False) -> JsonSchema:
        """Refer to a model or an enum; a tagged model that is alone is read without its tag too."""
        cls = typing.get_origin(info.cls) or info.cls

        def define() -> JsonSchema:
            return {**_described(cls), **self._defined(info, is_alone=is_alone)}

        names = (name_of(info.cls), name_of(info.cls, is_qualified=True))
        return self._components.refer((info.cls, is_alone), names, self._mode, define)

    def _defined(self, info: Any, *, is_alone: bool) -> JsonSchema:
        if flag := flag_of(info):
            return flags(flag)
        if isinstance(info, inspect.EnumType):
            found = {**choice(choices_of(info)), **enum_of(info.cls)}
            return {name: each for name, each in found.items() if name != "const"}
        return self._object(info, is_alone=is_alone) if is_object(info) else self._row(info)

    def _object(self, info: Objects, *, is_alone: bool) -> JsonSchema:
        tag, tag_field = getattr(info, "tag", None), getattr(info, "tag_field", None)
        properties: JsonSchema = {} if tag_field is None else {tag_field: choice([tag])}
        fields = [each for each in info.fields if not self._is_hidden(each, info)]
        properties |= {field.encode_name: self._member(field) for field in fields}
        required = [] if tag_field is None or is_alone else [tag_field]
        present = self._present(fields, info)
        required += [
            each.encode_name for each, is_there in zip(fields, present, strict=True) if is_there
        ]
        found: JsonSchema = {"type": "object", "properties": properties}
        if required:
            found["required"] = required
        if getattr(info, "forbid_unknown_fields", False):
            found["additionalProperties"] = False
        return found

    def _row(self, info: inspect.StructType | inspect.NamedTupleType) -> JsonSchema:
        """Describe a model that is an array in JSON."""
        tag = getattr(info, "tag", None)
        members = [] if tag is None else [choice([tag])]
        present = self._present(info.fields, info)
        least = len(members) + max((i for i, each in enumerate(present, 1) if each), default=0)
        members += [self._member(each) for each in info.fields]
        takes_more = isinstance(info, inspect.StructType) and not info.forbid_unknown_fields
        return _array(members, least, is_closed=not takes_more)

    def _present(self, fields: Sequence[inspect.Field], info: Any) -> list[bool]:
        """Tell which members are in every value; on the way out even those that have a default."""
        if self._mode == "input":
            return [each.required for each in fields]
        cls = typing.get_origin(info.cls) or info.cls
        unset = _names_of_unset(cls) if isinstance(info, inspect.StructType) else set[str]()
        config = getattr(cls, "__struct_config__", None)
        leaves_out = getattr(config, "omit_defaults", False) or typing.is_typeddict(cls)
        return [
            each.name not in unset and (each.required or not (leaves_out or _has_no_default(each)))
            for each in fields
        ]

    def _is_hidden(self, field: inspect.Field, info: Any) -> bool:
        """Tell whether a member is not written: private ones of attrs are not."""
        is_of_attrs = hasattr(typing.get_origin(info.cls) or info.cls, "__attrs_attrs__")
        return self._mode == "output" and is_of_attrs and field.name.startswith("_")

    def _member(self, field: inspect.Field) -> JsonSchema:
        schema = self.schema(field.type)
        default = field.default
        if field.default_factory in (dict, list, set):
            default = field.default_factory()
        if default is msgspec.NODEFAULT:
            return schema
        try:
            plain = msgspec.to_builtins(default, str_keys=True, order="deterministic")
            msgspec.convert(plain, annotation_of(field.type))
        except (TypeError, ValueError):  # a default of another type
            return schema
        is_of_union = not {"anyOf", "oneOf"}.isdisjoint(self._components.definition(schema))
        return schema if is_of_union and isinstance(plain, dict) else with_default(schema, plain)


def _array(items: list[JsonSchema], least: int, *, is_closed: bool) -> JsonSchema:
    places: JsonSchema = (
        {"prefixItems": items} if items else {"items": {}}
    )  # generators ask for one
    found: JsonSchema = {"type": "array", "minItems": least, **places}
    return {**found, "maxItems": len(items)} if is_closed else found


def _described(cls: type) -> JsonSchema:
    """Give what the programmer wrote of a class, and not what `dataclass` did."""
    text = vars(cls).get("__doc__")
    text = text if isinstance(text, str) else ""
    is_made = text.startswith(f"{cls.__name__}(") and text.endswith(")")
    return {"description": python.cleandoc(text)} if text and not is_made else {}


def _has_no_default(field: inspect.Field) -> bool:
    """Tell whether a member has none that could be written; `UNSET` is none."""
    return field.default is field.default_factory is msgspec.NODEFAULT


def _names_of_unset(cls: type) -> set[str]:
    """Name the members of a Struct that may be `UNSET`, and then are not written."""
    return {
        each.name
        for each in msgspec.structs.fields(cls)
        if msgspec.UnsetType in typing.get_args(bare_of(each.type))
    }
