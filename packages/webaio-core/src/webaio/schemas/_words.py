"""What a validator says of a value, without the value."""

import enum
import traceback
from collections.abc import Collection, Mapping
from typing import Any, Final

from webaio.exceptions import Fault, ValidationError
from webaio.exceptions._fault import faults_in

INVALID: Final = "Invalid value"
_LONGEST: Final = 500
"""So many characters are looked through for the value."""


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
    if not text or len(text) > _LONGEST:
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
