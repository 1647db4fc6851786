"""A parameter that has one key."""

from __future__ import annotations  # of functions that are made for each action

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from webaio.exceptions import Fault, ImproperlyConfigured, ValidationError, pointer
from webaio.schemas import Components
from webaio.schemas._fault import below

from ._keys import SEVERAL, Keys, getter_of, keys_of
from ._openapi import parameter_object, schema_with_default
from ._source import Parameter, Reader


def value_reader(source: Keys, parameter: Parameter) -> Reader:
    """Make the function that reads a parameter from its key.

    Raises `ImproperlyConfigured` for a type that the key's texts cannot hold.
    """
    _require_readable(source, parameter)
    (key,) = keys_of(parameter)
    get, schema = getter_of(source), parameter.schema
    convert, takes_many = schema.convert, schema.takes in SEVERAL
    require_unicode = source.require_unicode

    def read(request: web.Request) -> Any:
        texts = get(request, key)
        if not texts:
            if parameter.is_required:
                raise ValidationError(errors=[Fault(pointer(key), "required", "Required")])
            return parameter.fallback()
        if len(texts) > 1 and not takes_many:
            raise ValidationError(errors=[repeated(key)])
        require_unicode(key, texts)
        try:
            return convert(texts if takes_many else texts[0])
        except ValidationError as error:
            raise ValidationError(errors=below(pointer(key), error)) from None

    return read


def described_value(
    source: Keys, parameter: Parameter, components: Components
) -> Mapping[str, Any]:
    """Describe the parameter as OpenAPI does."""
    (key,) = keys_of(parameter)
    schema = schema_with_default(parameter, components)
    described = parameter_object(key, source.location, schema, is_required=parameter.is_required)
    return with_empty_value(source, described)


def with_empty_value(source: Keys, described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say of a parameter that it may be empty, where it may be absent."""
    is_told = source.allow_empty_value and "required" not in described
    return {**described, "allowEmptyValue": True} if is_told else described


def require_text(parameter: Parameter, location: str) -> None:
    """Refuse a type that one text cannot hold."""
    if parameter.schema.takes != "text":
        raise ImproperlyConfigured(
            parameter.where,
            f"a {location} holds one text, and its type takes more",
            "Use a type such as str, int or UUID",
        )


def not_readable(source: Keys, parameter: Parameter) -> ImproperlyConfigured:
    """Make the refusal of a type that is more than texts under keys."""
    kind = source.kind
    return ImproperlyConfigured(
        parameter.where,
        f"a {kind} cannot hold its type",
        f"Write `Annotated[..., Body]` for JSON; for a {kind} use a model of plain members",
    )


def repeated(key: str) -> Fault:
    """Make the fault of a key that stands there more than once."""
    return Fault(pointer(key), "repeated", "Given more than once, and one is taken")


def _require_readable(source: Keys, parameter: Parameter) -> None:
    if source.allow_empty_value and parameter.is_required:
        raise ImproperlyConfigured(
            parameter.where,
            "an empty value is as none, and there is no default for it",
            "Give it a default, or take allow_empty_value= out",
        )
    if not source.takes_many:
        require_text(parameter, source.kind)
    elif parameter.schema.takes == "object":
        raise not_readable(source, parameter)
