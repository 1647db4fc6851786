"""The models of a document: each is described once, under one name, and referred to."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

JsonSchema = dict[str, Any]
Mode = Literal["input", "output"]
"""Whether a client sends the values, or gets them: there what has a default is always present."""

_PLACE: Final = "#/components/schemas/"
_REFERENCE: Final = re.compile(rb'"#/components/schemas/\(([0-9]+)\)"')
"""A reference that has no name yet, in JSON: there no text has such quotes."""
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(slots=True)
class _Definition:
    name: str
    origin: str
    mode: Mode
    schema: JsonSchema = field(default_factory=dict)


class Components:
    """Collects the JSON Schemas (2020-12) of models, and names them for OpenAPI's `components`.

    Until `resolve` a reference is a number. Then a model has its class's name; with the module's
    before it where two classes share one, and with `Input` behind it where what a client sends
    differs from what it gets.

    >>> components = Components()
    >>> components.resolve(schema_of(list[Artist]).json_schema(components, "output"))
    (Raw(b'{"type":"array","items":{"$ref":"#/components/schemas/Artist"}}'), {"Artist": Raw(...)})
    """

    def __init__(self) -> None:
        self._definitions: list[_Definition] = []
        self._indexes: dict[Hashable, int] = {}

    def refer(
        self, key: Hashable, model: tuple[str, str], mode: Mode, define: Callable[[], JsonSchema]
    ) -> JsonSchema:
        """Give a reference to what `define` gives, asked once for a key; it may refer to itself.

        `model` is the module and the name of the class.
        """
        if (index := self._indexes.get((key, mode))) is None:
            index = self._indexes[key, mode] = len(self._definitions)
            module, name = model
            definition = _Definition(_plain(name), _plain(f"{module}.{name}"), mode)
            self._definitions.append(definition)
            definition.schema = define()
        return {"$ref": _reference(index)}

    def definition(self, schema: JsonSchema) -> JsonSchema:
        """Give the schema that another refers to, by itself or but for null; else the schema."""
        for each in (schema, *schema.get("anyOf", ())):
            if "$ref" in each:
                index = int(each["$ref"].removeprefix(f"{_PLACE}(").removesuffix(")"))
                return self._definitions[index].schema
        return schema

    def resolve(self, document: Any) -> tuple[msgspec.Raw, dict[str, msgspec.Raw]]:
        """Give the JSON of a document with all references named, and that of what they lead to.

        It stays JSON: as Python's values a large document would take ten times as long.
        """
        text = msgspec.json.encode(document)
        written = self._reachable(text)
        group_of = self._equal(written)
        first_of: dict[int, int] = {}
        for index in sorted(written):
            first_of.setdefault(group_of[index], index)
        names = self._names(first_of.values())

        def reference(found: re.Match[bytes]) -> bytes:
            return f'"{_PLACE}{names[first_of[group_of[int(found[1])]]]}"'.encode()

        schemas = {
            name: msgspec.Raw(_REFERENCE.sub(reference, written[index]))
            for index, name in sorted(names.items(), key=lambda pair: pair[1])
        }
        return msgspec.Raw(_REFERENCE.sub(reference, text)), schemas

    def _reachable(self, text: bytes) -> dict[int, bytes]:
        """Give the definitions that a document needs, as JSON."""
        found: dict[int, bytes] = {}
        todo = _indexes_in(text)
        while todo:
            index = todo.pop()
            if index not in found:
                found[index] = msgspec.json.encode(self._definitions[index].schema)
                todo |= _indexes_in(found[index])
        return found

    def _equal(self, indexes: Iterable[int]) -> dict[int, int]:
        """Number the definitions: equal ones, whose references lead to equal ones, have one number.

        All that look the same are taken for equal, and parted as long as a reference tells.
        """
        looks: dict[int, Hashable] = {}
        refers_to: dict[int, list[int]] = {}
        for index in indexes:
            definition = self._definitions[index]
            text = msgspec.json.encode(definition.schema, order="sorted")
            looks[index] = (definition.origin, _REFERENCE.sub(b"", text))
            refers_to[index] = [int(each) for each in _REFERENCE.findall(text)]
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

    def _names(self, indexes: Iterable[int]) -> dict[int, str]:
        alike: dict[str, list[int]] = defaultdict(list)
        for index in indexes:
            alike[self._definitions[index].name].append(index)
        names: dict[int, str] = {}
        taken = set[str]()
        for name, found in alike.items():
            is_shared = len({self._definitions[index].origin for index in found}) > 1
            for index in sorted(found, key=lambda each: self._definitions[each].mode != "output"):
                definition = self._definitions[index]
                wanted = definition.origin if is_shared else name
                names[index] = _free(wanted, definition.mode, taken)
                taken.add(names[index])
        return names


def _free(name: str, mode: Mode, taken: set[str]) -> str:
    """Give the name, or one made of it that is not taken."""
    if name in taken and mode == "input":
        name = f"{name}Input"
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}{number}"
    return free


def _plain(name: str) -> str:
    """Write a name with the characters that OpenAPI's names of components have."""
    return _NOT_IN_NAMES.sub("_", name).strip("_") or "_"


def _numbered(looks: Mapping[int, Hashable]) -> dict[int, int]:
    numbers: dict[Hashable, int] = {}
    return {index: numbers.setdefault(look, len(numbers)) for index, look in looks.items()}


def _reference(index: int) -> str:
    return f"{_PLACE}({index})"


def _indexes_in(text: bytes) -> set[int]:
    return {int(each) for each in _REFERENCE.findall(text)}
