"""The JSON Schema (2020-12) of what pydantic reads and writes."""

import enum
import functools
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final

import pydantic
from pydantic.json_schema import (
    CoreRef,
    GenerateJsonSchema,
    JsonSchemaMode,
    JsonSchemaWarningKind,
)
from pydantic_core import to_jsonable_python

from .._components import Components, Mode
from .._json_schema import (
    JsonSchema,
    choice,
    enum_of,
    flags,
    names_of,
    names_of_flags,
    takes_anything,
    with_default,
)
from .._text import DECIMAL, DECIMAL_OUT, FLOAT, INTEGER, signed

_MODES: Final[dict[Mode, JsonSchemaMode]] = {"input": "validation", "output": "serialization"}
_PLACE: Final = "#/$defs/"
_LEFT_OUT: Final = ("init_only", "serialization_exclude", "serialization_exclude_if")
_BOUNDED: Final = r"^[+-]?P[^0-9]*([0-9]{1,6}(\.[0-9]{1,6})?[^0-9.]+)+$"
"""What keeps the format `duration` from more than Python's `timedelta` holds."""
_NUMBERS: Final = {"decimal": DECIMAL, "float": FLOAT, "int": INTEGER}
"""What a name looks like that is a number, by pydantic's types of schemas."""
_OF_SECRETS: Final = ("default", "maxLength", "minLength", "pattern")
_ARGUMENT: Final = re.compile(r"(.+?):([0-9]+)(?:,|$)")
_NOT_HEX: Final = re.compile(r"[^0-9a-f]")
_MODULE: Final = re.compile(r"[^\[\], |]*\.")


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
        if found.get("format") != "duration":
            return found
        if self.mode == "validation":
            return {**found, "pattern": _BOUNDED, "examples": ["PT1H30M"]}
        del found["format"]  # pydantic writes a sign, and years and days without months
        return found

    def decimal_schema(self, schema: Any) -> JsonSchema:
        found = super().decimal_schema(schema)
        pattern = DECIMAL if self.mode == "validation" else DECIMAL_OUT
        for each in found.get("anyOf", [found]):
            if each.get("type") == "string":
                each.setdefault("pattern", signed(pattern, is_positive=_is_positive(schema)))
        return found

    def literal_schema(self, schema: Any) -> JsonSchema:
        """Describe choices; of several types as generators can read them."""
        found = super().literal_schema(schema)
        return choice(found["enum"]) if "enum" in found and "type" not in found else found

    def enum_schema(self, schema: Any) -> JsonSchema:
        cls = schema["cls"]
        if issubclass(cls, enum.Flag):
            return {"title": cls.__name__, **flags(cls)}
        found = super().enum_schema(schema)
        is_whole = [*dict.fromkeys(schema["members"])] == [*cls]
        values = [*map(to_jsonable_python, enum_of(cls)["enum"])]
        return {**found, **enum_of(cls), "enum": values} if is_whole and "enum" in found else found

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
        described = self._names_of(keys)
        return found if described is None else {**found, "propertyNames": described}

    def _names_of(self, keys: Any) -> JsonSchema | None:
        """Describe the names that are keys of a type; None where pydantic's own words are right."""
        match keys.get("type"):
            case "decimal" | "float" if self.mode == "serialization":
                return {"pattern": DECIMAL_OUT}
            case "bool":
                return {"enum": ["true", "false"]}
            case "decimal" | "float" | "int" as kind:
                return {"pattern": signed(_NUMBERS[kind], is_positive=_is_positive(keys))}
            case "enum" if issubclass(keys["cls"], enum.Flag):
                return names_of_flags(keys["cls"])
            case "enum":
                return names_of(each.value for each in keys["members"])
            case "literal":
                return names_of(each for each in keys["expected"] if isinstance(each, str))
            case "nullable" | "function-after" | "default":
                return self._names_of(keys["schema"])
            case "union":
                found = [self._names_of(each) for each in keys["choices"]]
                known = [each for each in found if each is not None]
                return {"anyOf": known} if len(known) == len(found) else None
        return None

    def tagged_union_schema(self, schema: Any) -> JsonSchema:
        """Describe a union with a tag, which a client has to send even where it has a default."""
        found = super().tagged_union_schema(schema)
        discriminator = found.get("discriminator", {})
        is_object = self.mode == "validation" and "propertyName" in discriminator
        return {**found, "required": [discriminator["propertyName"]]} if is_object else found

    def get_defs_ref(self, core_mode_ref: Any) -> Any:
        """Name a definition by all that pydantic knows its class by, so that it can be read again."""
        core_ref, mode = core_mode_ref
        return super().get_defs_ref((CoreRef(core_ref.encode().hex()), mode))


def _names(name: str, classes: Mapping[int, str]) -> tuple[str, str]:
    """Give the name of a definition's class, and that with the modules.

    pydantic knows `app.Page:1[Item:2]`, with identities of the class and of its arguments.
    """
    core_ref = bytes.fromhex(_NOT_HEX.split(name)[0]).decode()
    outer, _, inner = core_ref.partition("[")
    outer = outer.rpartition(":")[0] or outer
    arguments = _ARGUMENT.findall(inner.removesuffix("]"))
    full = [classes.get(int(identity), text) for text, identity in arguments]
    short = [_MODULE.sub("", text) for text, _ in arguments]
    return _generic(_MODULE.sub("", outer), short), _generic(outer, full)


def _is_positive(schema: Any) -> bool:
    return bool(schema.get("ge", schema.get("gt", -1)) >= 0)


def _generic(name: str, arguments: Sequence[str]) -> str:
    return f"{name}[{', '.join(arguments)}]" if arguments else name


def _linked(node: Any, link: Callable[[str], str]) -> Any:
    """Give a copy of a schema with other references, those of a discriminator too."""
    if isinstance(node, list):
        return [_linked(each, link) for each in node]
    if not isinstance(node, dict):
        return node
    if any(map(takes_anything, node.get("anyOf", ()))):
        node = {name: each for name, each in node.items() if name != "anyOf"}
    if node.get("writeOnly"):  # a secret: what is written is neither its default nor of its length
        node = {name: each for name, each in node.items() if name not in _OF_SECRETS}
    found = {name: _linked(each, link) for name, each in node.items()}
    if isinstance(found.get("$ref"), str):
        found["$ref"] = link(found["$ref"])
    discriminator = found.get("discriminator")
    if isinstance(discriminator, dict) and isinstance(discriminator.get("mapping"), dict):
        mapping = discriminator["mapping"]
        if all(isinstance(each, str) for each in mapping.values()):
            mapping = {tag: link(each) for tag, each in mapping.items()}
            found["discriminator"] = {**discriminator, "mapping": mapping}
        else:  # of a union in the union OpenAPI has no word
            del found["discriminator"]
    return found
