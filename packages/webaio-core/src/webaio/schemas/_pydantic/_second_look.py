"""What pydantic takes, and loses or cannot write again."""

import contextlib
import datetime
import decimal
import enum
import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

import pydantic

from webaio.exceptions import Fault, pointer

from .._annotation import origin_of, parts_of, pieces_of
from .._fault import REPEATED, UNREASONABLE, Found, Full, Place, is_reasonable
from .._text import FORMS
from ._fields import names_on_the_wire

_NUMBERS: Final = re.compile(rb"""["]\s*[+-]?(s?nan|inf|\\u)|e[+-]?[0-9]{3}""", re.IGNORECASE)
"""Where a number may be none, or a huge one; elsewhere nobody need look."""


_FORMS: Final = {
    **FORMS,
    datetime.date: FORMS[datetime.datetime],
    datetime.time: re.compile(r"[0-9]{2}:.*"),
    datetime.timedelta: re.compile(r"[+-]?P.*"),
    bool: re.compile(r"(?i:true|false)|1|0"),
}
_REASONS: Final = {
    bool: ("type", "Expected bool"),
    datetime.date: ("format", "Not a valid date"),
    datetime.datetime: ("format", "Not a valid date-time"),
    datetime.time: ("format", "Not a valid time"),
    datetime.timedelta: ("format", "Not a valid duration"),
    decimal.Decimal: ("format", "Not a valid decimal"),
    float: ("type", "Expected float"),
    int: ("type", "Expected int"),
    uuid.UUID: ("format", "Not a valid uuid"),
}


def has_keys(annotation: Any) -> bool:
    """Tell whether there is a dict of other names than any text."""
    return any(
        issubclass(origin_of(piece), Mapping) and parts_of(piece)[:1] not in ((), (str,), (Any,))
        for piece in pieces_of(annotation)
        if isinstance(origin_of(piece), type)
    )


def may_hold_odd_numbers(body: bytes) -> bool:
    """Tell whether JSON may hold, as text, a number that is infinite or huge."""
    return _NUMBERS.search(body) is not None


def lost_in(sent: Any, made: Any, *, is_text: bool = False) -> list[Fault]:
    """Find the names that became one key, and the numbers that no JSON can hold or nobody count.

    Of text and of names, also what does not look like what it became: `1.0` for an int.
    """
    found = Found()
    with contextlib.suppress(Full, RecursionError):
        _visit(sent, made, (), found, is_text=is_text)
    return found.faults


def _visit(sent: Any, made: Any, at: Place, found: Found, *, is_text: bool) -> None:
    if not is_reasonable(made):
        found.add(at, ("format", UNREASONABLE))
    elif is_text and isinstance(sent, str):
        is_number = isinstance(made, enum.Enum) and isinstance(made, int)
        cls = int if is_number else type(made)
        if cls in _FORMS and not _FORMS[cls].fullmatch(sent):
            found.add(at, _REASONS[cls])
    elif isinstance(made, (list, tuple)) and isinstance(sent, list):
        for index, (each, value) in enumerate(zip(sent, made, strict=False)):
            _visit(each, value, (at, index), found, is_text=is_text)
    elif isinstance(made, Mapping) and isinstance(sent, dict):
        if len(made) < len(sent):
            found.add(at, REPEATED)
            return
        for (name, each), (key, value) in zip(sent.items(), made.items(), strict=False):
            _visit(name, key, (at, pointer(name)), found, is_text=True)
            _visit(each, value, (at, pointer(name)), found, is_text=is_text)
    elif isinstance(made, pydantic.BaseModel) and isinstance(sent, dict):
        for name, field in type(made).model_fields.items():
            for key in names_on_the_wire(type(made), name, field):
                if key in sent:
                    place = (at, pointer(key))
                    _visit(sent[key], getattr(made, name), place, found, is_text=is_text)
