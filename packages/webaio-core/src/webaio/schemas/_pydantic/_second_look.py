"""What pydantic takes, and loses or cannot write again."""

import contextlib
import datetime
import decimal
import enum
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

import pydantic

from webaio.exceptions import Fault

from .._annotation import origin_of, parts_of, pieces_of
from .._fault import REPEATED, UNREASONABLE, Found, Full, Place, is_reasonable, place_of
from .._text import FORMS
from ._fields import names_on_the_wire

_ODD: Final = re.compile(rb"""(?i)inf|nan|\\u|[^\x00-\x7f]|e[+-]?[0-9_]{3}|[0-9_]{300}""")
"""Where a number may be none, or a huge one; elsewhere nobody need look."""
_KEYS: Final[dict[type, Callable[[str], Any]]] = {
    decimal.Decimal: decimal.Decimal,
    float: float,
    int: int,
    uuid.UUID: uuid.UUID,
}
"""What is the same key, though it is written in two ways."""
_FORMS: Final = {
    **FORMS,
    datetime.date: FORMS[datetime.datetime],
    datetime.time: re.compile(r"[0-9]{2}:.*"),
    datetime.timedelta: re.compile(r"[+-]?P.*"),
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
    return _ODD.search(body) is not None


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
    elif isinstance(made, pydantic.RootModel):
        _visit(sent, made.root, at, found, is_text=is_text)
    elif isinstance(made, (set, frozenset)) and not all(map(is_reasonable, made)):
        found.add(at, ("format", UNREASONABLE))
    elif isinstance(made, (list, tuple)) and isinstance(sent, list):
        for index, (each, value) in enumerate(zip(sent, made, strict=False)):
            _visit(each, value, (at, index), found, is_text=is_text)
    elif isinstance(sent, dict):
        _visit_object(sent, made, at, found, is_text=is_text)


def _visit_object(
    sent: dict[str, Any], made: Any, at: Place, found: Found, *, is_text: bool
) -> None:
    if isinstance(made, Mapping):
        if _are_fewer(sent, made):
            found.add(at, REPEATED)
        elif len(sent) == len(made):
            for (name, each), (key, value) in zip(sent.items(), made.items(), strict=True):
                place = (at, place_of(name))
                _visit(name, key, place, found, is_text=True)
                _visit(each, value, place, found, is_text=is_text)
        return
    members = {**getattr(made, "__dict__", {}), **(getattr(made, "__pydantic_extra__", None) or {})}
    fields = getattr(type(made), "__pydantic_fields__", {})
    for name, value in members.items():
        names = names_on_the_wire(type(made), name, fields[name]) if name in fields else [name]
        for key in names:
            if key in sent:
                _visit(sent[key], value, (at, place_of(key)), found, is_text=is_text)


def _are_fewer(sent: dict[str, Any], made: Mapping[Any, Any]) -> bool:
    """Tell whether two names that were sent became one key."""
    read = _KEYS.get(type(next(iter(made), None)))
    if read is None or len(made) >= len(sent):
        return False
    with contextlib.suppress(ValueError, ArithmeticError):
        return len({read(name) for name in sent}) < len(sent)
    return False
