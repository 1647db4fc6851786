"""One way through a plain value, made once for a type that msgspec describes."""

from collections.abc import Hashable
from typing import Any

from msgspec import inspect

from webaio.exceptions import pointer

from .._fault import Found, Full, Place, place_of
from ._names import names_check, takes_any_name
from ._reasons import REQUIRED, UNKNOWN, one_of, rule
from ._scalars import NARROW, Check, Scalars, check_limits, good_classes, has_end, has_numbers
from ._takes import takes_of
from ._types import KINDS, Objects, flag_of, kinds_of, members_of, types_in
from ._validators import validation_of


class Checks:
    """Finds the faults of plain values of a type, in the order of the type's fields.

    `strict` is true for JSON, false for text, where `"5"` is an int; `forbids` is true where no
    model may have a member too many.
    """

    def __init__(self, info: inspect.Type, *, strict: bool, forbids: bool = False) -> None:
        self._info = info  # its parts are known by their identity
        self._strict = strict
        self._forbids = forbids
        self._scalars = Scalars(strict=strict)
        self._made: dict[int, Check] = {}
        self._check = self._of(info)

    def read(self, value: Any) -> tuple[Any, Found]:
        """Give what msgspec is to make of a value, and every fault of it."""
        found = Found()
        try:
            return self._check(value, (), found), found
        except (Full, RecursionError):  # the caller's stack may be deep already
            return value, found

    def _of(self, info: inspect.Type) -> Check:
        made = self._made.get(id(info))
        if made is None:
            # A type that is inside itself finds this one until its own is made.
            self._made[id(info)] = lambda value, at, found: self._made[id(info)](value, at, found)
            made = self._made[id(info)] = self._make(info)
        return made

    def _part(self, info: inspect.Type) -> tuple[frozenset[type], Check]:
        """Give the classes of which a part may have any value, and the check of the others."""
        return good_classes(info) if self._strict else frozenset(), self._of(info)

    def _member(self, info: inspect.Type) -> tuple[frozenset[type], Check]:
        """Do the same for a member of a model; beside texts, what is no text is made already."""
        if not self._strict and takes_of(info) == "object":
            return frozenset(), _anything
        return self._part(info)

    def _make(self, info: inspect.Type) -> Check:
        match info:
            case inspect.Metadata(type=inner):
                return self._of(inner)
            case inspect.AnyType() | inspect.RawType() | inspect.CustomType():
                return _anything
            case inspect.UnionType():
                return self._union(info)
            case inspect.StructType(array_like=True) | inspect.NamedTupleType():
                return self._row(info)
            case inspect.StructType() | inspect.DataclassType() | inspect.TypedDictType():
                return self._object(info)
            case inspect.DictType():
                return self._dict(info)
            case inspect.TupleType():
                return self._tuple(info)
            case inspect.CollectionType():
                return self._list(info)
        return self._scalars.check(info)

    def _union(self, info: inspect.UnionType) -> Check:
        checks = {cls: self._of_kind(info, kind) for cls, kind in KINDS.items()}
        has_text = any(isinstance(each, inspect.StrType) for each, _ in members_of(info))
        has_null_text = not self._strict and not has_text and "null" in kinds_of(info)

        def check(value: Any, at: Place, found: Found) -> Any:
            if has_null_text and isinstance(value, str) and value.lower() == "null":
                return value
            return checks.get(type(value), _anything)(value, at, found)  # others are made already

        return check

    def _of_kind(self, info: inspect.UnionType, kind: str) -> Check:
        """Make the check of the members of a union that a value of a kind can have been meant for."""
        members = [each for each, _ in members_of(info)]
        if not self._strict and kind == "str":
            near = [each for each in members if not isinstance(each, inspect.NoneType)]
        else:
            near = [each for each in members if kind in kinds_of(each)]
        if not near:
            return self._scalars.refusal(info)
        tagged = [each for each in near if getattr(each, "tag", None) is not None]
        if len(tagged) > 1:
            return self._tagged(tagged)
        # Without tags msgspec allows one kind of array and one of object.
        if len(near) == 1 or kind in ("array", "object"):
            return self._of(near[0])
        return self._scalars.check(info) if self._strict else self._any_of(info, near)

    def _any_of(self, info: inspect.Type, members: list[inspect.Type]) -> Check:
        """Make the check of a text that may be one of several numbers."""
        checks, refuse = [*map(self._of, members)], self._scalars.refusal(info)

        def check(value: Any, at: Place, found: Found) -> Any:
            for check_member in checks:
                attempt = Found()
                check_member(value, (), attempt)
                if not attempt.faults:
                    return value
            return refuse(value, at, found)

        return check

    def _tagged(self, members: list[Any]) -> Check:
        checks = {_exact(each.tag): self._of(each) for each in members}
        place = 0 if members[0].array_like else members[0].tag_field
        other = one_of([each.tag for each in members])

        def check(value: Any, at: Place, found: Found) -> Any:
            is_there = bool(value) if place == 0 else place in value
            tag = value[place] if is_there else None
            if check_member := checks.get(_exact(tag)):
                return check_member(value, at, found)
            found.add((at, pointer(place)), REQUIRED if tag is None else other)
            return value

        return check

    def _object(self, info: Objects) -> Check:
        fields = [
            (each.encode_name, pointer(each.encode_name), each.required, *self._member(each.type))
            for each in info.fields
        ]
        known = {each.encode_name for each in info.fields}
        tag: Any = getattr(info, "tag", None)
        tag_field: Any = getattr(info, "tag_field", None)
        known |= {tag_field}
        forbids = self._forbids or getattr(info, "forbid_unknown_fields", False)
        refuse, validate = self._scalars.refusal(info), validation_of(info, strict=self._strict)

        def check(value: Any, at: Place, found: Found) -> Any:
            if type(value) is not dict:
                return refuse(value, at, found)
            before = len(found.faults)
            made = value
            if tag_field in value and _exact(value[tag_field]) != _exact(tag):
                found.add((at, pointer(tag_field)), one_of([tag]))
            for name, place, is_required, good, check_field in fields:
                if name in value:
                    each = value[name]
                    if type(each) in good:
                        continue
                    part = check_field(each, (at, place), found)
                    if part is not each:
                        made = {**value} if made is value else made
                        made[name] = part
                elif is_required:
                    found.add((at, place), REQUIRED)
            if forbids and not known.issuperset(value):
                for name in value:
                    if name not in known:
                        found.add((at, pointer(name)), UNKNOWN)
            if validate and len(found.faults) == before:
                return validate(made, value, at, found)
            return made

        return check

    def _row(self, info: inspect.StructType | inspect.NamedTupleType) -> Check:
        """Make the check of a model that is an array in JSON."""
        checks = [self._of(each.type) for each in info.fields]
        tag = getattr(info, "tag", None)
        first = int(tag is not None)
        least = sum(each.required for each in info.fields) + first
        most = len(checks) + first
        is_open = isinstance(info, inspect.StructType) and not info.forbid_unknown_fields
        too_few = rule("min_length", least)
        too_many = UNKNOWN if self._forbids else None if is_open else rule("max_length", most)
        refuse, validate = self._scalars.refusal(info), validation_of(info, strict=self._strict)

        def check(value: Any, at: Place, found: Found) -> Any:
            if type(value) is not list:
                return refuse(value, at, found)
            before = len(found.faults)
            made = [*value]
            if first and value and _exact(value[0]) != _exact(tag):
                found.add((at, "/0"), one_of([tag]))
            parts = zip(checks, value[first:], strict=False)
            for index, (check_field, each) in enumerate(parts, first):
                made[index] = check_field(each, (at, index), found)
            if len(value) < least:
                found.add(at, too_few)
            elif len(value) > most and too_many:
                found.add(at, too_many)
            elif validate and len(found.faults) == before:
                return validate(made, value, at, found)
            return made

        return check

    def _dict(self, info: inspect.DictType) -> Check:
        limits, refuse = self._scalars.limits(info), self._scalars.refusal(info)
        refused_names = None if takes_any_name(info.key_type) else names_check(info.key_type)
        good, check_part = self._part(info.value_type)

        def check(value: Any, at: Place, found: Found) -> Any:
            if type(value) is not dict:
                return refuse(value, at, found)
            before = len(found.faults)
            reasons = refused_names(value) if refused_names else {}
            made = value
            for name, each in value.items():
                if name in reasons:
                    found.add((at, pointer(name)), reasons[name])
                if type(each) in good:
                    continue
                part = check_part(each, (at, place_of(name)), found)
                if part is not each:
                    made = {**value} if made is value else made
                    made[name] = part
            if limits and len(found.faults) == before:
                check_limits(value, limits, at, found)
            return made

        return check

    def _tuple(self, info: inspect.TupleType) -> Check:
        checks = [*map(self._of, info.item_types)]
        refuse = self._scalars.refusal(info)

        def check(value: Any, at: Place, found: Found) -> Any:
            if type(value) is not list:
                return refuse(value, at, found)
            made = [*value]
            for index, (check_part, each) in enumerate(zip(checks, value, strict=False)):
                made[index] = check_part(each, (at, index), found)
            if len(value) != len(checks):
                name = "min_length" if len(value) < len(checks) else "max_length"
                found.add(at, rule(name, len(checks)))
            return made

        return check

    def _list(self, info: inspect.CollectionType) -> Check:
        limits, refuse = self._scalars.limits(info), self._scalars.refusal(info)
        good, check_part = self._part(info.item_type)

        def check(value: Any, at: Place, found: Found) -> Any:
            if type(value) is not list:
                return refuse(value, at, found)
            before = len(found.faults)
            made = value
            for index, each in enumerate(value):
                if type(each) in good:
                    continue
                part = check_part(each, (at, index), found)
                if part is not each:
                    made = [*value] if made is value else made
                    made[index] = part
            if limits and len(found.faults) == before:
                check_limits(made, limits, at, found)
            return made

        return check


def takes_less(info: inspect.Type, *, strict: bool) -> bool:
    """Tell whether msgspec takes values of a type that the checks of it refuse."""
    return any(
        type(each) in NARROW[strict]
        or flag_of(each) is not None
        or (isinstance(each, inspect.DictType) and not takes_any_name(each.key_type))
        or (not strict and (has_end(each) or has_numbers(each)))
        for each in types_in(info)
    )


def _anything(value: Any, at: Place, found: Found) -> Any:
    return value


def _exact(tag: Any) -> Hashable:
    """Give what only the same tag equals: in Python, not in JSON, True equals 1."""
    return (type(tag), tag) if isinstance(tag, (int, str)) else None
