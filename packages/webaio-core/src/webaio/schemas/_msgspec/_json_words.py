"""The words of JSON Schema for what `msgspec.inspect` says of a scalar, a choice and a constraint."""

from typing import Final

from msgspec import inspect

from .._json_schema import JsonSchema
from .._text import DECIMAL, DURATION
from ._types import constraints_of, kinds_of

_BASE64: Final = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_BYTES_AS_TEXT: Final = {"type": "string", "contentEncoding": "base64", "pattern": _BASE64}
SCALARS: Final[dict[type[inspect.Type], JsonSchema]] = {
    inspect.BoolType: {"type": "boolean"},
    inspect.ByteArrayType: _BYTES_AS_TEXT,
    inspect.BytesType: _BYTES_AS_TEXT,
    inspect.DateTimeType: {"type": "string", "format": "date-time"},
    inspect.DateType: {"type": "string", "format": "date"},
    inspect.DecimalType: {
        "type": ["string", "number"],
        "pattern": DECIMAL,
        "examples": ["9.95"],
    },
    inspect.FloatType: {"type": "number"},
    inspect.IntType: {"type": "integer"},
    inspect.MemoryViewType: _BYTES_AS_TEXT,
    inspect.NoneType: {"type": "null"},
    inspect.StrType: {"type": "string"},
    inspect.TimeDeltaType: {"type": "string", "pattern": DURATION, "examples": ["PT1H30M"]},
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
_SIZED: Final = {"array": "Items", "object": "Properties", "str": "Length"}
_BYTES: Final = (inspect.ByteArrayType, inspect.BytesType, inspect.MemoryViewType)


def limits(info: inspect.Type) -> JsonSchema:
    """Say what constrains a type."""
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
