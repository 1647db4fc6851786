"""Why a value is refused: a code, and a sentence for the client that does not hold the value."""

import json
from typing import Any, Final

from msgspec import inspect

from ._types import choices_of, kinds_of, members_of

Reason = tuple[str, str]
"""The code of a fault and its sentence."""

REQUIRED: Final[Reason] = ("required", "Required")
UNKNOWN: Final[Reason] = ("unknown", "Unknown field")
_RULES: Final = {
    "gt": ("exclusive_minimum", "Must be greater than {}"),
    "ge": ("minimum", "Must be at least {}"),
    "lt": ("exclusive_maximum", "Must be less than {}"),
    "le": ("maximum", "Must be at most {}"),
    "multiple_of": ("multiple_of", "Must be a multiple of {}"),
    "min_length": ("min_length", "Must have a length of at least {}"),
    "max_length": ("max_length", "Must have a length of at most {}"),
    "pattern": ("pattern", "Must match the pattern {}"),
}
_TIMEZONE: Final = {True: "Must have a timezone", False: "Must have no timezone"}
FORMATS: Final = {
    inspect.ByteArrayType: "base64",
    inspect.BytesType: "base64",
    inspect.DateTimeType: "date-time",
    inspect.DateType: "date",
    inspect.DecimalType: "decimal",
    inspect.MemoryViewType: "base64",
    inspect.TimeDeltaType: "duration",
    inspect.TimeType: "time",
    inspect.UUIDType: "uuid",
}


def rule(name: str, limit: Any) -> Reason:
    """Give the reason of a broken constraint, by its name in `msgspec.Meta`."""
    if name == "tz":
        return "timezone", _TIMEZONE[limit]
    code, detail = _RULES[name]
    return code, detail.format(limit)


def one_of(choices: list[Any]) -> Reason:
    """Give the reason of a value that is none of the choices."""
    listed = ", ".join(json.dumps(each, default=str) for each in choices)
    return "enum", f"Must be one of {listed}" if len(choices) > 1 else f"Must be {listed}"


def name_of(info: inspect.Type) -> str:
    """Name a type as a client knows it."""
    if isinstance(info, inspect.Metadata):
        return name_of(info.type)
    if isinstance(info, inspect.UnionType):
        return " | ".join(dict.fromkeys(name_of(each) for each, _ in members_of(info)))
    if isinstance(info, inspect.IntType):
        return "int"
    if isinstance(info, inspect.FloatType):
        return "float"
    kinds = kinds_of(info) - ({"float"} if choices_of(info) else set())
    return FORMATS.get(type(info)) or " | ".join(sorted(kinds))
