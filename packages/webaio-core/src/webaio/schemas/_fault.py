import decimal
import math
from typing import Any, Final

from webaio.exceptions import Fault, ValidationError, pointer

MOST_FAULTS: Final = 1000
"""How many faults one answer lists: a small body of many faults must not make a huge answer."""

REPEATED: Final = ("repeated", "A name is given twice, written in two ways")
UNREASONABLE: Final = "Must be a finite number of reasonable size"
_LARGEST_EXPONENT: Final = 400
"""No float goes beyond it; a decimal that does can fill the memory when it is made an int."""
_MOST_TEXT: Final = 200_000
"""How many characters one answer lists: a name that is long stands in each pointer below it."""

Place = tuple[()] | tuple["Place", "str | int"]
"""Where a value stands: in what, and its index or its pointer there; the whole is in nothing."""


class Full(Exception):
    """As many faults are found as an answer tells."""


def place_of(name: str) -> str:
    """Give the pointer to a name, as `pointer` does, sooner for most."""
    return pointer(name) if "~" in name or "/" in name else f"/{name}"


class Found:
    """The faults of a value."""

    __slots__ = ("_room", "faults", "wholes")

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.wholes: list[tuple[Place, int]] = []
        """Where an integer is written as a float that is whole, and which."""
        self._room = _MOST_TEXT

    def add(self, place: Place, reason: tuple[str, str]) -> None:
        """Add one, by its code and sentence; raises `Full` when no more are told."""
        at = ""
        while place:
            place, part = place
            at = part + at if type(part) is str else f"/{part}{at}"
        code, detail = reason
        self.faults.append(Fault(at, code, detail))
        self._room -= len(at) + len(detail)
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


def is_reasonable(number: Any) -> bool:
    """Tell whether a number, or anything else, can be calculated with."""
    if isinstance(number, float):
        return math.isfinite(number)
    if isinstance(number, decimal.Decimal):
        if not number.is_finite():
            return False
        digits = len(number.as_tuple().digits)
        return -_LARGEST_EXPONENT <= number.adjusted() <= _LARGEST_EXPONENT + digits
    return True
