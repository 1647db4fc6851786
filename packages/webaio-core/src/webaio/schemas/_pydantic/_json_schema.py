"""The JSON Schema (2020-12) of what pydantic reads and writes."""

import enum
import functools
import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final

import pydantic
from pydantic.json_schema import (
    CoreRef,
    GenerateJsonSchema,
    JsonSchemaMode,
    JsonSchemaWarningKind,
)

from .._components import Components, Mode
from .._json_schema import JsonSchema, flags, names_of, names_of_flags, with_default
from .._text import DECIMAL, DECIMAL_OUT, FLOAT, INTEGER

_MODES: Final[dict[Mode, JsonSchemaMode]] = {"input": "validation", "output": "serialization"}
_PLACE: Final = "#/$defs/"
_LEFT_OUT: Final = ("init_only", "serialization_exclude", "serialization_exclude_if")
_INNER: Final = re.compile(r"([^\[\], ]+)-id-([0-9]+)")
_BOUNDED: Final = r"^[+-]?P[^0-9]*([0-9]{1,6}(\.[0-9]{1,6})?[^0-9.]+)+$"
"""What keeps the format `duration` from more than Python's `timedelta` holds."""
_NAMES: Final = {
    "bool": {"enum": ["true", "false"]},
    "decimal": {"pattern": DECIMAL},
    "float": {"pattern": FLOAT},
    "int": {"pattern": INTEGER},
}
"""What a name looks like that is a number, by pydantic's types of schemas."""
_NUMBERS: Final = ("decimal", "float")
_WRITTEN: Final = {"<": "-lt-", ">": "-gt-", ".": "-dot-", "[": "-of-", "]": "-end-", ",": "-and-"}
"""How a class's full name is written in a name of definitions, so that it can be read again."""


def describe(
    adapter: pydantic.TypeAdapter[Any],
    key: Hashable,
    components: Components,
    mode: Mode,
    classes: Mapping[int, str],
) -> JsonSchema:
    """Describe what an adapter reads or writes; its models go to `components`, by the key.

    `classes` are the full names of the classes in the type, by their identities.
    """
    schemas, found = pydantic.TypeAdapter.json_schemas(
        [("it", _MODES[mode], adapter)], by_alias=True, schema_generator=_Generator
    )
    definitions = found.get("$defs", {})

    def linked(text: str) -> str:
        if not text.startswith(_PLACE):
            return text
        name = text.removeprefix(_PLACE)
        define = functools.partial(_linked, definitions[name], linked)
        names = _names(name, classes)
        return str(components.refer((key, name), names, mode, define)["$ref"])

    schema: JsonSchema = _linked(schemas["it", _MODES[mode]], linked)
    return schema


