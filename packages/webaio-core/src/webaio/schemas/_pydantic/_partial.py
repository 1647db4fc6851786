import functools
import types
import typing
import warnings
from collections.abc import Mapping
from typing import Annotated, Any, Final, cast

import pydantic
from pydantic.fields import FieldInfo

from webaio.exceptions import Fault, ValidationError, pointer

from .._annotation import is_union, origin_of, parts_of, union_of
from .._fault import Unsupported
from .._partial import Enclosing, Optionals, Partial, faults_of_client, replace
from ._faults import faults_of
from ._fields import Named, annotation_of, is_object, names_on_the_wire
from ._schema import PydanticSchema

_VALIDATORS: Final = (
    pydantic.AfterValidator,
    pydantic.BeforeValidator,
    pydantic.PlainValidator,
    pydantic.WrapValidator,
)


_OF_THE_WHOLE: Final = ("json_schema_extra", "title")
"""What a model's config says of its schema, and does not hold for a part of it."""


class PydanticPartialSchema(PydanticSchema):
    """The `Schema` of `Partial[Model]`: read through a model in which every field may be absent."""

    def __init__(self, model: Any) -> None:
        if not is_object(model):
            raise Unsupported(f"Partial[...] takes a model that is an object, not {model!r}")
        self._optionals = Optionals()
        super().__init__(self._optional(model, ()))

    def decode(self, body: bytes) -> Any:
        """Read JSON to a `Partial`; raises what the model's own schema would."""
        return self._optionals.unwrap(super().decode(body), _sent_in)

    def _optional(self, model: type[pydantic.BaseModel], enclosing: Enclosing) -> Any:
        return self._optionals.of(model, enclosing, functools.partial(self._made, model))

    def _made(
        self, model: type[pydantic.BaseModel], enclosing: Enclosing
    ) -> tuple[type, "PydanticWhole"]:
        """Make the model without its validators, which see the whole when it is applied."""
        fields: dict[str, Any] = {
            name: (self._patch(_readable(field), enclosing), _optional_field(field))
            for name, field in model.model_fields.items()
        }
        kept = {
            name: each for name, each in model.model_config.items() if name not in _OF_THE_WHOLE
        }
        config = cast(pydantic.ConfigDict, {**kept, "validate_default": False})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of names that the model itself has
            optional = pydantic.create_model(
                f"Partial{model.__name__}",
                __config__=config,
                __doc__=f"Some members of {model.__name__}: what is absent stays as it is.",
                __module__=model.__module__,
                **fields,
            )
        return optional, PydanticWhole(model)

    def _patch(self, annotation: Any, enclosing: Enclosing) -> Any:
        if is_object(annotation):
            return self._optional(annotation, enclosing)
        parts = parts_of(annotation)
        if is_union(annotation):
            patched = union_of(self._patch(each, enclosing) for each in parts)
            metadata = getattr(annotation, "__metadata__", ())
            return Annotated[patched, *metadata] if metadata else patched
        if origin_of(annotation) in (dict, Mapping) and parts:
            value = union_of([self._patch(parts[1], enclosing), None])
            return types.GenericAlias(dict, (parts[0], value))
        return annotation


def _sent_in(value: pydantic.BaseModel, whole: "PydanticWhole") -> dict[str, Any]:
    extra = value.model_extra or {}
    fields = [each for each in type(value).model_fields if each not in extra]
    sent = {each: getattr(value, each) for each in fields if each in value.model_fields_set}
    return sent | {name: each for name, each in extra.items() if name not in whole.names}


class PydanticWhole:
    """The model of a `Partial`, for pydantic."""

    def __init__(self, model: type[pydantic.BaseModel]) -> None:
        self._model = model
        self._named = Named(Named.of(model).members | model.model_fields.keys(), frozenset())
        self.names: Mapping[str, str] = {
            name: names_on_the_wire(model, name, field)[0]
            for name, field in model.model_fields.items()
        }
        self.is_tagged = any(
            origin_of(field.annotation) is typing.Literal for field in model.model_fields.values()
        )

    def is_model_of(self, target: Any) -> bool:
        """Tell whether the target is of the model itself."""
        return isinstance(target, self._model)

    def complete(self, members: dict[str, Any]) -> Any:
        """Make the model; raises `ValidationError` where a member is missing."""
        try:
            return self._model.model_validate(members, by_name=True, by_alias=False)
        except pydantic.ValidationError as error:
            raise self._invalid(error, members) from None

    def check(self, made: Any, patch: Partial[Any]) -> Any:
        """Give what was made by merging, with what the validators make of the changed members.

        The whole is validated, and what was not changed stays as it is: a validator that is no
        identity on its own results, such as one that hashes, does not change what is stored.
        """
        members = {**dict(made)}  # as they are: written as JSON, a secret would be stars
        try:
            whole = type(made).model_validate(members, by_name=True, by_alias=False, strict=False)
        except pydantic.ValidationError as error:
            if faults := faults_of_client(self._invalid(error, members), patch):
                raise faults from None
            return made
        return made.model_copy(update={name: getattr(whole, name) for name in patch.changes})

    def _invalid(self, error: pydantic.ValidationError, value: Any) -> ValidationError:
        """Give the faults with the names on the wire of the model's own members."""
        return ValidationError(
            errors=[
                Fault(self._on_the_wire(each.pointer), each.code, each.detail)
                for each in faults_of(error, value, self._named)
            ]
        )

    def _on_the_wire(self, place: str) -> str:
        if not place:
            return place
        _, name, *rest = place.split("/")
        return "/".join([pointer(self.names.get(name, name)), *rest])


@replace.register
def _(target: pydantic.BaseModel, changes: dict[str, Any]) -> Any:
    return target.model_copy(update=changes)


def _optional_field(field: FieldInfo) -> Any:
    extra = field.json_schema_extra  # a function of it may expect what the whole has
    return pydantic.Field(
        default_factory=_nothing,
        validation_alias=field.validation_alias,
        title=field.title,
        description=field.description,
        examples=field.examples,
        json_schema_extra=extra if isinstance(extra, dict) else None,
    )


def _nothing() -> None:
    """Give the default of what is absent; a factory, since no document shall tell of it."""


def _readable(field: FieldInfo) -> Any:
    """Give the type of a field; Any where a validator makes it from another."""
    has_validator = any(isinstance(each, _VALIDATORS) for each in field.metadata)
    return Any if has_validator else annotation_of(field)
