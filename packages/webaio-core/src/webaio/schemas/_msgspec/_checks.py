import contextlib
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from msgspec import inspect

from webaio.exceptions import Fault, pointer

from .._fault import MOST_FAULTS
from ._types import ALL_KINDS, Objects, constraints_of, kind_of, kinds_of, members_of
from ._verdict import UNKNOWN, Reason, Verdict, has_validator, name_of, rule
from ._walk import Walk

Check = Callable[[Any, str, list[Fault]], None]
"""Adds the faults of a value to a list; the text is the pointer to the value."""

_BREAKS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "gt": operator.le,
    "ge": operator.lt,
    "lt": operator.ge,
    "le": operator.gt,
    "min_length": lambda value, limit: len(value) < limit,
    "max_length": lambda value, limit: len(value) > limit,
}


class Checks:
    """Finds the faults of small plain values of a type, by functions that are made once.

    They give what a `Walk` gives, and know the common types by themselves: an answer to a client's
    mistake costs little more than another. What they do not know is left to a `Walk`.
    """

    def __init__(self, info: inspect.Type, verdict: Verdict) -> None:
        self._verdict = verdict
        self._made: dict[int, Check] = {}
        self._whole = self._check(info)

    def faults(self, value: Any) -> list[Fault]:
        """Give every fault of a value that was refused; none where no part shows a reason."""
        found: list[Fault] = []
        with contextlib.suppress(RecursionError):  # the caller's stack may be deep already
            self._whole(value, "", found)
        return found[:MOST_FAULTS]

    def _check(self, info: inspect.Type) -> Check:
        made = self._made.get(id(info))
        if made is None:
            # A type that is inside itself finds this one until its own is made.
            self._made[id(info)] = lambda value, at, found: self._made[id(info)](value, at, found)
            made = self._made[id(info)] = self._make(info)
        return made

    def _make(self, info: inspect.Type) -> Check:
        match info:
            case inspect.Metadata(type=inner):
                return self._check(inner)
            case inspect.AnyType() | inspect.RawType() | inspect.CustomType():
                return lambda value, at, found: None
            case inspect.UnionType():
                return self._union(info)
            case inspect.StructType(array_like=False, tag=None):
                return self._object(info)
            case inspect.DataclassType() | inspect.TypedDictType():
                return self._object(info)
            case inspect.DictType(key_type=inspect.StrType() as key) if not constraints_of(key):
                return self._many(info, dict, _members)
            case inspect.ListType():
                return self._many(info, list, _items)
            case inspect.StrType(pattern=None):
                return self._scalar(info, str)
            case inspect.IntType(multiple_of=None):
                return self._scalar(info, int)
            case inspect.FloatType(multiple_of=None):
                return self._scalar(info, float)
            case inspect.BoolType():
                return self._scalar(info, bool)
            case inspect.NoneType():
                return self._scalar(info, type(None))
        return self._other(info)

    def _other(self, info: inspect.Type) -> Check:
        """Leave the whole of a value to a `Walk`."""

        def check(value: Any, at: str, found: list[Fault]) -> None:
            found += [
                Fault(at + each.pointer, each.code, each.detail)
                for each in Walk(self._verdict).faults(value, info)
            ]

        return check

    def _scalar(self, info: inspect.Type, cls: type) -> Check:
        limits = _limits(info)
        kinds, refuse, other = kinds_of(info), _refusal(info), self._other(info)

        def check(value: Any, at: str, found: list[Fault]) -> None:
            if type(value) is cls:
                if limits:
                    _limit(value, limits, at, found)
            elif kind_of(value) in kinds:  # a whole number as a float, or the other way round
                other(value, at, found)
            else:
                refuse(value, at, found)

        return check

    def _union(self, info: inspect.UnionType) -> Check:
        checks = {kind: self._of_kind(info, kind) for kind in ALL_KINDS}

        def check(value: Any, at: str, found: list[Fault]) -> None:
            checks[kind_of(value)](value, at, found)

        return check

    def _of_kind(self, info: inspect.UnionType, kind: str) -> Check:
        near = [each for each, _ in members_of(info) if kind in kinds_of(each)]
        if len(near) == 1:
            return self._check(near[0])
        return self._other(info) if near else _refusal(info)

    def _object(self, info: Objects) -> Check:
        fields = [
            (each.encode_name, pointer(each.encode_name), each.required, self._check(each.type))
            for each in info.fields
        ]
        known = {each.encode_name for each in info.fields}
        forbids = getattr(info, "forbid_unknown_fields", False)
        refuse, validates = _refusal(info), has_validator(info.cls)

        def check(value: Any, at: str, found: list[Fault]) -> None:
            if type(value) is not dict:
                refuse(value, at, found)
                return
            before = len(found)
            for name, part, is_required, check_field in fields:
                if name in value:
                    check_field(value[name], at + part, found)
                elif is_required:
                    found.append(Fault(at + part, "required", "Required"))
            if forbids:
                found += [
                    Fault(at + pointer(each), *UNKNOWN) for each in value if each not in known
                ]
            if validates and len(found) == before:
                reasons = self._verdict.on_model(value, info.cls)
                found += [Fault(at, code, detail) for code, detail in reasons]

        return check

    def _many(
        self,
        info: inspect.DictType | inspect.ListType,
        cls: type,
        parts_of: Callable[[Any], Iterable[tuple[str, Any]]],
    ) -> Check:
        limits, refuse = _limits(info), _refusal(info)
        part = info.item_type if isinstance(info, inspect.ListType) else info.value_type
        check_part = self._check(part)

        def check(value: Any, at: str, found: list[Fault]) -> None:
            if type(value) is not cls:
                refuse(value, at, found)
                return
            before = len(found)
            for place, each in parts_of(value):
                check_part(each, at + place, found)
                if len(found) >= MOST_FAULTS:
                    return
            if len(found) == before:
                _limit(value, limits, at, found)

        return check


Limit = tuple[Callable[[Any, Any], bool], Any, Reason]


def _limits(info: inspect.Type) -> list[Limit]:
    return [
        (_BREAKS[name], limit, rule(name, limit)) for name, limit in constraints_of(info).items()
    ]


def _limit(value: Any, limits: list[Limit], at: str, found: list[Fault]) -> None:
    for breaks, limit, (code, detail) in limits:
        if breaks(value, limit):
            found.append(Fault(at, code, detail))


def _refusal(info: inspect.Type) -> Check:
    """Make the check of a value that is of another type."""
    expected = f"Expected {name_of(info)}, got "

    def refuse(value: Any, at: str, found: list[Fault]) -> None:
        found.append(Fault(at, "type", expected + kind_of(value)))

    return refuse


def _members(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((pointer(name), each) for name, each in value.items())


def _items(value: list[Any]) -> Iterator[tuple[str, Any]]:
    return ((f"/{index}", each) for index, each in enumerate(value))
