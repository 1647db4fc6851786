"""The only file that knows pydantic; it is imported when a signature uses it."""

import functools
import types
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Final

import pydantic
from pydantic.fields import FieldInfo

from ._annotation import is_model, is_union, origin_of, parts_of, union_of
from ._fault import Invalid, Unsupported
from ._json import plain, require_json_text, require_unique_names
from ._partial import Partial, replace
from ._pydantic_faults import faults_of
from ._schema import Field, Takes, Texts

_ARRAYS: Final = (list, set, frozenset, tuple, Sequence, AbstractSet)


class PydanticSchema:
    """A `Schema` of what pydantic knows: its models, and types with its `Field` in them."""

    def __init__(self, annotation: Any) -> None:
        try:
            self._adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(annotation)
        except (pydantic.errors.PydanticUserError, NameError) as error:
            raise Unsupported(str(error).partition("\n")[0]) from error
        self.is_model = _is_model(annotation)
        self.takes: Takes = _takes(annotation)
        self.fields = _fields(annotation)

    def decode(self, body: bytes) -> Any:
        """Read JSON; raises `Malformed` for what is none, `Invalid` with every fault in it."""
        require_json_text(body)
        value = plain(body)
        require_unique_names(body, 1)
        try:
            return self._adapter.validate_json(body)
        except pydantic.ValidationError as error:
            raise Invalid(faults_of(error, value)) from None

    def convert(self, texts: Texts) -> Any:
        """Read a value from the text of a URL, a header or a cookie; raises `Invalid`."""
        try:
            return self._adapter.validate_python(texts, strict=False)
        except pydantic.ValidationError as error:
            raise Invalid(faults_of(error, texts)) from None

    def accepts(self, default: Any) -> bool:
        """Tell whether a Python value, such as a default, is of the type."""
        try:
            self._adapter.validate_python(default)
        except pydantic.ValidationError:
            return False
        return True

    def encode(self, value: Any) -> bytes:
        """Write a value as JSON, with pydantic's aliases."""
        return self._adapter.dump_json(value, by_alias=True, warnings=False)

    def encode_checked(self, value: Any) -> bytes:
        """Write a value as JSON; raises `ValueError` where it does not fit the type."""
        return self._adapter.dump_json(value, by_alias=True, warnings="error")


class PydanticPartialSchema(PydanticSchema):
    """The `Schema` of `Partial[Model]`: read through a model in which every field may be absent."""

    def __init__(self, model: Any) -> None:
        if not _is_base_model(model):
            raise Unsupported(f"Partial[...] takes a model that is an object, not {model!r}")
        self._begun: list[Any] = []
        self._models: dict[type, type[pydantic.BaseModel]] = {}
        super().__init__(self._optional(model))

    def decode(self, body: bytes) -> Any:
        """Read JSON to a `Partial`; raises `Malformed` and `Invalid` as the model's would."""
        return self._unwrap(super().decode(body))

    def _optional(self, model: type[pydantic.BaseModel]) -> Any:
        """Make the model without its validators, which see the whole when it is applied."""
        if model in self._begun:
            return model  # in itself: a change there replaces the whole
        self._begun.append(model)
        fields: dict[str, Any] = {
            name: (self._patch(_annotated(field)), _optional_field(field))
            for name, field in model.model_fields.items()
        }
        optional = pydantic.create_model(
            model.__name__, __config__=model.model_config, __module__=__name__, **fields
        )
        self._models[optional] = model
        return optional

    def _patch(self, annotation: Any) -> Any:
        if _is_base_model(annotation):
            return self._optional(annotation)
        parts = parts_of(annotation)
        if is_union(annotation):
            return union_of(map(self._patch, parts))
        if origin_of(annotation) in (dict, Mapping):
            return types.GenericAlias(dict, (parts[0], union_of([self._patch(parts[1]), None])))
        return annotation

    def _unwrap(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._unwrap(each) for name, each in value.items()}
        model = self._models.get(type(value))
        if model is None:
            return value
        sent = [name for name in type(value).model_fields if name in value.model_fields_set]
        return Partial(
            {name: self._unwrap(getattr(value, name)) for name in sent},
            functools.partial(_complete, model),
        )


@replace.register
def _(target: pydantic.BaseModel, changes: dict[str, Any]) -> Any:
    return _complete(type(target), **{**dict(target), **changes})


def _complete(model: type[pydantic.BaseModel], /, **whole: Any) -> Any:
    try:
        return model.model_validate(whole, by_name=True, by_alias=False)
    except pydantic.ValidationError as error:
        raise Invalid(faults_of(error, whole)) from None


def _is_base_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel)


def _is_model(annotation: Any) -> bool:
    return is_model(annotation) or any(map(_is_model, parts_of(annotation)))


def _takes(annotation: Any) -> Takes:
    origin = origin_of(annotation)
    if is_model(annotation) or origin in (dict, Mapping):
        return "object"
    if is_union(annotation):
        each = {_takes(part) for part in parts_of(annotation) if part is not type(None)}
        return each.pop() if len(each) == 1 else "object"
    if origin in _ARRAYS:
        return "texts" if {*map(_takes, parts_of(annotation))} <= {"text"} else "object"
    return "text"


def _fields(annotation: Any) -> tuple[Field, ...] | None:
    if not _is_base_model(annotation) or issubclass(annotation, pydantic.RootModel):
        return None
    return tuple(
        Field(_name_on_the_wire(name, field), _takes(field.annotation))
        for name, field in annotation.model_fields.items()
    )


def _name_on_the_wire(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    return alias if isinstance(alias, str) else name


def _annotated(field: FieldInfo) -> Any:
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def _optional_field(field: FieldInfo) -> Any:
    return pydantic.Field(
        default=None,
        validation_alias=field.validation_alias,
        discriminator=field.discriminator,
        title=field.title,
        description=field.description,
        examples=field.examples,
    )
