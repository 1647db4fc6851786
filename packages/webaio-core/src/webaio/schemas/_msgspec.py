from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

import msgspec
from msgspec import inspect

from ._fault import Fault, Invalid, Malformed, Unsupported, pointer
from ._json import plain, require_json_text, require_unique_names
from ._msgspec_faults import Collector
from ._msgspec_types import is_object, kinds_of, parts_of, types_in
from ._schema import Field, Takes, Texts

_MODELS: Final = (
    inspect.StructType,
    inspect.DataclassType,
    inspect.TypedDictType,
    inspect.NamedTupleType,
)
_UNHASHABLE: Final = (
    inspect.AnyType,
    inspect.DictType,
    inspect.ListType,
    inspect.SetType,
    inspect.TypedDictType,
)
_encode = msgspec.json.Encoder().encode


class MsgspecSchema:
    """A `Schema` of what msgspec knows: Struct, dataclass, TypedDict, NamedTuple, attrs, scalars."""

    def __init__(self, annotation: Any) -> None:
        self._annotation = annotation
        self._info = described(annotation)
        self._decode = msgspec.json.Decoder(annotation).decode
        self._json = Collector(self._info, strict=True)
        self._text = Collector(self._info, strict=False)
        self._least_names = _least_names(self._info)
        types = {type(each) for each in types_in(self._info)}
        self._has_decimals = inspect.DecimalType in types
        self._may_be_infinite = not types.isdisjoint({inspect.DecimalType, inspect.FloatType})
        self.is_model = _is_model(self._info)
        self.takes: Takes = _takes(self._info)
        self.fields = _fields(self._info)

    def decode(self, body: bytes) -> Any:
        """Read JSON; raises `Malformed` for what is none, `Invalid` with every fault in it."""
        require_json_text(body)
        try:
            value = self._decode(body)
        except msgspec.ValidationError:
            self._refuse(body)
        except (msgspec.DecodeError, RecursionError):
            raise Malformed("The body is not valid JSON.") from None
        require_unique_names(body, self._least_names)
        if self._has_decimals and (faults := self._json.collect(plain(body))):
            raise Invalid(faults)
        return value

    def _refuse(self, body: bytes) -> NoReturn:
        value = plain(body)
        require_unique_names(body, 1)
        raise _invalid(self._json.collect(value)) from None

    def convert(self, texts: Texts) -> Any:
        """Read a value from the text of a URL, a header or a cookie; raises `Invalid`."""
        try:
            value = msgspec.convert(texts, self._annotation, strict=False)
        except msgspec.ValidationError:
            raise _invalid(self._text.collect(texts)) from None
        if self._may_be_infinite and (faults := self._text.collect(texts)):
            raise Invalid(faults)
        return value

    def accepts(self, default: Any) -> bool:
        """Tell whether a Python value, such as a default, is of the type."""
        if default is msgspec.UNSET:
            return True
        try:
            self._decode(_encode(default))
        except (TypeError, ValueError, msgspec.MsgspecError):
            return False
        return True

    def encode(self, value: Any) -> bytes:
        """Write a value as JSON."""
        return _encode(value)

    def encode_checked(self, value: Any) -> bytes:
        """Write a value as JSON; raises `Invalid` where it does not fit, or has members too many."""
        body = _encode(value)
        fitted = self.decode(body)
        if lost := list(_lost(plain(body), plain(_encode(fitted)), ())):
            raise Invalid(lost)
        return body


def described(annotation: Any) -> inspect.Type:
    """Describe a type; raises `Unsupported` where a part of it has no form in JSON."""
    try:
        info = inspect.type_info(annotation)
    except (TypeError, NameError) as error:
        raise Unsupported(str(error)) from error
    for each in types_in(info):
        if isinstance(each, inspect.CustomType) and each.cls is not object:
            raise Unsupported(f"{each.cls!r} has no form in JSON that msgspec knows")
        if isinstance(each, inspect.ExtType):
            raise Unsupported("msgspec.msgpack.Ext has no form in JSON")
        if isinstance(each, (inspect.SetType, inspect.FrozenSetType)):
            _require_hashable(each.item_type)
    return info


def _require_hashable(item: inspect.Type) -> None:
    has_none = isinstance(item, _UNHASHABLE)
    if has_none or getattr(getattr(item, "cls", None), "__hash__", True) is None:
        raise Unsupported("a set cannot hold what has no hash; use a list, or a frozen model")
    for part in parts_of(item):
        _require_hashable(part)


def _invalid(faults: list[Fault]) -> Invalid:
    return Invalid(faults or [Fault("", "value", "Invalid value")])


def _least_names(info: inspect.Type) -> int:
    """Count the names that JSON of this type has at least."""
    if not is_object(info):
        return 0
    return sum(field.required for field in info.fields)


def _is_model(info: inspect.Type) -> bool:
    return isinstance(info, _MODELS) or any(map(_is_model, parts_of(info)))


def _takes(info: inspect.Type) -> Takes:
    match info:
        case inspect.Metadata(type=inner):
            return _takes(inner)
        case inspect.AnyType() | inspect.CustomType():
            return "text"
        case inspect.CollectionType(item_type=item):
            return "texts" if _takes(item) == "text" else "object"
        case inspect.TupleType(item_types=items):
            return "texts" if {*map(_takes, items)} <= {"text"} else "object"
        case inspect.UnionType(types=members):
            each = {_takes(member) for member in members if kinds_of(member) != {"null"}}
            return each.pop() if len(each) == 1 else "object"
    return "object" if kinds_of(info) & {"array", "object"} else "text"


def _fields(info: inspect.Type) -> tuple[Field, ...] | None:
    if not is_object(info):
        return None
    return tuple(Field(field.encode_name, _takes(field.type)) for field in info.fields)


def _lost(found: Any, kept: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    """Give the members of a result that its declared type does not have."""
    if isinstance(found, Mapping) and isinstance(kept, Mapping):
        for name, each in found.items():
            if name in kept:
                yield from _lost(each, kept[name], (*path, name))
            else:
                yield Fault(pointer(*path, name), "unknown", "Unknown field")
    elif isinstance(found, list) and isinstance(kept, list):
        for index, (each, other) in enumerate(zip(found, kept, strict=False)):
            yield from _lost(each, other, (*path, index))
