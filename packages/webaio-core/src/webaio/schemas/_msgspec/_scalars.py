import decimal
import functools
import operator
import re
import sys
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final

import msgspec
from msgspec import inspect

from .._fault import UNREASONABLE, Found, Place, is_reasonable
from .._text import FORMS
from ._reasons import FORMATS, Reason, name_of, one_of, rule
from ._types import (
    BARE,
    annotation_of,
    choices_of,
    constraints_of,
    flag_of,
    kind_of,
    unconstrained,
)

Check = Callable[[Any, Place, Found], Any]
"""Adds the faults of a value to those found, and gives what msgspec is to make of it.

That is the value itself, but for a float that an integer may be written as, and for a model that
has a validator: it is made here, once, whatever it stands in.
"""
Limit = tuple[Callable[[Any], Any], Reason]
"""Tells whether a value keeps a constraint, with the reason of one that does not."""

_PLAIN: Final[dict[type[inspect.Type], type]] = {
    inspect.BoolType: bool,
    inspect.FloatType: float,
    inspect.IntType: int,
    inspect.NoneType: type(None),
    inspect.StrType: str,
}
_END: Final = re.compile(r"(?<!\\)\$(?![^\[]*\])")
"""In JSON Schema it is the end and no more; in Python a newline may follow."""
_SEEN: Final = (inspect.DictType, inspect.ListType, inspect.StrType, inspect.VarTupleType)
"""Whose length is that of the plain value."""
_COMPARED: Final[dict[str, Callable[[Any], Callable[[Any], Any]]]] = {
    "gt": lambda limit: functools.partial(operator.lt, limit),
    "ge": lambda limit: functools.partial(operator.le, limit),
    "lt": lambda limit: functools.partial(operator.gt, limit),
    "le": lambda limit: functools.partial(operator.ge, limit),
    "min_length": lambda limit: lambda value: len(value) >= limit,
    "max_length": lambda limit: lambda value: len(value) <= limit,
    "pattern": lambda pattern: re.compile(_END.sub(r"\\Z", pattern)).search,
}
NARROW: Final = {
    False: frozenset(each for each, cls in BARE.items() if cls in FORMS),
    True: frozenset({inspect.DecimalType, inspect.TimeDeltaType}),
}
"""The types of which msgspec takes more than is right, of text and of JSON."""
_MOST_DIGITS: Final = 20
"""Of a flag; msgspec counts to 2**64, and Python reads no more than some thousands."""
_LARGEST: Final = sys.float_info.max
_encode = msgspec.json.Encoder().encode


