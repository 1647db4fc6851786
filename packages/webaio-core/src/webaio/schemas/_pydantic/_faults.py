from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, get_args

import pydantic
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from webaio.exceptions import Fault, pointer

from .._fault import MOST_FAULTS, sentence_of

_CODES: Final = {
    "missing": "required",
    "missing_argument": "required",
    "union_tag_not_found": "required",
    "extra_forbidden": "unknown",
    "unexpected_keyword_argument": "unknown",
    "enum": "enum",
    "literal_error": "enum",
    "union_tag_invalid": "enum",
    "greater_than": "exclusive_minimum",
    "greater_than_equal": "minimum",
    "less_than": "exclusive_maximum",
    "less_than_equal": "maximum",
    "multiple_of": "multiple_of",
    "too_short": "min_length",
    "bytes_too_short": "min_length",
    "string_too_short": "min_length",
    "too_long": "max_length",
    "bytes_too_long": "max_length",
    "string_too_long": "max_length",
    "string_pattern_mismatch": "pattern",
    "timezone_aware": "timezone",
    "timezone_naive": "timezone",
    "bool_parsing": "type",
    "float_parsing": "type",
    "int_parsing": "type",
    "int_from_float": "type",
    "none_required": "type",
    "is_instance_of": "type",
    "int_parsing_size": "format",
    "finite_number": "format",
    "date_from_datetime_inexact": "format",
    "url_scheme": "format",
}
_OF_PYDANTIC: Final = frozenset(get_args(ErrorType))
"""The types of its own errors; others are made by the application."""
_TOO_MANY: Final = 20 * MOST_FAULTS
"""So many errors are not even looked at; a union inside itself can make them of a few bytes."""
_DETAILS: Final = {
    "missing": "Required",
    "missing_argument": "Required",
    "union_tag_not_found": "Required",
    "extra_forbidden": "Unknown field",
    "unexpected_keyword_argument": "Unknown field",
}
_FORMATS: Final = {
    "bytes": "base64",
    "date": "date",
    "datetime": "date-time",
    "decimal": "decimal",
    "time": "time",
    "time_delta": "duration",
    "timezone": "timezone",
    "url": "url",
    "uuid": "uuid",
}


def faults_of(
    error: pydantic.ValidationError, value: Any, tag_fields: Collection[str]
) -> list[Fault]:
    """Give pydantic's errors as faults of the plain value that it has refused.

    Its places name the members of unions, which are nowhere in the value: only what is there, or is
    missing there, goes into the pointer. `tag_fields` are the names of discriminators. No sentence
    holds the value.
    """
    if error.error_count() > _TOO_MANY:
        return [Fault("", "value", "Too many faults to tell")]
    found: dict[tuple[str, str], Fault] = {}
    for each in error.errors(include_url=False):
        fault = _fault(each, value, tag_fields)
        found.setdefault((fault.pointer, fault.code), fault)
    return [*found.values()][:MOST_FAULTS]


def _fault(error: ErrorDetails, value: Any, tag_fields: Collection[str]) -> Fault:
    path = list(_path(error, value, tag_fields))
    code = _code(error["type"])
    if error["loc"][-1:] == ("[key]",):
        code = "format"
    elif code == "required" and path and isinstance(path[-1], int):
        return Fault(pointer(*path[:-1]), "min_length", "Must be longer")
    return Fault(pointer(*path), code, _detail(error))


def _path(error: ErrorDetails, value: Any, tag_fields: Collection[str]) -> Iterator[str | int]:
    code = _code(error["type"])
    places = error["loc"]
    is_chosen = False  # whether the tag of this value has been passed
    for index, part in enumerate(places):
        is_last = index == len(places) - 1
        if not (is_last or is_chosen) and _is_tag(value, part, tag_fields):
            is_chosen = True
            continue
        if _has(value, part):
            value = value[part]
            is_chosen = False
        elif not (is_last and code == "required"):
            continue
        yield part
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        yield error["ctx"]["discriminator"].strip("'")


def _is_tag(value: Any, part: str | int, tag_fields: Collection[str]) -> bool:
    """Tell whether a part of a place is the tag of the union's member that was tried."""
    return isinstance(value, Mapping) and any(value.get(name) == part for name in tag_fields)


def _has(value: Any, part: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, Mapping) and part in value


def _code(kind: str) -> str:
    if kind in _CODES:
        return _CODES[kind]
    if kind.endswith("_type"):
        return "type"
    return "format" if _format(kind) else "value"


def _format(kind: str) -> str | None:
    """Name the format of an error such as `date_from_datetime_parsing`; None for another."""
    if not kind.endswith(("_parsing", "_encoding", "_version", "_future", "_past")):
        return None
    known = [name for name in _FORMATS if kind.startswith(f"{name}_")]
    return _FORMATS[max(known, key=len)] if known else None


def _detail(error: ErrorDetails) -> str:
    kind = error["type"]
    context = error.get("ctx", {})
    if kind in _DETAILS:
        return _DETAILS[kind]
    if kind == "union_tag_invalid":
        return f"Must be one of {context['expected_tags']}"
    if name := _format(kind):
        return f"Not a valid {name}"
    if kind in ("value_error", "assertion_error"):
        return sentence_of(ValueError(*context["error"].args), error["input"])
    is_known = kind in _CODES or kind.endswith("_type") or kind not in _OF_PYDANTIC
    return error["msg"] if is_known else "Invalid value"
