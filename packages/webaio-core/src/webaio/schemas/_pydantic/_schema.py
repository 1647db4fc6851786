"""Models of pydantic, and types with something of it."""

import enum
import typing
from collections import abc
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, get_args

import pydantic
from pydantic_core import SchemaError

from webaio.exceptions import Fault, ValidationError

from .._annotation import bare_of, is_model, is_union, name_of, origin_of, parts_of, pieces_of
from .._binary import is_binary
from .._components import Components, Mode
from .._fault import Refused, Unsupported
from .._json import plain, require_json_text, require_unique_names
from .._json_schema import JsonSchema
from .._schema import Field, Takes, Texts, takes_many
from .._words import INVALID, is_unwritable
from ._faults import faults_of
from ._fields import Named, annotation_of, holds_many, is_object, names_on_the_wire
from ._json_schema import describe
from ._second_look import has_keys, lost_in, may_hold_odd_numbers

_UNFILLED: Final = (
    *(abc.AsyncGenerator, abc.AsyncIterable, abc.AsyncIterator, abc.Callable, abc.Generator),
    *(abc.Iterable, abc.Iterator, type, typing.Never, typing.NoReturn),
)
"""What is read while it is used, when there is nobody to tell the faults to, and what is no value."""
_ARRAYS: Final = (list, set, frozenset, tuple, Sequence, abc.Set)


class PydanticSchema:
    """A `Schema` of what pydantic knows: its models, and types with its `Field` in them."""

    def __init__(self, annotation: Any) -> None:
        for piece in pieces_of(annotation):
            is_unfilled = any(origin_of(piece) is each for each in _UNFILLED)
            if is_unfilled or isinstance(piece, pydantic.InstanceOf):
                raise Unsupported(f"no JSON fills {piece!r}; for many values of a type use a list")
            if origin_of(piece) is Literal and any(map(_is_plain_member, get_args(bare_of(piece)))):
                raise Unsupported(f"pydantic reads no member of an enum for {piece!r}")
            if origin_of(piece) in (dict, Mapping) and not all(map(_is_text, parts_of(piece)[:1])):
                raise Unsupported(f"{piece!r}: the names of an object are text, and no key of it")
        try:
            self._adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(annotation)
        except (pydantic.errors.PydanticUserError, SchemaError, NameError) as error:
            raise Unsupported(str(error).partition("\n")[0]) from error
        if not self._adapter.pydantic_complete:
            raise Unsupported("pydantic does not know all classes that it names: model_rebuild()")
        self._named = Named.of(annotation)
        self._classes = {
            id(piece): name_of(piece, is_qualified=True)
            for piece in pieces_of(annotation)
            if isinstance(origin_of(piece), type) or is_union(piece)
        }
        self._has_keys = has_keys(annotation)
        members = parts_of(annotation) if is_union(annotation) else ()
        self._takes_null = type(None) in members and str not in members
        self.is_text = False
        self.is_model = _is_model(annotation)
        self.takes: Takes = _takes(annotation)
        self.fields = _fields(annotation)

    def decode(self, body: bytes) -> Any:
        """Read JSON; raises `ParseError` for what is none, else `ValidationError` with every fault."""
        require_json_text(body)
        value = plain(body)
        require_unique_names(body, value)
        try:
            made = self._adapter.validate_json(body)
        except pydantic.ValidationError as error:
            raise ValidationError(errors=faults_of(error, value, self._named)) from None
        except Exception as error:
            if not is_unwritable(error):
                raise
            raise ValidationError(errors=[Fault("", "value", INVALID)]) from None
        if (self._has_keys or may_hold_odd_numbers(body)) and (faults := lost_in(value, made)):
            raise ValidationError(errors=faults)
        return made

    def parse(self, texts: Texts) -> Any:
        """Read a value from the text of a URL, a header or a cookie; raises `Refused`."""
        try:
            return self._read(texts)
        except (pydantic.ValidationError, ValidationError):
            raise Refused from None

    def convert(self, texts: Texts) -> Any:
        """Do the same, and tell every fault; raises `ValidationError`."""
        try:
            return self._read(texts)
        except pydantic.ValidationError as error:
            raise ValidationError(errors=faults_of(error, texts, self._named)) from None

    def _read(self, texts: Texts) -> Any:
        if self._takes_null and isinstance(texts, str) and texts.lower() == "null":
            return None
        value = self._adapter.validate_python(texts, strict=False)
        if faults := lost_in(texts, value, is_text=True):
            raise ValidationError(errors=faults)
        return value

    def accepts(self, default: Any) -> bool:
        """Tell whether a Python value, such as a default, is of the type."""
        try:
            return bool(self._adapter.validate_python(default) == default)
        except pydantic.ValidationError:
            return False

    def encode(self, value: Any) -> bytes:
        """Write a value as JSON, with pydantic's aliases."""
        return self._adapter.dump_json(value, by_alias=True, warnings=False)

    def encode_checked(self, value: Any) -> bytes:
        """Write a value as JSON; raises `ValueError` where it does not fit the type."""
        body = self._adapter.dump_json(value, by_alias=True, warnings="error")
        plainly = self._adapter.dump_json(value, by_alias=False, round_trip=True)
        try:
            self._adapter.validate_json(plainly, by_name=True, by_alias=False)
        except pydantic.ValidationError as error:
            raise ValidationError(errors=faults_of(error, plain(plainly), self._named)) from None
        return body

    def json_schema(self, components: Components, mode: Mode) -> JsonSchema:
        """Describe the type (JSON Schema 2020-12); models are referred to."""
        return describe(self._adapter, self, components, mode, self._classes)


def _is_model(annotation: Any) -> bool:
    return is_model(annotation) or any(map(_is_model, parts_of(annotation)))


def _takes(annotation: Any) -> Takes:
    origin = origin_of(annotation)
    if any(pydantic.Json in (each, type(each)) for each in getattr(annotation, "__metadata__", ())):
        return "text"
    if is_binary(origin):
        return "file"
    if not _is_text(annotation):
        return "object"
    if is_model(annotation) or origin in (dict, Mapping):
        return "object"
    if is_union(annotation):
        each = {_takes(part) for part in parts_of(annotation) if part is not type(None)}
        return each.pop() if len(each) == 1 else "object"
    if origin in _ARRAYS:
        return takes_many(map(_takes, parts_of(annotation)))
    return "text"


def _is_text(annotation: Any) -> bool:
    """Tell whether pydantic reads a choice from text: of numbers only where they are classes of int."""
    origin = origin_of(annotation)
    if origin is Literal:
        return any(isinstance(each, str) for each in get_args(bare_of(annotation)))
    if not (isinstance(origin, type) and issubclass(origin, enum.Enum)):
        return True
    return issubclass(origin, (int, str)) or all(isinstance(each.value, str) for each in origin)


def _is_plain_member(choice: Any) -> bool:
    return isinstance(choice, enum.Enum) and not isinstance(choice, (int, str))


def _fields(annotation: Any) -> tuple[Field, ...] | None:
    if is_union(annotation):
        members = [each for each in parts_of(annotation) if each is not type(None)]
        return _fields(members[0]) if len(members) == 1 else None
    if not is_object(annotation):
        return None
    return tuple(
        Field(
            each,
            "texts" if holds_many(each, field) else _takes(annotation_of(field)),
            annotation_of(field),
        )
        for name, field in annotation.model_fields.items()
        for each in names_on_the_wire(annotation, name, field)
    )
