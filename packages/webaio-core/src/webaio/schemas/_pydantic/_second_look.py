"""What pydantic takes, and loses or cannot write again."""

import contextlib
import re
from collections.abc import Mapping
from typing import Any, Final

import pydantic
from pydantic.fields import FieldInfo

from webaio.exceptions import Fault, pointer

from .._annotation import origin_of, parts_of, pieces_of
from .._fault import REPEATED, UNREASONABLE, Found, Full, Place, is_reasonable

_NUMBERS: Final = re.compile(rb"""["]\s*[+-]?(s?nan|inf|\\u)|e[+-]?[0-9]{3}""", re.IGNORECASE)
"""Where a number may be none, or a huge one; elsewhere nobody need look."""


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


def lost_in(sent: Any, made: Any) -> list[Fault]:
    """Find the names that became one key, and the numbers that no JSON can hold or nobody count."""
    found = Found()
    with contextlib.suppress(Full, RecursionError):
        _visit(sent, made, (), found)
    return found.faults


def _visit(sent: Any, made: Any, at: Place, found: Found) -> None:
    if not is_reasonable(made):
        found.add(at, ("format", UNREASONABLE))
    elif isinstance(made, (list, tuple)) and isinstance(sent, list):
        for index, (each, value) in enumerate(zip(sent, made, strict=False)):
            _visit(each, value, (at, index), found)
    elif isinstance(made, Mapping) and isinstance(sent, dict):
        if len(made) < len(sent):
            found.add(at, REPEATED)
            return
        for (name, each), (key, value) in zip(sent.items(), made.items(), strict=False):
            _visit(name, key, (at, pointer(name)), found)
            _visit(each, value, (at, pointer(name)), found)
    elif isinstance(made, pydantic.BaseModel) and isinstance(sent, dict):
        for name, field in type(made).model_fields.items():
            key = name_on_the_wire(name, field)
            if key in sent:
                _visit(sent[key], getattr(made, name), (at, pointer(key)), found)


def name_on_the_wire(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    return alias if isinstance(alias, str) else name
