from collections.abc import Iterator, Mapping
from typing import Any, Final

import pydantic
from pydantic_core import ErrorDetails

from ._fault import MOST_FAULTS, Fault, pointer

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


def faults_of(error: pydantic.ValidationError, value: Any) -> list[Fault]:
    """Give pydantic's errors as faults of the plain value that it has refused.

    Its places name the members of unions, which are nowhere in the value: only what is there, or is
    missing there, goes into the pointer. No sentence holds the value.
    """
    found: dict[tuple[str, str], Fault] = {}
    for each in error.errors(include_url=False, include_input=False):
        fault = _fault(each, value)
        found.setdefault((fault.pointer, fault.code), fault)
    return [*found.values()][:MOST_FAULTS]


def _fault(error: ErrorDetails, value: Any) -> Fault:
    is_name = error["loc"][-1:] == ("[key]",)
    code = "format" if is_name else _code(error["type"])
    return Fault(pointer(*_path(error, value)), code, _detail(error))


def _path(error: ErrorDetails, value: Any) -> Iterator[str | int]:
    code = _code(error["type"])
    for index, part in enumerate(error["loc"]):
        is_last = index == len(error["loc"]) - 1
        if _has(value, part):
            value = value[part]
        elif not (is_last and code == "required"):
            continue
        yield part
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        yield error["ctx"]["discriminator"].strip("'")


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
        return str(context["error"]) or "Invalid value"
    return error["msg"]
