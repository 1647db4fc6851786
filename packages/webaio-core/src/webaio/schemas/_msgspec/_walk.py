"""One way through a value of a type that msgspec describes."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from msgspec import inspect

from webaio.exceptions import Fault, pointer

from .._fault import MOST_FAULTS
from ._types import Objects, kind_of, kinds_of, members_of
from ._verdict import UNKNOWN, Reason, Verdict, has_validator, one_of, rule

Path = tuple[str | int, ...]
Part = tuple[Any, Any]
"""An index or a name, and what is there."""

_LONG: Final = 0.2
_LONGEST: Final = 1.0
"""Seconds; only a body that is made to be slow takes so long."""
_FEW: Final = 8
"""So many parts are looked at one by one."""


class Full(Exception):
    """As many faults are found as an answer tells, or looking for more takes too long."""


class Walk:
    """One way through a value; what msgspec takes as a whole is passed by unless it is thorough."""

    def __init__(
        self, verdict: Verdict, *, is_thorough: bool = False, forbids: bool = False
    ) -> None:
        self._verdict = verdict
        self._is_thorough = is_thorough
        self._forbids = forbids
        self._begun = None if is_thorough else time.perf_counter()
        self.found: list[Fault] = []

    def faults(self, value: Any, info: inspect.Type) -> list[Fault]:
        """Go through a value, and give what is found."""
        with contextlib.suppress(Full, RecursionError):  # the caller's stack may be deep already
            self.visit(value, info, ())
        return self.found

    def visit(self, value: Any, info: inspect.Type, path: Path) -> None:
        if isinstance(value, (dict, list)):
            self._watch_the_time()
            if not self._is_thorough and self._verdict.fits(value, info):
                return
        match info:
            case inspect.Metadata(type=inner):
                self.visit(value, inner, path)
            case inspect.AnyType() | inspect.RawType() | inspect.CustomType():
                pass
            case inspect.UnionType():
                self._union(value, info, path)
            case inspect.StructType(array_like=True) | inspect.NamedTupleType():
                self._row(value, info, path)
            case inspect.StructType() | inspect.DataclassType() | inspect.TypedDictType():
                self._object(value, info, path)
            case inspect.DictType() if isinstance(value, dict):
                self._mapping(value, info, path)
            case inspect.TupleType() if isinstance(value, list):
                self._tuple(value, info, path)
            case inspect.CollectionType() if isinstance(value, list):
                self._collection(value, info, path)
            case _:
                self._add(path, self._verdict.on_scalar(value, info))

    def _watch_the_time(self) -> None:
        """Ask about wholes for a while, then only about parts, and then no more.

        In nested values wholes are asked about again and again; others wait for their answers.
        """
        if self._begun is None:
            return
        spent = time.perf_counter() - self._begun
        if spent > _LONGEST:
            raise Full
        self._is_thorough = spent > _LONG

    def _union(self, value: Any, info: inspect.UnionType, path: Path) -> None:
        kind = kind_of(value)
        if kind not in ("array", "object"):
            self._scalar_of_union(value, info, path)
            return
        near = [each for each, _ in members_of(info) if kind in kinds_of(each)]
        tagged = [each for each in near if getattr(each, "tag", None) is not None]
        if len(tagged) > 1:
            self._tagged(value, tagged, path)
        elif near:
            self.visit(value, near[0], path)  # without tags msgspec allows one of each kind
        else:
            self._add(path, [self._verdict.on_type(value, info)])

    def _tagged(self, value: Any, members: list[Any], path: Path) -> None:
        place = 0 if isinstance(value, list) else members[0].tag_field
        tag = _tag_in(value, place)
        if tag is None:
            self._add((*path, place), [("required", "Required")])
            return
        chosen = [each for each in members if _same(tag, each.tag)]
        if chosen:
            self.visit(value, chosen[0], path)
        else:
            self._add((*path, place), [one_of([each.tag for each in members])])

    def _object(self, value: Any, info: Objects, path: Path) -> None:
        if not isinstance(value, dict):
            self._add(path, [self._verdict.on_type(value, info)])
            return
        before = len(self.found)
        known = {field.encode_name for field in info.fields}
        if isinstance(info, inspect.StructType) and info.tag_field is not None:
            known.add(info.tag_field)
            if info.tag_field in value and not _same(value[info.tag_field], info.tag):
                self._add((*path, info.tag_field), [one_of([info.tag])])
        for field in info.fields:
            if field.encode_name in value:
                self.visit(value[field.encode_name], field.type, (*path, field.encode_name))
            elif field.required:
                self._add((*path, field.encode_name), [("required", "Required")])
        if self._forbids or getattr(info, "forbid_unknown_fields", False):
            for name in value:
                if name not in known:
                    self._add((*path, name), [UNKNOWN])
        if len(self.found) == before and has_validator(info.cls):
            self._add(path, self._verdict.on_model(value, info.cls))

    def _row(self, value: Any, info: Any, path: Path) -> None:
        """Visit an array that is a model: a NamedTuple, or a Struct that is `array_like`."""
        if not isinstance(value, list):
            self._add(path, [self._verdict.on_type(value, info)])
            return
        before = len(self.found)
        tag = getattr(info, "tag", None)
        first = int(tag is not None)
        if tag is not None and value and not _same(value[0], tag):
            self._add((*path, 0), [one_of([tag])])
        for index, field in enumerate(info.fields, first):
            if index < len(value):
                self.visit(value[index], field.type, (*path, index))
        least = sum(field.required for field in info.fields) + first
        most = len(info.fields) + first
        if len(value) < least:
            self._add(path, [rule("min_length", least)])
        elif len(value) > most and self._forbids:
            self._add(path, [UNKNOWN])
        elif len(value) > most and not _takes_more(info):
            self._add(path, [rule("max_length", most)])
        elif len(self.found) == before and has_validator(info.cls):
            self._add(path, self._verdict.on_model(value, info.cls))

    def _mapping(self, value: dict[str, Any], info: inspect.DictType, path: Path) -> None:
        before = len(self.found)
        for name, each in self._suspects([*value.items()], info, dict):
            self._add((*path, name), self._verdict.on_name(name, info.key_type))
            self.visit(each, info.value_type, (*path, name))
        if len(self.found) == before:
            self._add(path, self._verdict.on_constraints(value, info))

    def _tuple(self, value: list[Any], info: inspect.TupleType, path: Path) -> None:
        for index, (each, item) in enumerate(zip(value, info.item_types, strict=False)):
            self.visit(each, item, (*path, index))
        if len(value) != len(info.item_types):
            name = "min_length" if len(value) < len(info.item_types) else "max_length"
            self._add(path, [rule(name, len(info.item_types))])

    def _collection(self, value: list[Any], info: inspect.CollectionType, path: Path) -> None:
        before = len(self.found)
        for index, each in self._suspects([*enumerate(value)], info, _values):
            self.visit(each, info.item_type, (*path, index))
        if len(self.found) == before:
            self._add(path, self._verdict.on_constraints(value, info))

    def _suspects(
        self, parts: list[Part], info: inspect.Type, whole: Callable[[list[Part]], Any]
    ) -> Iterator[Part]:
        """Give the parts of a list or dict among which there are faults: halve, and pass by the good.

        So one fault in a large list costs not much more than none.
        """
        if len(parts) > _FEW and not self._is_thorough:
            if not self._verdict.fits_bare(whole(parts), info):
                middle = len(parts) // 2
                yield from self._suspects(parts[:middle], info, whole)
                yield from self._suspects(parts[middle:], info, whole)
        else:
            yield from parts

    def _scalar_of_union(self, value: Any, info: inspect.UnionType, path: Path) -> None:
        reasons = list(self._verdict.on_scalar(value, info))
        near = self._verdict.near(value, info) if reasons else ()
        if len(near) == 1:
            self._add(path, self._verdict.on_scalar(value, near[0]))
        else:
            self._add(path, reasons)

    def _add(self, path: Path, reasons: Iterable[Reason]) -> None:
        for code, detail in reasons:
            self.found.append(Fault(pointer(*path), code, detail))
            if len(self.found) == MOST_FAULTS:
                raise Full


def _values(parts: list[Part]) -> list[Any]:
    return [each for _, each in parts]


def _tag_in(value: Any, place: Any) -> Any:
    if isinstance(value, list):
        return value[0] if value else None
    return value.get(place)


def _same(found: Any, tag: Any) -> bool:
    """Compare tags: in Python, not in JSON, True equals 1."""
    return type(found) is type(tag) and bool(found == tag)


def _takes_more(info: Any) -> bool:
    """Tell whether an array that is a model may have elements that are not its fields'."""
    return isinstance(info, inspect.StructType) and not info.forbid_unknown_fields
