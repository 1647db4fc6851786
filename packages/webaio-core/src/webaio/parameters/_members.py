"""A parameter that is a model: each member has a key."""

from __future__ import annotations  # of functions that are made for each action

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from aiohttp import web

from webaio.exceptions import Fault, ImproperlyConfigured, ValidationError, pointer
from webaio.schemas import Components

from ._keys import SEVERAL, Keys, getter_of, keys_of_others
from ._openapi import default_of, parameter_object
from ._source import Inputs, Parameter, Reader
from ._value import not_readable, repeated, with_empty_value


def model_reader(source: Keys, parameter: Parameter, inputs: Inputs) -> Reader:
    """Make the function that reads a model from the keys of its members.

    Raises `ImproperlyConfigured` for a model that has other than plain members.
    """
    _require_readable(source, parameter)
    convert, fields = parameter.schema.convert, parameter.schema.fields or ()
    names = {source.key_of(each.name): each.name for each in fields}
    many = {source.key_of(each.name) for each in fields if each.takes in SEVERAL}
    single = names.keys() - many
    others = keys_of_others(parameter, inputs)
    get, require_unicode = getter_of(source), source.require_unicode

    def value_of(key: str, texts: Sequence[Any]) -> Any:
        """Give one text, or those of a key that takes many, or that nobody but the model knows."""
        return texts[0] if key in single or (len(texts) == 1 and key not in many) else texts

    def read(request: web.Request) -> Any:
        keys = [key for key in source.keys_in(request, names) if key not in others]
        texts = {key: found for key in keys if (found := get(request, key))}
        for key, each in texts.items():
            require_unicode(key, each)
        is_absent = not parameter.is_required and names.keys().isdisjoint(texts)
        faults = [repeated(key) for key in single if len(texts.get(key, ())) > 1]
        value = None
        try:
            value = convert(
                {names.get(key, key): value_of(key, each) for key, each in texts.items()}
            )
        except ValidationError as error:
            # Of a model that is not there, only what it forbids is a fault.
            kept = [each for each in error.errors if not is_absent or each.code == "unknown"]
            faults += _at_keys(kept, names)
        if faults:
            raise ValidationError(errors=faults)
        return parameter.fallback() if is_absent else value

    return read


def described_members(
    source: Keys, parameter: Parameter, components: Components
) -> Iterator[Mapping[str, Any]]:
    """Describe each member as a parameter of OpenAPI."""
    model = components.definition(parameter.schema.json_schema(components, "input"))
    required = model.get("required", ()) if parameter.is_required else ()
    default = default_of(parameter)
    defaults = default if isinstance(default, dict) else {}
    for name, schema in model.get("properties", {}).items():
        described = {**schema, "default": defaults[name]} if name in defaults else {**schema}
        if described.get("default", ...) is None:  # no text is null, or it is not worth a word
            del described["default"]
        key = source.key_of(name)
        yield with_empty_value(
            source,
            parameter_object(key, source.location, described, is_required=name in required),
        )


def _at_keys(faults: Iterable[Fault], names: Mapping[str, str]) -> Iterator[Fault]:
    """Point to the keys where the model points to its members."""
    keys = {pointer(name): pointer(key) for key, name in names.items()}
    for each in faults:
        name, slash, rest = each.pointer[1:].partition("/")
        key = keys.get(f"/{name}", f"/{name}") if each.pointer else ""
        yield Fault(key + slash + rest, each.code, each.detail)


def _require_readable(source: Keys, parameter: Parameter) -> None:
    if source.name is not None:
        raise ImproperlyConfigured(
            parameter.where,
            f"a model is read from all of the {source.kind}, and its mark has a name",
            "Take it out",
        )
    takes = {each.takes for each in parameter.schema.fields or ()}
    if ("object" in takes and not source.holds_json) or (
        "texts" in takes and not source.takes_many
    ):
        raise not_readable(source, parameter)
