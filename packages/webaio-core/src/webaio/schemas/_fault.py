import decimal
import enum
import math
import traceback
from collections.abc import Collection, Mapping
from typing import Any, Final

from webaio.exceptions import Fault, ValidationError, pointer
from webaio.exceptions._fault import faults_in

MOST_FAULTS: Final = 1000
"""How many faults one answer lists: a small body of many faults must not make a huge answer."""

REPEATED: Final = ("repeated", "A name is given twice, written in two ways")
INVALID: Final = "Invalid value"
UNREASONABLE: Final = "Must be a finite number of reasonable size"
_LARGEST_EXPONENT: Final = 400
"""No float goes beyond it; a decimal that does can fill the memory when it is made an int."""


_MOST_TEXT: Final = 200_000
"""How many characters one answer lists: a name that is long stands in each pointer below it."""
_LONGEST_WORDS: Final = 500
"""So many characters of a validator are looked through for the value."""

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


def refusals_of(
    error: BaseException | None, value: Any, known: Collection[str] = ()
) -> list[Fault]:
    """Give what a model's own validator says of a value: its faults, or one with its sentence.

    A `ValueError` and an `AssertionError` are words of the application. Another exception is none.
    `known` are the names of the models' members.
    """
    if isinstance(error, ValidationError) and (faults := faults_in(error.errors)):
        return [*faults]
    is_told = isinstance(error, (ValueError, AssertionError))
    try:
        text = str(error) if is_told else ""
    except Exception:  # noqa: BLE001  # of the application's own `__str__`
        text = ""
    return [Fault("", "value", sentence_of(text, value, known))]


def is_unwritable(error: Exception) -> bool:
    """Tell whether an exception comes of a validator's words, which cannot be written.

    They have half a surrogate in them, or their own `__str__` fails.
    """
    if isinstance(error, UnicodeEncodeError):
        return True
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    words = next(iter(frame.f_locals.values()), None)
    return frame.f_code.co_name == "__str__" and isinstance(words, (ValueError, AssertionError))


def sentence_of(text: str, value: Any, known: Collection[str] = ()) -> str:
    """Give the words of a validator, or "Invalid value" where they have a part of the value in them."""
    if not text or len(text) > _LONGEST_WORDS:
        return INVALID
    return INVALID if any(_quotes(text, each) for each in _leaves_of(value, known)) else text


def _quotes(text: str, part: str) -> bool:
    """Tell whether a part of a value stands in a text as a word, or as words."""
    begin = text.find(part)
    while begin >= 0:
        before, after = text[:begin][-1:], text[begin + len(part) :][:1]
        if not (before.isalnum() and part[0].isalnum()) and not (
            after.isalnum() and part[-1].isalnum()
        ):
            return True
        begin = text.find(part, begin + 1)
    return False


def _leaves_of(value: Any, known: Collection[str]) -> set[str]:
    """Give the texts and numbers in a value, however deep, as they would be written."""
    found: set[str] = set()
    todo = [value]
    while todo:
        each = todo.pop()
        if isinstance(each, Mapping):
            todo += each.values()
            todo += [name for name in each if name not in known]
        elif isinstance(each, (list, tuple, set, frozenset)):
            todo += each
        elif isinstance(each, str):
            found |= {each, repr(each)[1:-1]}
        elif hasattr(each, "__struct_fields__"):
            todo += [getattr(each, name) for name in each.__struct_fields__]
        elif hasattr(each, "__dict__") and not isinstance(each, enum.Enum):
            todo += vars(each).values()
        elif each is not None and not isinstance(each, bool):
            found.add(str(each))
    return found - {""}


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
