import contextlib
import re
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any, Final, cast, get_args

import pydantic
from pydantic_core import ErrorDetails, PydanticKnownError
from pydantic_core.core_schema import ErrorType

from webaio.exceptions import Fault, pointer

from .._fault import MOST_FAULTS, Found, Full
from .._words import INVALID, refusals_of, sentence_of
from ._fields import Named

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
    "zoneinfo_str": "format",
}
_OF_PYDANTIC: Final = frozenset(get_args(ErrorType))
"""The types of its own errors; others are made by the application."""
_OF_ITS_TYPES: Final = frozenset({"import_error", "zoneinfo_str"})
"""Those of types that it adds; their words quote the value."""
_TOO_MANY: Final = 20 * MOST_FAULTS
"""So many errors are not even looked at; a union inside itself can make them of a few bytes."""
_MOST_TEXT: Final = 100_000_000
"""So many characters can the places of the errors that are looked at have."""
_DETAILS: Final = {
    "missing": "Required",
    "missing_argument": "Required",
    "union_tag_not_found": "Required",
    "extra_forbidden": "Unknown field",
    "unexpected_keyword_argument": "Unknown field",
    "zoneinfo_str": "Not a valid timezone",
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


def faults_of(error: pydantic.ValidationError, value: Any, named: Named) -> list[Fault]:
    """Give pydantic's errors as faults of the plain value that it has refused.

    Its places name the members of unions, which are nowhere in the value: only what is there, or is
    missing there, goes into the pointer. No sentence holds the value.
    """
    count = error.error_count()
    if count > _TOO_MANY or count * _longest_place(value) > _MOST_TEXT:
        return [Fault("", "value", "Too many faults to tell")]
    try:
        errors = error.errors(include_url=False, include_input=False)
    except Exception:  # noqa: BLE001  # words that cannot be written: surrogates, a failing `__str__`
        return [Fault("", "value", INVALID)]
    found = Found()
    known: set[Hashable] = set()
    parted = _parted_places(errors)
    with contextlib.suppress(Full):
        for each in errors:
            for fault, is_member in _faults(each, value, named):
                is_near = not (is_member and fault.code == "type" and each["loc"][:-1] in parted)
                if is_near and (fault.pointer, fault.code) not in known:
                    known.add((fault.pointer, fault.code))
                    found.add(((), fault.pointer), (fault.code, fault.detail))
    return found.faults


def _longest_place(value: Any) -> int:
    """Count the characters of the names on the longest way into a value."""
    longest, todo = 0, [(value, 0)]
    while todo:
        each, length = todo.pop()
        longest = max(longest, length)
        if isinstance(each, Mapping):
            todo += [(part, length + len(name)) for name, part in each.items()]
        elif isinstance(each, list):
            todo += [(part, length) for part in each if isinstance(part, (dict, list))]
    return longest


def _parted_places(errors: Sequence[ErrorDetails]) -> set[tuple[str | int, ...]]:
    """Give the places that an error is within: where it is a union, other members were not meant."""
    places: set[tuple[str | int, ...]] = set()
    for each in errors:
        outer = each["loc"][:-2]
        if len(each["loc"]) > 1:
            places.add(outer)
        while outer and outer[:-1] not in places:
            outer = outer[:-1]
            places.add(outer)
    return places


def _faults(error: ErrorDetails, value: Any, named: Named) -> list[tuple[Fault, bool]]:
    """Give the faults of an error, and tell whether each is that of a union's member as a whole."""
    code, is_own = _code(error["type"]), _is_own(error)
    path: list[str | int] = []
    is_chosen = is_member = False  # whether the tag of this value, and whether a label, was passed
    for index, part in enumerate(error["loc"]):
        is_last = index == len(error["loc"]) - 1
        if not (is_last or is_chosen) and _is_tag(value, part, named.tags):
            is_chosen = True
        elif _has(value, part):
            value, is_chosen = value[part], False
            path.append(part)
        elif is_last and code == "required" and is_own:
            path.append(part)
        else:
            is_member = is_last
    if not is_own:
        words = sentence_of(error["msg"], value, named.members)
        return [(Fault(pointer(*path), "value", words), False)]
    if error["type"] in ("value_error", "assertion_error"):
        refusals = refusals_of(error["ctx"]["error"], value, named.members)
        return [(Fault(pointer(*path) + f.pointer, f.code, f.detail), False) for f in refusals]
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        # It may be written `'kind' | 'type'`, with the alias; a function `kind()` is nowhere.
        path += re.findall("'([^']+)'", error["ctx"]["discriminator"])[-1:]
    if error["loc"][-1:] == ("[key]",):
        code = "format" if code == "type" else code
    elif code == "required" and path and isinstance(path[-1], int):
        return [(Fault(pointer(*path[:-1]), "min_length", "Must be longer"), False)]
    return [(Fault(pointer(*path), code, _detail(error)), is_member)]


def _is_own(error: ErrorDetails) -> bool:
    """Tell whether pydantic has made an error: an application's may have a name of its."""
    kind, context = error["type"], error.get("ctx")
    if kind in ("value_error", "assertion_error"):
        return isinstance((context or {}).get("error"), Exception)
    if kind not in _OF_PYDANTIC:
        return kind in _OF_ITS_TYPES
    if error["msg"].startswith("Input should be "):  # of JSON the words are others than those below
        return True
    try:
        return PydanticKnownError(cast(ErrorType, kind), context).message() == error["msg"]
    except (KeyError, TypeError, ValueError):
        return False


def _is_tag(value: Any, part: str | int, tags: Collection[str]) -> bool:
    """Tell whether a part of a place is the tag of the union's member that was tried."""
    return isinstance(value, Mapping) and any(value.get(name) == part for name in tags)


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
    """Give the sentence of an error of pydantic's own."""
    kind = error["type"]
    if kind in _DETAILS:
        return _DETAILS[kind]
    if kind == "union_tag_invalid":
        return f"Must be one of {error['ctx']['expected_tags']}"
    if name := _format(kind):
        return f"Not a valid {name}"
    is_known = kind in _CODES or kind.endswith("_type")
    return error["msg"] if is_known else INVALID
