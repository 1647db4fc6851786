import decimal
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

MOST_FAULTS: Final = 1000
"""How many faults one answer lists: a small body of many faults must not make a huge answer."""

UNREASONABLE: Final = "Must be a finite number of reasonable size"
_LARGEST_EXPONENT: Final = 400
"""No float goes beyond it; a decimal that does can fill the memory when it is made an int."""


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong with a value: where (RFC 6901), a code for machines, a sentence.

    `pointer` is empty for the whole value. The codes follow JSON Schema's words: `type`,
    `required`, `unknown`, `format`, `enum`, `minimum`, `exclusive_minimum`, `maximum`,
    `exclusive_maximum`, `multiple_of`, `min_length`, `max_length`, `pattern`, `timezone`,
    `repeated`, and `value` for what a model's own validator refuses.

    >>> Fault("/tags/2", "type", "Expected str, got int").pointer
    '/tags/2'
    """

    pointer: str
    code: str
    detail: str


class Invalid(ValueError):
    """A value breaks its schema: `faults` tells every place.

    An action may raise it too, for what a schema cannot know; the router answers 422:

        raise Invalid([Fault("/name", "taken", "Another artist has this name")])
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "; ".join(f"{each.pointer or 'the value'}: {each.detail}" for each in self.faults)


class Malformed(ValueError):
    """A body is no JSON that could be read safely; the message says why, without its content."""


class Unsupported(TypeError):
    """A type that no validation library here can read and write as JSON."""


def pointer(*parts: str | int) -> str:
    """Write a JSON pointer (RFC 6901).

    >>> pointer("tags", 2), pointer("a/b~c")
    ('/tags/2', '/a~1b~0c')
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


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
