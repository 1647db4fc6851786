import decimal
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from webaio.exceptions import Fault, ValidationError

MOST_FAULTS: Final = 1000
"""How many faults one answer lists: a small body of many faults must not make a huge answer."""

UNREASONABLE: Final = "Must be a finite number of reasonable size"
_LARGEST_EXPONENT: Final = 400
"""No float goes beyond it; a decimal that does can fill the memory when it is made an int."""


_MOST_TEXT: Final = 100_000
"""How many characters of pointers one answer lists: a name that is long stands in each below it."""

Place = tuple[()] | tuple["Place", "str | int"]
"""Where a value stands: in what, and its index or its pointer there; the whole is in nothing."""


class Full(Exception):
    """As many faults are found as an answer tells."""


class Found:
    """The faults of a value."""

    __slots__ = ("_room", "faults")

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._room = _MOST_TEXT

    def add(self, place: Place, reason: tuple[str, str]) -> None:
        """Add one, by its code and sentence; raises `Full` when no more are told."""
        at = ""
        while place:
            place, part = place
            at = part + at if type(part) is str else f"/{part}{at}"
        code, detail = reason
        self.faults.append(Fault(at, code, detail))
        self._room -= len(at)
        if len(self.faults) == MOST_FAULTS or self._room < 0:
            raise Full


class Refused(ValueError):
    """A text is not of the type; nobody has asked why."""


class Unsupported(TypeError):
    """A type that no validation library here can read and write as JSON."""


def below(place: str, error: ValidationError) -> list[Any]:
    """Give the errors of a value that stands at a place in another; what is no fault stays."""
    return [
        Fault(place + each.pointer, each.code, each.detail, each.source)
        if isinstance(each, Fault)
        else each
        for each in error.errors
    ]


def sentence_of(error: BaseException | None, value: Any, model: Any = None) -> str:
    """Give what a validator says to the client, or "Invalid value".

    A `ValueError` is a sentence of the application, unless it quotes the value as Python's own do,
    and those of attrs. Another exception is none.
    """
    text = str(error) if isinstance(error, ValueError) else ""
    quotes = any(repr(each) in text for each in _strings_in(value))
    return (
        "Invalid value" if quotes or hasattr(model, "__attrs_attrs__") else text or "Invalid value"
    )


def _strings_in(value: Any) -> Iterator[str]:
    """Give the strings in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings_in(each)


def is_reasonable(number: Any) -> bool:
    """Tell whether a number, or anything else, can be calculated with."""
    if isinstance(number, float):
        return math.isfinite(number)
    if isinstance(number, decimal.Decimal):
        return number.is_finite() and abs(number.adjusted()) <= _LARGEST_EXPONENT
    return True
