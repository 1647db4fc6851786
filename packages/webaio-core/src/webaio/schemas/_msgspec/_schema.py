import math
import re
from typing import Any, Final

import msgspec
from msgspec import inspect

from webaio.exceptions import Fault, ValidationError

from .._components import Components, Mode
from .._fault import Unsupported
from .._json import DEEPEST, names_in, not_json, plain, require_json_text, require_unique_names
from .._json_schema import JsonSchema
from .._schema import Field, Takes, Texts
from ._faults import Collector
from ._json_schema import Describer
from ._types import is_object, kinds_of, parts_of, types_in
from ._unions import require_safe_unions

_MODELS: Final = (
    inspect.StructType,
    inspect.DataclassType,
    inspect.TypedDictType,
    inspect.NamedTupleType,
)
_MAY_BE_UNREASONABLE: Final = re.compile(
    rb"""["][+-]?(s?nan|inf|\\u)|e[+-]?[0-9]{3}""", re.IGNORECASE
)
"""Where a decimal may be no number, or a huge one; elsewhere nobody need look."""
_UNHASHABLE: Final = (
    inspect.AnyType,
    inspect.ByteArrayType,
    inspect.DictType,
    inspect.ListType,
    inspect.SetType,
    inspect.TypedDictType,
)
_SMALL: Final = 4096
"""So many bytes are looked through at once; others wait while a larger body is."""
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
        self.is_text = annotation is str
        self.is_model = _is_model(self._info)
        self.takes: Takes = _takes(self._info)
        self.fields = _fields(self._info)

    def decode(self, body: bytes) -> Any:
        """Read JSON; raises `ParseError` for what is none, else `ValidationError` with every fault."""
        if len(body) > DEEPEST or not body or not body.isascii():  # others are text, and not deep
            require_json_text(body)
        is_refused = False
        try:
            value = self._decode(body)
        except (msgspec.ValidationError, TypeError):  # or a set of what has no hash
            is_refused = True
        except (msgspec.DecodeError, RecursionError) as error:
            raise not_json(body, error) from None
        if is_refused:
            raise self._refusal(body)
        require_unique_names(body, self._least_names)
        if self._has_decimals and _MAY_BE_UNREASONABLE.search(body):
            self._require_reasonable(self._json, plain(body))
        return value

    def _refusal(self, body: bytes) -> ValidationError:
        value = plain(body)
        require_unique_names(body, names_in(value))
        faults = self._json.faults_of_small(value) if len(body) <= _SMALL else []
        return _invalid(faults or self._json.faults(value))

    def convert(self, texts: Texts) -> Any:
        """Read a value from the text of a URL, a header or a cookie; raises `ValidationError`."""
        if self.is_text and isinstance(texts, str):
            return texts
        try:
            value = msgspec.convert(texts, self._annotation, strict=False)
        except msgspec.ValidationError:
            raise _invalid(self._text.faults(texts)) from None
        if self._may_be_infinite:
            self._require_reasonable(self._text, texts)
        return value

    def _require_reasonable(self, collector: Collector, value: Any) -> None:
        if faults := collector.unreasonable(value):
            raise ValidationError(errors=faults)

    def accepts(self, default: Any) -> bool:
        """Tell whether a Python value, such as a default, is of the type."""
        if default is msgspec.UNSET:
            return True
        if isinstance(default, float) and not math.isfinite(default):
            return self._may_be_infinite  # no JSON can tell
        try:
            return bool(self._decode(_encode(default)) == default)
        except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
            return False

    encode = staticmethod(_encode)
    """Write a value as JSON."""

    def encode_checked(self, value: Any) -> bytes:
        """Write a value as JSON.

        Raises `ValidationError` where it does not fit, or has members too many.
        """
        body = _encode(value)
        self.decode(body)
        if surplus := self._json.surplus(plain(body)):
            raise ValidationError(errors=surplus)
        return body

    def json_schema(self, components: Components, mode: Mode) -> JsonSchema:
        """Describe the type (JSON Schema 2020-12); models are referred to."""
        return Describer(components, mode).schema(self._info)


def described(annotation: Any) -> inspect.Type:
    """Describe a type; raises `Unsupported` where a part of it has no form in JSON."""
    require_safe_unions(annotation)
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
    is_unhashable = isinstance(item, _UNHASHABLE)
    if is_unhashable or getattr(getattr(item, "cls", None), "__hash__", True) is None:
        raise Unsupported("a set cannot hold what has no hash; use a list, or a frozen model")
    for part in parts_of(item):
        _require_hashable(part)


def _invalid(faults: list[Fault]) -> ValidationError:
    return ValidationError(errors=faults or [Fault("", "value", "Invalid value")])


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
    if isinstance(info, inspect.UnionType):
        members = [each for each in info.types if not isinstance(each, inspect.NoneType)]
        return _fields(members[0]) if len(members) == 1 else None
    if not is_object(info):
        return None
    return tuple(Field(field.encode_name, _takes(field.type)) for field in info.fields)
