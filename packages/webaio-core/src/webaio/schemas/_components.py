"""The models of a document: each is described once, under one name, and referred to."""

import json
import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Final, Literal

import msgspec

from ._json_schema import JsonSchema, to_json

Mode = Literal["input", "output"]
"""Whether a client sends the values, or gets them: there what has a default is always present."""

_PLACE: Final = "#/components/schemas/"
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]+")


class _Definition(msgspec.Struct):
    name: str
    origin: str
    mode: Mode
    schema: JsonSchema = {}


class Components:
    """Collects the JSON Schemas (2020-12) of models, and names them for OpenAPI's `components`.

    Until `resolve` a reference is a number. Then a model has its class's name; with the module's
    before it where two classes share one, and with `Input` behind it where what a client sends
    differs from what it gets; unless `is_split`, not where they differ by what is required alone.

    >>> components = Components()
    >>> components.resolve(schema_of(list[Artist]).json_schema(components, "output"))
    (Raw(b'{"type":"array","items":{"$ref":"#/components/schemas/Artist"}}'), {"Artist": Raw(...)})
    """

    def __init__(self, *, is_split: bool = True) -> None:
        self._is_split = is_split
        self._definitions: list[_Definition] = []
        self._indexes: dict[Hashable, int] = {}
        self._begin = f"{_PLACE}{uuid.uuid4().hex}-"  # no text has it by chance, or by malice
        self._reference = re.compile(f'"{re.escape(self._begin)}([0-9]+)"'.encode())

    def refer(
        self, key: Hashable, model: tuple[str, str], mode: Mode, define: Callable[[], JsonSchema]
    ) -> JsonSchema:
        """Give a reference to what `define` gives, asked once for a key; it may refer to itself.

        `model` is the name of the class, and the name with its module.
        """
        if (index := self._indexes.get((key, mode))) is None:
            index = self._indexes[key, mode] = len(self._definitions)
            definition = _Definition(_plain(model[0]), _plain(model[1]), mode)
            self._definitions.append(definition)
            described = {name: each for name, each in define().items() if name != "title"}
            definition.schema = {"title": definition.name, **described}
        return {"$ref": f"{self._begin}{index}"}

    def definition(self, schema: JsonSchema) -> JsonSchema:
        """Give the schema that another refers to, by itself or but for null; else the schema."""
        for each in (schema, *schema.get("anyOf", ())):
            reference = str(each.get("$ref", ""))
            if reference.startswith(self._begin):
                return self._definitions[int(reference.removeprefix(self._begin))].schema
        return schema

    def _take_null_from_examples(self, members: dict[str, JsonSchema]) -> None:
        """Leave the default null out where there is an example: a page would show it instead."""
        for name, each in members.items():
            if each.get("default", ...) is None and self._has_example(each):
                members[name] = _without(each, "default")

    def _has_example(self, schema: JsonSchema, above: tuple[int, ...] = ()) -> bool:
        """Tell whether a schema has examples, in it or in what it refers to."""
        found = self.definition(schema)
        if "examples" in found:
            return True
        if id(found) in above:
            return False
        parts = [*found.get("anyOf", ()), *found.get("oneOf", ()), *found.get("prefixItems", ())]
        parts += [*found.get("properties", {}).values()]
        parts += [found[name] for name in ("items", "additionalProperties") if name in found]
        inner = (*above, id(found))
        return any(isinstance(each, dict) and self._has_example(each, inner) for each in parts)

    def resolve(self, document: Any) -> tuple[msgspec.Raw, dict[str, msgspec.Raw]]:
        """Give the JSON of a document with all references named, and that of what they lead to.

        It stays JSON: as Python's values a large document would take ten times as long.
        """
        text = to_json(document)
        for definition in self._definitions:
            self._take_null_from_examples(definition.schema.get("properties", {}))
        found = self._reachable(text)
        group_of = self._equal(found)
        first_of: dict[int, int] = {}
        for index in sorted(found):
            first_of.setdefault(group_of[index], index)
        names = self._names(first_of.values())
        # Generators of clients name their classes by the title.
        schemas = {
            name: {**self._definitions[index].schema, "title": name}
            for index, name in names.items()
        }
        if not self._is_split:
            groups = defaultdict[int, list[int]](list)
            for index, group in group_of.items():
                groups[group].append(index)
            for index, name in names.items():
                self._require_what_all_do(schemas[name], groups[group_of[index]])

        def reference(match: re.Match[bytes]) -> bytes:
            return f'"{_PLACE}{names[first_of[group_of[int(match[1])]]]}"'.encode()

        def named(text: bytes) -> msgspec.Raw:
            return msgspec.Raw(self._reference.sub(reference, text))

        return named(text), {name: named(to_json(schemas[name])) for name in sorted(schemas)}

    def _reachable(self, text: bytes) -> dict[int, bytes]:
        """Give the definitions that a document needs, as JSON."""
        found: dict[int, bytes] = {}
        todo = self._indexes_in(text)
        while todo:
            index = todo.pop()
            if index not in found:
                found[index] = to_json(self._definitions[index].schema)
                todo += self._indexes_in(found[index])
        return found

    def _indexes_in(self, text: bytes) -> list[int]:
        return [int(each) for each in self._reference.findall(text)]

    def _equal(self, found: Mapping[int, bytes]) -> dict[int, int]:
        """Number the definitions: equal ones, whose references lead to equal ones, have one number.

        All that look the same are taken for equal, and parted as long as a reference tells.
        """
        looks: dict[int, Hashable] = {}
        refers_to: dict[int, list[int]] = {}
        for index, text in found.items():
            sorted_text = json.dumps(json.loads(text), sort_keys=True).encode()
            look = sorted_text if self._is_split else self._without_required(index)
            looks[index] = (self._definitions[index].origin, self._reference.sub(b"", look))
            refers_to[index] = self._indexes_in(sorted_text)
        group_of = _numbered(looks)
        while True:
            parted = _numbered(
                {
                    index: (group_of[index], *[group_of[other] for other in others])
                    for index, others in refers_to.items()
                }
            )
            if len({*parted.values()}) == len({*group_of.values()}):
                return parted
            group_of = parted

    def _without_required(self, index: int) -> bytes:
        """Give what a definition looks like but for the members that are required."""
        schema = self._definitions[index].schema
        rest = _without(schema, "required")
        return json.dumps(json.loads(to_json(rest)), sort_keys=True).encode()

    def _require_what_all_do(self, schema: JsonSchema, indexes: Iterable[int]) -> None:
        """Leave required what is so in each of some definitions."""
        required = [self._definitions[each].schema.get("required", ()) for each in indexes]
        kept = [name for name in required[0] if all(name in each for each in required)]
        schema.pop("required", None)
        if kept:
            schema["required"] = kept

    def _names(self, indexes: Iterable[int]) -> dict[int, str]:
        """Name definitions that all differ: both sides of a class have one name, but for `Input`."""
        origins: dict[str, set[str]] = defaultdict(set)
        classes: dict[str, list[int]] = defaultdict(list)
        for index in indexes:
            definition = self._definitions[index]
            origins[definition.name].add(definition.origin)
            classes[definition.origin].append(index)
        bases = {
            origin: origin if len(found) > 1 else name
            for name, found in origins.items()
            for origin in found
        }
        names: dict[int, str] = {}
        taken = {*bases.values()}
        for origin, found in classes.items():
            base = bases[origin]
            found.sort(key=self._look_of)
            names[found[0]] = base
            has_output = self._definitions[found[0]].mode == "output"
            for index in found[1:]:
                is_input = self._definitions[index].mode == "input"
                names[index] = _free(f"{base}Input" if has_output and is_input else base, taken)
                taken.add(names[index])
        return names

    def _look_of(self, index: int) -> tuple[bool, str]:
        """Give what definitions of one class are told apart by, whichever comes first."""
        definition = self._definitions[index]
        text = json.dumps(json.loads(to_json(definition.schema)), sort_keys=True)
        return definition.mode != "output", self._reference.sub(b"", text.encode()).decode()


def _without(schema: JsonSchema, word: str) -> JsonSchema:
    return {name: each for name, each in schema.items() if name != word}


def _free(name: str, taken: set[str]) -> str:
    """Give the name, or one made of it that is not taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}{number}"
    return free


def _plain(name: str) -> str:
    """Write a name with the characters that OpenAPI's names of components have."""
    return _NOT_IN_NAMES.sub("_", name).rstrip("_") or "_"


def _numbered(looks: Mapping[int, Hashable]) -> dict[int, int]:
    numbers: dict[Hashable, int] = {}
    return {index: numbers.setdefault(look, len(numbers)) for index, look in looks.items()}
