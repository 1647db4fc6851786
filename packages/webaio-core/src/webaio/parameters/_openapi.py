"""Writing OpenAPI's Parameter Objects, Header Objects and the `content` of bodies."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from webaio.schemas import Components
from webaio.schemas._json_schema import JsonSchema, example_in, with_default

from ._source import Parameter

_OF_PARAMETERS: Final = ("deprecated", "description")
"""Words of a schema that OpenAPI has for a parameter and a header, too."""
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def parameter_object(
    key: str, location: str, schema: JsonSchema, *, is_required: bool
) -> JsonSchema:
    """Describe a parameter by its name, OpenAPI's `in`, and its schema."""
    found: JsonSchema = {"name": key, "in": location}
    if is_required:
        found["required"] = True
    return {**found, **header_object(_as_text(schema))}


def header_object(schema: JsonSchema) -> JsonSchema:
    """Describe a header of a response by its schema; what is said of that is said of the header."""
    found: JsonSchema = {}
    if "$ref" not in schema:
        found = {word: schema[word] for word in _OF_PARAMETERS if word in schema}
        schema = {name: each for name, each in schema.items() if name not in found}
    if examples := example_in(schema):
        found["example"] = examples[0]  # Swagger UI looks for one here, and not in the schema
    return {**found, "schema": schema}


def _as_text(schema: JsonSchema) -> JsonSchema:
    """Leave null out where any text may stand: there `null` is a text, too."""
    members = schema.get("anyOf", ())
    if not any(is_any_text(each) for each in members):
        return schema
    kept = [each for each in members if each != {"type": "null"}]
    rest = {
        name: each
        for name, each in schema.items()
        if name != "anyOf" and (name, each) != ("default", None)
    }
    return {**kept[0], **rest} if len(kept) == 1 else {**rest, "anyOf": kept}


def is_any_text(schema: Mapping[str, Any]) -> bool:
    """Tell whether any text is a value of a type, `null` too."""
    is_some = schema.keys().isdisjoint({"const", "enum", "format"})
    return schema.get("type") == "string" and is_some


def schema_with_default(parameter: Parameter, components: Components) -> JsonSchema:
    """Describe the type of a parameter, with its default as JSON; None is not worth a word."""
    schema = parameter.schema.json_schema(components, "input")
    default = default_of(parameter)
    return schema if default is None else with_default(schema, default)


def default_of(parameter: Parameter) -> Any:
    """Give the default of a parameter as JSON; None for none, and for what is none there."""
    default = parameter.default
    if parameter.is_required:
        return None
    ordered = sorted(default, key=repr) if isinstance(default, (frozenset, set)) else default
    try:
        return msgspec.json.decode(parameter.schema.encode(ordered))
    except (TypeError, ValueError, msgspec.MsgspecError):  # such as UNSET
        return None


def content_of(media_types: Iterable[str]) -> dict[str, Any]:
    """Describe a body of which only the media type is said: any JSON, a form, text, or bytes."""
    return {
        each: {"schema": _schema_of(each.partition(";")[0].strip().lower())} for each in media_types
    }


def _schema_of(media_type: str) -> JsonSchema:
    if media_type.endswith(("/json", "+json")):
        return {}
    if media_type in _FORMS:
        return {"type": "object", "additionalProperties": True}  # generators know none else
    if media_type.startswith("text/"):
        return {"type": "string"}
    return {"type": "string", "format": "binary"}  # as generators of clients know bytes
