import functools
import math
import re
from typing import Any, Final

import msgspec
from msgspec import inspect

from webaio.exceptions import Fault, ValidationError

from .._binary import is_binary
from .._components import Components, Mode
from .._fault import Refused, Unsupported
from .._json import DEEPEST, not_json, plain, require_json_text, require_unique_names
from .._json_schema import JsonSchema
from .._schema import Field, Takes, Texts
from .._words import INVALID
from ._checks import Checks, takes_less
from ._defaults import defaults_in, filling
from ._encoding import encode, encoder_of
from ._json_schema import Describer
from ._named_unions import NamedUnion, named_unions_in
from ._scalars import form_of, has_end
from ._takes import fields_of, takes_of
from ._types import kinds_of, parts_of, types_in
from ._unions import require_safe_unions
from ._validators import convert, is_refusal
from ._wholes import with_integers

_MODELS: Final = (
    inspect.StructType,
    inspect.DataclassType,
    inspect.TypedDictType,
    inspect.NamedTupleType,
)
_NO_NAMES: Final = frozenset({"array", "bool", "null", "object"})
_UNHASHABLE: Final = (
    inspect.AnyType,
    inspect.ByteArrayType,
    inspect.DictType,
    inspect.ListType,
    inspect.SetType,
    inspect.TypedDictType,
)
_EXACT: Final = (inspect.DecimalType, inspect.RawType)
_NEWLINE: Final = re.compile(rb"\\n|\\u000[aA]")
_NO_REASON: Final = Fault("", "value", INVALID)


class MsgspecSchema:
    """A `Schema` of what msgspec knows: Struct, dataclass, TypedDict, NamedTuple, attrs, scalars."""

    def __init__(self, annotation: Any) -> None:
        self._annotation = annotation
        self._info = described(annotation)
        defaults = defaults_in(self._info)
        self._decode = filling(msgspec.json.Decoder(annotation).decode, defaults)
        self.takes: Takes = takes_of(self._info)
        decode_text = msgspec.json.Decoder(annotation, strict=False).decode
        self._decode_text = filling(decode_text, defaults)
        convert_plain = functools.partial(convert, annotation=annotation, strict=True)
        self._convert = filling(convert_plain, defaults)
        self._is_narrow_json = takes_less(self._info, strict=True)
        self._is_narrow_text = takes_less(self._info, strict=False)
        self._has_form = form_of(self._info)
        # A decimal keeps its digits, and msgspec.Raw its bytes, only where JSON itself is read.
        self._is_exact = any(isinstance(each, _EXACT) for each in types_in(self._info))
        self._has_ends = any(map(has_end, types_in(self._info)))
        self.encode = encoder_of(self._info)
        self.is_text = annotation is str
        self.is_model = _is_model(self._info)

    def decode(self, body: bytes) -> Any:
        """Read JSON; raises `ParseError` for what is none, else `ValidationError` with every fault."""
        if len(body) > DEEPEST or not body or not body.isascii():  # others are text, and not deep
            require_json_text(body)
        value = self._read(body)
        is_good = value is not msgspec.UNSET and not self._is_narrow_json
        if is_good and not (self._has_ends and _NEWLINE.search(body)):
            require_unique_names(body)
            return value
        plainly = plain(body)
        require_unique_names(body, plainly)
        return self._second_look(body, plainly, value)

    def make(self, members: dict[str, Any]) -> Any:
        """Make a model of its members, by their names on the wire; raises `ValidationError`."""
        body = encode(members)
        value = self._read(body)
        is_good = value is not msgspec.UNSET and not self._is_narrow_json
        return value if is_good else self._second_look(body, plain(body), value)

    def _read(self, body: bytes) -> Any:
        """Read JSON of which msgspec takes the type; `UNSET` where it does not."""
        try:
            return self._decode(body)
        except Exception as error:
            if is_refusal(error):
                return msgspec.UNSET
            if isinstance(error, (msgspec.DecodeError, RecursionError)):
                raise not_json(body, error) from None
            raise

    def _second_look(self, body: bytes, plainly: Any, value: Any) -> Any:
        """Go through what msgspec has refused, or may have taken though it is not right."""
        made, found = self._json.read(plainly)
        if found.faults:
            raise ValidationError(errors=found.faults)
        if value is not msgspec.UNSET:
            return value
        if self._is_exact and found.wholes:
            value = self._read(with_integers(body, found.wholes))
            if value is not msgspec.UNSET:
                return value
        try:
            return self._convert(made)
        except Exception as error:
            if is_refusal(error):
                raise ValidationError(errors=[_NO_REASON]) from None
            raise

    def parse(self, texts: Texts) -> Any:
        """Read a value from the text of a URL, a header or a cookie; raises `Refused`."""
        if self.is_text and isinstance(texts, str):
            return texts
        has_form = self._has_form if type(texts) is str else None
        if has_form is not None and not has_form(texts):
            raise Refused
        try:
            value = self._decode_text(encode(texts))
        except Exception as error:
            if is_refusal(error):
                raise Refused from None
            raise
        if self._is_narrow_text and has_form is None and self._text.read(texts)[1].faults:
            raise Refused
        return value

    def convert(self, texts: Texts) -> Any:
        """Do the same, and tell every fault; raises `ValidationError`."""
        try:
            return self.parse(texts)
        except Refused:
            raise ValidationError(errors=self._text.read(texts)[1].faults or [_NO_REASON]) from None

    @functools.cached_property
    def fields(self) -> tuple[Field, ...] | None:
        """The members, where the type is one model that is an object."""
        return fields_of(self._info)

    @functools.cached_property
    def _json(self) -> Checks:
        return Checks(self._info, strict=True)

    @functools.cached_property
    def _text(self) -> Checks:
        return Checks(self._info, strict=False)

    @functools.cached_property
    def _closed(self) -> Checks:
        return Checks(self._info, strict=True, forbids=True)

    def accepts(self, default: Any) -> bool:
        """Tell whether a Python value, such as a default, is of the type."""
        if default is msgspec.UNSET:
            return True
        if isinstance(default, float) and not math.isfinite(default):
            return any(isinstance(each, inspect.FloatType) for each in types_in(self._info))
        try:
            return bool(self._decode(encode(default)) == default)
        except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
            return False

    def encode_checked(self, value: Any) -> bytes:
        """Write a value as JSON.

        Raises `ValidationError` where it does not fit, or has members too many.
        """
        body = self.encode(value)
        self.decode(body)
        if surplus := self._closed.read(plain(body))[1].faults:
            raise ValidationError(errors=surplus)
        return body

    def json_schema(self, components: Components, mode: Mode) -> JsonSchema:
        """Describe the type (JSON Schema 2020-12); models are referred to."""
        return Describer(components, mode, self._unions).schema(self._info)

    @functools.cached_property
    def _unions(self) -> list[NamedUnion]:
        return named_unions_in(self._annotation)


