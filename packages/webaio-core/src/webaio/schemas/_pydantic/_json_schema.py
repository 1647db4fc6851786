"""The JSON Schema (2020-12) of what pydantic reads and writes."""

import functools
import re
from collections.abc import Callable, Hashable
from typing import Any, Final

import pydantic
from pydantic.json_schema import (
    CoreRef,
    GenerateJsonSchema,
    JsonSchemaMode,
    JsonSchemaWarningKind,
)

from .._components import Components, Mode
from .._json_schema import JsonSchema, with_default

_MODES: Final[dict[Mode, JsonSchemaMode]] = {"input": "validation", "output": "serialization"}
_PLACE: Final = "#/$defs/"
_LEFT_OUT: Final = ("init_only", "serialization_exclude", "serialization_exclude_if")
_WRITTEN: Final = {"<": "-lt-", ">": "-gt-", ".": "-dot-", "[": "-of-", "]": "-end-", ",": "-and-"}
"""How a class's full name is written in a name of definitions, so that it can be read again."""


def describe(
    adapter: pydantic.TypeAdapter[Any], key: Hashable, components: Components, mode: Mode
) -> JsonSchema:
    """Describe what an adapter reads or writes; its models go to `components`, by the key."""
    schemas, found = pydantic.TypeAdapter.json_schemas(
        [("it", _MODES[mode], adapter)], by_alias=True, schema_generator=_Generator
    )
    definitions = found.get("$defs", {})

    def linked(text: str) -> str:
        if not text.startswith(_PLACE):
            return text
        name = text.removeprefix(_PLACE)
        define = functools.partial(_linked, definitions[name], linked)
        return str(components.refer((key, name), _names(name), mode, define)["$ref"])

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

    def get_defs_ref(self, core_mode_ref: Any) -> Any:
        """Name a definition by all of its class's name: the same class has it in every document."""
        core_ref, mode = core_mode_ref
        name = re.sub(":[0-9]+", "", core_ref)
        for character, text in _WRITTEN.items():
            name = name.replace(character, text)
        identity = "".join(re.findall(":([0-9]+)", core_ref))
        return super().get_defs_ref((CoreRef(f"{name}:{identity}"), mode))


def _names(name: str) -> tuple[str, str]:
    """Give the name of a definition's class, and that with the modules."""
    for character, text in _WRITTEN.items():
        name = name.replace(text, character)
    return re.sub(r"[^\[\], ]*\.", "", name), name


def _linked(node: Any, link: Callable[[str], str]) -> Any:
    """Give a copy of a schema with other references, those of a discriminator too."""
    if isinstance(node, list):
        return [_linked(each, link) for each in node]
    if not isinstance(node, dict):
        return node
    found = {name: _linked(each, link) for name, each in node.items()}
    if isinstance(found.get("$ref"), str):
        found["$ref"] = link(found["$ref"])
    discriminator = found.get("discriminator")
    if isinstance(discriminator, dict) and isinstance(discriminator.get("mapping"), dict):
        mapping = {tag: link(each) for tag, each in discriminator["mapping"].items()}
        found["discriminator"] = {**discriminator, "mapping": mapping}
    return found