class _Generator(GenerateJsonSchema):
    """Leaves open what has no JSON Schema, and gives no title that a name tells already."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {  # noqa: RUF012  # as the base has it
        "non-serializable-default",
        "skipped-choice",
        "skipped-discriminator",
    }

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchema:
        return {}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:
        """Tell whether a member is in every value; on the way out even one that has a default."""
        if self.mode == "serialization" and field["type"] != "typed-dict-field":
            return not any(map(field.get, _LEFT_OUT))
        return super().field_is_required(field, total)

    def default_schema(self, schema: Any) -> JsonSchema:
        """Give a schema with its default, unless that is of another type."""
        found = {**super().default_schema(schema)}
        if "default" not in found:
            return found
        default = found.pop("default")
        return with_default(found, default)

    def bytes_schema(self, schema: Any) -> JsonSchema:
        """Describe bytes, which are text in JSON, and not what `binary` says."""
        found = super().bytes_schema(schema)
        return {name: each for name, each in found.items() if (name, each) != ("format", "binary")}

    def datetime_schema(self, schema: Any) -> JsonSchema:
        found = super().datetime_schema(schema)
        is_naive = schema.get("tz_constraint") == "naive"
        return {**found, "format": "date-time-local"} if is_naive else found

    def timedelta_schema(self, schema: Any) -> JsonSchema:
        found = super().timedelta_schema(schema)
        is_bounded = self.mode == "validation" and found.get("format") == "duration"
        told = {"pattern": _BOUNDED, "examples": ["PT1H30M"]}
        return {**found, **told} if is_bounded else found

    def decimal_schema(self, schema: Any) -> JsonSchema:
        found = super().decimal_schema(schema)
        for each in found.get("anyOf", [found]):
            if each.get("type") == "string":
                each.setdefault("pattern", DECIMAL if self.mode == "validation" else DECIMAL_OUT)
        return found

    def enum_schema(self, schema: Any) -> JsonSchema:
        found = super().enum_schema(schema)
        if not issubclass(schema["cls"], enum.Flag):
            return found
        return {"title": schema["cls"].__name__, **flags(schema["cls"])}

    def tuple_schema(self, schema: Any) -> JsonSchema:
        """Describe a tuple; of the empty one generators want to know its items, too."""
        found = super().tuple_schema(schema)
        return found if "prefixItems" in found else {"items": {}, **found}

    def dict_schema(self, schema: Any) -> JsonSchema:
        """Describe a dict: the names of an object are text, whatever its keys are."""
        found, keys = super().dict_schema(schema), schema.get("keys_schema", {})
        if "patternProperties" in found:  # which leaves other names to anything
            ((pattern, values),) = found.pop("patternProperties").items()
            names = {**found.get("propertyNames", {}), "pattern": pattern}
            found |= {"additionalProperties": values, "propertyNames": names}
        if keys.get("type") in _NUMBERS and self.mode == "serialization":
            found["propertyNames"] = {"pattern": DECIMAL_OUT}
        elif keys.get("type") in _NAMES:
            found["propertyNames"] = _NAMES[keys["type"]]
        elif keys.get("type") == "enum" and issubclass(keys["cls"], enum.Flag):
            found["propertyNames"] = names_of_flags(keys["cls"])
        elif keys.get("type") == "enum":
            found["propertyNames"] = names_of(each.value for each in keys["members"])
        elif keys.get("type") == "literal":
            found["propertyNames"] = names_of(
                each for each in keys["expected"] if isinstance(each, str)
            )
        return found

    def tagged_union_schema(self, schema: Any) -> JsonSchema:
        """Describe a union with a tag, which a client has to send even where it has a default."""
        found = super().tagged_union_schema(schema)
        discriminator = found.get("discriminator", {})
        is_object = self.mode == "validation" and "propertyName" in discriminator
        return {**found, "required": [discriminator["propertyName"]]} if is_object else found

    def get_defs_ref(self, core_mode_ref: Any) -> Any:
        """Name a definition by all of its class's name: the same class has it in every document.

        A class that a generic one is made of is written without its module, but with its identity.
        """
        core_ref, mode = core_mode_ref
        outer, *inner = core_ref.split("[")
        name = "[".join(
            [re.sub(":[0-9]+", "", outer), *(each.replace(":", "-id-") for each in inner)]
        )
        for character, text in _WRITTEN.items():
            name = name.replace(character, text)
        identity = "".join(re.findall(":([0-9]+)", core_ref))
        return super().get_defs_ref((CoreRef(f"{name}:{identity}"), mode))


def _names(name: str, classes: Mapping[int, str]) -> tuple[str, str]:
    """Give the name of a definition's class, and that with the modules."""
    for character, text in _WRITTEN.items():
        name = name.replace(text, character)
    full = _INNER.sub(lambda match: classes.get(int(match[2]), match[1]), name)
    return re.sub(r"[^\[\], ]*\.", "", _INNER.sub(r"\1", name)), full


def _linked(node: Any, link: Callable[[str], str]) -> Any:
    """Give a copy of a schema with other references, those of a discriminator too."""
    if isinstance(node, list):
        return [_linked(each, link) for each in node]
    if not isinstance(node, dict):
        return node
    if {} in node.get("anyOf", ()):
        node = {name: each for name, each in node.items() if name != "anyOf"}  # anything goes
    found = {name: _linked(each, link) for name, each in node.items()}
    if isinstance(found.get("$ref"), str):
        found["$ref"] = link(found["$ref"])
    discriminator = found.get("discriminator")
    if isinstance(discriminator, dict) and isinstance(discriminator.get("mapping"), dict):
        mapping = {tag: link(each) for tag, each in discriminator["mapping"].items()}
        found["discriminator"] = {**discriminator, "mapping": mapping}
    return found