def described(annotation: Any) -> inspect.Type:
    """Describe a type; raises `Unsupported` where a part of it has no form in JSON."""
    require_safe_unions(annotation)
    try:
        info = inspect.type_info(annotation)
    except (TypeError, NameError) as error:
        raise Unsupported(str(error)) from error
    for each in types_in(info):
        is_known = isinstance(each, inspect.CustomType) and is_binary(each.cls)
        if isinstance(each, inspect.CustomType) and each.cls is not object and not is_known:
            raise Unsupported(f"{each.cls!r} has no form in JSON that msgspec knows")
        if isinstance(each, inspect.ExtType):
            raise Unsupported("msgspec.msgpack.Ext has no form in JSON")
        if any(isinstance(value, bool) for value in getattr(each, "values", ())):
            raise Unsupported("msgspec takes True in a Literal for 1; write bool")
        if isinstance(each, inspect.DictType) and kinds_of(each.key_type) <= _NO_NAMES:
            raise Unsupported("the names of an object are text: no name is a key of this dict")
        if isinstance(each, (inspect.SetType, inspect.FrozenSetType)):
            _require_hashable(each.item_type)
    return info


def _require_hashable(item: inspect.Type) -> None:
    is_unhashable = isinstance(item, _UNHASHABLE)
    if is_unhashable or getattr(getattr(item, "cls", None), "__hash__", True) is None:
        raise Unsupported("a set cannot hold what has no hash; use a list, or a frozen model")
    for part in parts_of(item):
        _require_hashable(part)


def _is_model(info: inspect.Type) -> bool:
    return isinstance(info, _MODELS) or any(map(_is_model, parts_of(info)))
