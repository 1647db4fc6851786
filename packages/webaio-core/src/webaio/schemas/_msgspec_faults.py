import typing
from collections.abc import Iterable
from typing import Any

from msgspec import inspect

from ._fault import MOST_FAULTS, Fault, pointer
from ._msgspec_types import Objects, kind_of, kinds_of
from ._msgspec_verdict import Reason, Verdict, one_of, rule

Path = tuple[str | int, ...]


class Collector:
    """Finds every fault of plain values of a type, in the order of the type's fields.

    The verdict on each part is msgspec's own; only the places to ask about are known here. `strict`
    is true for JSON, false for text, where `"5"` is an int.
    """

    def __init__(self, info: inspect.Type, *, strict: bool) -> None:
        self._info = info
        self._strict = strict
        self._verdict = Verdict(strict)

    def collect(self, value: Any) -> list[Fault]:
        """Give the faults; none where no part shows a reason."""
        walk = _Walk(self._verdict, self._strict)
        walk.visit(value, self._info, ())
        return walk.found


class _Walk:
    """One way through a value."""

    def __init__(self, verdict: Verdict, strict: bool) -> None:
        self._verdict = verdict
        self._strict = strict
        self.found: list[Fault] = []

    def visit(self, value: Any, info: inspect.Type, path: Path) -> None:
        match info:
            case inspect.Metadata(type=inner):
                self.visit(value, inner, path)
            case inspect.AnyType() | inspect.RawType() | inspect.CustomType():
                pass
            case inspect.UnionType():
                self._union(value, info, path)
            case inspect.StructType(array_like=True) | inspect.NamedTupleType() if _is_list(value):
                self._row(value, info, path)
            case inspect.StructType() | inspect.DataclassType() | inspect.TypedDictType() if (
                isinstance(value, dict)
            ):
                self._object(value, info, path)
            case inspect.DictType() if isinstance(value, dict):
                self._mapping(value, info, path)
            case inspect.TupleType() if _is_list(value):
                self._tuple(value, info, path)
            case inspect.CollectionType() if _is_list(value):
                self._collection(value, info, path)
            case _ if kind_of(value) in ("array", "object"):
                self._add(path, [self._verdict.on_type(value, info)])
            case _:
                self._scalar(value, info, path)

    def _union(self, value: Any, info: inspect.UnionType, path: Path) -> None:
        kind = kind_of(value)
        near = [each for each in info.types if kind in kinds_of(each)]
        tagged = [each for each in near if getattr(each, "tag_field", None) is not None]
        if kind == "object" and len(tagged) > 1:
            self._tagged(value, tagged, path)
        elif kind in ("array", "object") and near:
            self.visit(value, near[0], path)  # msgspec allows one of each kind
        else:
            self._scalar(value, info, path)

    def _tagged(self, value: dict[str, Any], members: list[Any], path: Path) -> None:
        field = members[0].tag_field
        tags = [each.tag for each in members]
        if field not in value:
            self._add((*path, field), [("required", "Required")])
        elif value[field] not in tags:
            self._add((*path, field), [one_of(tags)])
        else:
            self.visit(value, members[tags.index(value[field])], path)

    def _object(self, value: dict[str, Any], info: Objects, path: Path) -> None:
        before = len(self.found)
        tags: dict[str, Any] = {}
        if isinstance(info, inspect.StructType) and info.tag_field is not None:
            tags = {info.tag_field: info.tag}
        for name, tag in tags.items():
            if value.get(name, tag) != tag:
                self._add((*path, name), [one_of([tag])])
        for field in info.fields:
            if field.encode_name in value:
                self.visit(value[field.encode_name], field.type, (*path, field.encode_name))
            elif field.required:
                self._add((*path, field.encode_name), [("required", "Required")])
        if getattr(info, "forbid_unknown_fields", False):
            known = {field.encode_name for field in info.fields} | tags.keys()
            for name in value:
                if name not in known:
                    self._add((*path, name), [("unknown", "Unknown field")])
        if len(self.found) == before and _has_validator(info.cls):
            self._add(path, self._verdict.on_model(value, info.cls))

    def _row(self, value: list[Any], info: Any, path: Path) -> None:
        """Visit an array that is a model: a NamedTuple, or a Struct that is `array_like`."""
        before = len(self.found)
        first = int(getattr(info, "tag", None) is not None)
        least = sum(field.required for field in info.fields) + first
        for index, field in enumerate(info.fields, first):
            if index < len(value):
                self.visit(value[index], field.type, (*path, index))
        if len(value) < least:
            self._add(path, [rule("min_length", least)])
        elif isinstance(info, inspect.NamedTupleType) and len(value) > len(info.fields):
            self._add(path, [rule("max_length", len(info.fields))])
        elif len(self.found) == before:
            self._add(path, self._verdict.on_model(value, info.cls))

    def _mapping(self, value: dict[str, Any], info: inspect.DictType, path: Path) -> None:
        before = len(self.found)
        for name, each in value.items():
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
        for index, each in enumerate(value):
            self.visit(each, info.item_type, (*path, index))
        if len(self.found) == before:
            self._add(path, self._verdict.on_constraints(value, info))

    def _scalar(self, value: Any, info: inspect.Type, path: Path) -> None:
        reasons = list(self._verdict.on_scalar(value, info))
        if reasons and isinstance(info, inspect.UnionType):
            near = self._near(value, info)
            if len(near) == 1:
                self._scalar(value, near[0], path)
                return
        self._add(path, reasons)

    def _near(self, value: Any, info: inspect.UnionType) -> list[inspect.Type]:
        """Give the members of a union that a scalar can have been meant for."""
        if self._strict:
            return [each for each in info.types if kind_of(value) in kinds_of(each)]
        return [each for each in info.types if not isinstance(each, inspect.NoneType)]

    def _add(self, path: Path, reasons: Iterable[Reason]) -> None:
        for code, detail in reasons:
            if len(self.found) < MOST_FAULTS:
                self.found.append(Fault(pointer(*path), code, detail))


def _has_validator(model: Any) -> bool:
    """Tell whether a model can refuse a value whose fields are good."""
    cls = typing.get_origin(model) or model
    return hasattr(cls, "__post_init__") or hasattr(cls, "__attrs_attrs__")


def _is_list(value: object) -> bool:
    return isinstance(value, list)