class Scalars:
    """Makes the checks of values that have no parts: what is not plain to see, msgspec is asked.

    `strict` is true for JSON, false for text, where `"5"` is an int.
    """

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def check(self, info: inspect.Type) -> Check:
        """Make the check of values of a type."""
        if isinstance(info, inspect.StrType) or (self._strict and type(info) in _PLAIN):
            return self._plain(info, _PLAIN[type(info)])
        return self._decimal(info) if isinstance(info, inspect.DecimalType) else self._asked(info)

    def _plain(self, info: inspect.Type, cls: type) -> Check:
        """Make the check of values that Python has a class for."""
        limits, refuse = self.limits(info), self.refusal(info)

        def check(value: Any, at: Place, found: Found) -> Any:
            if type(value) is cls:
                if limits:
                    check_limits(value, limits, at, found)
                return value
            if cls is int and type(value) is float and value.is_integer():
                found.wholes.append((at, int(value)))
                return check(int(value), at, found)
            if cls is float and type(value) is int and abs(value) < _LARGEST:
                check_limits(value, limits, at, found)
                return value
            return refuse(value, at, found)

        return check

    def _decimal(self, info: inspect.Type) -> Check:
        """Make the check of decimals: every number is one, and every text that looks like one."""
        has_form, asked = FORMS[decimal.Decimal].fullmatch, self._asked(info)

        def check(value: Any, at: Place, found: Found) -> Any:
            is_good = has_form(value) if type(value) is str else type(value) in (int, float)
            return value if is_good else asked(value, at, found)

        return check

    def _asked(self, info: inspect.Type) -> Check:
        has_form, read = self._form(info), self.reader(annotation_of(info))
        has_integers = self._strict and has_numbers(info)
        flag = flag_of(info)
        no_flag = 0 if flag is None else ~sum(each.value for each in flag)
        reasons = self._reasons(info)

        def check(value: Any, at: Place, found: Found) -> Any:
            if has_integers and type(value) is float and value.is_integer():
                value = int(value)
                found.wholes.append((at, value))
            # Of a flag msgspec also takes what its class makes a sum of, as each Python has it.
            is_sum = not no_flag or _is_sum(value, no_flag)
            if not (is_sum and has_form(value) and _fits(read, value)):
                for reason in reasons(value):
                    found.add(at, reason)
            return value

        return check

    def _form(self, info: inspect.Type) -> Callable[[Any], bool]:
        """Make the question whether a text looks like a value, beside what msgspec says of it."""
        choices = choices_of(info)
        if not self._strict and has_numbers(info):
            integer = FORMS[int].fullmatch
            return lambda value: (
                not isinstance(value, str) or value in choices or bool(integer(value))
            )
        if type(info) not in NARROW[self._strict]:
            return lambda value: True
        form = FORMS[BARE[type(info)]].fullmatch
        return lambda value: not isinstance(value, str) or form(value) is not None

    def _reasons(self, info: inspect.Type) -> Callable[[Any], Iterable[Reason]]:
        """Make what gives the reasons of a value that is not of a type."""
        choices, limits, expected = choices_of(info), self.limits(info), self._expected(info)
        has_form, read = self._form(info), self.reader(unconstrained(info))

        def reasons(value: Any) -> Iterable[Reason]:
            if choices:
                return [one_of(choices)]
            if limits and has_form(value) and _fits(read, value):
                return [reason for keeps, reason in limits if not keeps(value)]
            if _fits(read, value) and not is_reasonable(read(value)):
                return [("format", UNREASONABLE)]
            if type(info) in FORMATS and isinstance(value, str):
                return [("format", f"Not a valid {FORMATS[type(info)]}")]
            return [expected(value)]

        return reasons

    def limits(self, info: inspect.Type) -> list[Limit]:
        """Make the questions whether a value of the right type keeps each constraint of it."""
        return [(self._limit(info, *each), rule(*each)) for each in constraints_of(info).items()]

    def _limit(self, info: inspect.Type, name: str, limit: Any) -> Callable[[Any], Any]:
        is_seen = isinstance(info, _SEEN) or (self._strict and type(info) in _PLAIN)
        if name in _COMPARED and is_seen:
            return _COMPARED[name](limit)
        read = self.reader(Annotated[unconstrained(info), msgspec.Meta(**{name: limit})])
        return lambda value: _fits(read, value)

    def refusal(self, info: inspect.Type) -> Check:
        """Make the check of a value that is of another type."""
        expected = self._expected(info)

        def refuse(value: Any, at: Place, found: Found) -> Any:
            found.add(at, expected(value))
            return value

        return refuse

    def _expected(self, info: inspect.Type) -> Callable[[Any], Reason]:
        expected = f"Expected {name_of(info)}"
        if not self._strict:
            return lambda value: ("type", expected)
        return lambda value: ("type", f"{expected}, got {kind_of(value)}")

    def reader(self, annotation: Any) -> Callable[[Any], Any]:
        """Make what reads a plain value: a decoder is many times faster than `msgspec.convert`."""
        decode = msgspec.json.Decoder(annotation, strict=self._strict).decode
        return lambda value: decode(_encode(value))


def _is_sum(value: Any, no_flag: int) -> bool:
    """Tell whether a number, written as text or not, has only the bits of flags."""
    if isinstance(value, str) and FORMS[int].fullmatch(value):
        if len(value) > _MOST_DIGITS:
            return False
        value = int(value)
    return not isinstance(value, int) or (value >= 0 and not value & no_flag)


def _fits(read: Callable[[Any], Any], value: Any) -> bool:
    try:
        read(value)
    except (msgspec.ValidationError, TypeError, UnicodeEncodeError):  # a set of what has no hash
        return False
    return True


def good_classes(info: inspect.Type) -> frozenset[type]:
    """Give the classes of Python of which each plain value is of a type, whatever it is."""
    match info:
        case inspect.Metadata(type=inner):
            return good_classes(inner)
        case inspect.UnionType(types=members):
            return frozenset().union(*map(good_classes, members))
        case inspect.AnyType() | inspect.RawType() | inspect.CustomType():
            return frozenset({bool, dict, float, int, list, str, type(None)})
    cls = _PLAIN.get(type(info))
    return frozenset() if cls is None or constraints_of(info) else frozenset({cls})


def form_of(info: inspect.Type) -> Callable[[Any], Any] | None:
    """Give what matches each text of a type that msgspec takes too much of; None for all others."""
    while isinstance(info, inspect.Metadata):
        info = info.type
    return FORMS[BARE[type(info)]].fullmatch if type(info) in NARROW[False] else None


def has_numbers(info: inspect.Type) -> bool:
    """Tell whether a choice is one of numbers, at least in part."""
    return any(type(each) is int for each in choices_of(info))


def has_end(info: inspect.Type) -> bool:
    """Tell whether a text has a pattern that msgspec lets a newline follow."""
    return isinstance(info, inspect.StrType) and _END.search(info.pattern or "") is not None


def check_limits(value: Any, limits: list[Limit], at: Place, found: Found) -> None:
    """Add a fault for each constraint that a value of the right type breaks."""
    for keeps, reason in limits:
        if not keeps(value):
            found.add(at, reason)
