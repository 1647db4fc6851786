"""Plain values that are a JSON Schema (2020-12), and what may stand in them."""

import enum
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from ._text import INTEGER

JsonSchema = dict[str, Any]

_TYPES: Final[dict[type, tuple[str, ...]]] = {
    bool: ("boolean",),
    dict: ("object",),
    float: ("number",),
    int: ("integer", "number"),
    list: ("array",),
    str: ("string",),
    type(None): ("null",),
}
_NAMED: Final = {int: "integer", str: "string", type(None): "null"}
_MOST_FLAGS: Final = 6
"""The sums of so many flags are told one by one."""
_ZONE: Final = re.compile(r"(Z|[+-][0-9]{2}:[0-9]{2})$", re.IGNORECASE)


def to_json(value: Any) -> bytes:
    """Write plain values as JSON; what no JSON can hold, such as half a surrogate, as text near it."""
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError):
        text = json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def _plain(value: object) -> Any:
    return json.loads(bytes(value)) if isinstance(value, msgspec.Raw) else str(value)


def with_default(schema: JsonSchema, default: Any) -> JsonSchema:
    """Give the schema with a default, unless that is not of the type: then nobody need know it.

    A model is left out where it is one of several, which generators cannot read.
    """
    if isinstance(default, dict) and ("anyOf" in schema or "oneOf" in schema):
        return schema
    is_number = not isinstance(default, float) or math.isfinite(default)
    return {**schema, "default": default} if is_number and _takes(schema, default) else schema


def _takes(schema: Mapping[str, Any], value: Any) -> bool:
    """Tell whether a value is of the type of a schema, as far as the schema tells by itself."""
    if any(name in schema for name in ("anyOf", "oneOf")):
        return any(_takes(each, value) for each in schema.get("anyOf", schema.get("oneOf", ())))
    kinds = schema.get("type")
    named = [kinds] if isinstance(kinds, str) else kinds
    if named is not None and not set(named) & set(_TYPES.get(type(value), ())):
        return False
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        lowest, highest = schema.get("minimum", value), schema.get("maximum", value)
        above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        is_within = (above is None or value > above) and (below is None or value < below)
        if not (is_within and lowest <= value <= highest):
            return False
    needs_zone = schema.get("format") in ("date-time", "time")
    return not (needs_zone and isinstance(value, str)) or _ZONE.search(value) is not None


def flags(cls: type[enum.Flag]) -> JsonSchema:
    """Describe the sums of an `enum.Flag`, whatever else the class makes one of its own of."""
    bits = [each.value for each in cls]
    every = sum(bits)
    if every & (every + 1) == 0 or len(bits) > _MOST_FLAGS:  # no bit is left out
        return {"type": "integer", "minimum": 0, "maximum": every}
    sums = [0]
    for bit in bits:
        sums += [each + bit for each in sums]
    return {"type": "integer", "enum": sorted(sums)}


def enum_of(cls: type[enum.Enum]) -> JsonSchema:
    """Give the values of an enum, and the names of its members as generators of clients read them."""
    return {"enum": [each.value for each in cls], "x-enum-varnames": [each.name for each in cls]}


def names_of(values: Iterable[Any]) -> JsonSchema:
    """Say that the names of an object are these values, as text."""
    return {"enum": [str(each) for each in values]}


def names_of_flags(cls: type[enum.Flag]) -> JsonSchema:
    """Say that the names of an object are sums of an `enum.Flag`."""
    schema = flags(cls)
    if "enum" in schema:
        return names_of(schema["enum"])
    is_short = schema["maximum"] < 2**_MOST_FLAGS
    return names_of(range(schema["maximum"] + 1)) if is_short else {"pattern": INTEGER}


def choice(values: Sequence[Any]) -> JsonSchema:
    """Describe a value that is one of these; their type is told too, since generators ask for it."""
    kinds = list(dict.fromkeys(map(type, values)))
    if len(kinds) > 1 and len(kinds) == len({*kinds} & {int, str, type(None)}):
        return {"anyOf": [choice([v for v in values if type(v) is kind]) for kind in kinds]}
    found: JsonSchema = {"const": values[0]} if len(values) == 1 else {"enum": [*values]}
    name = _NAMED.get(kinds[0]) if len(kinds) == 1 else None
    if name == "null":
        return {"type": name}
    return {"type": name, **found} if name else found


def takes_anything(schema: JsonSchema) -> bool:
    """Tell whether a schema says no more of a value than words about it."""
    return not schema.keys() - {"default", "deprecated", "description", "examples", "title"}


def example_in(schema: JsonSchema) -> Sequence[Any]:
    """Give the examples of a schema, or of the first member of a union that has some."""
    found = [each["examples"] for each in (schema, *schema.get("anyOf", ())) if "examples" in each]
    return found[0] if found else ()
