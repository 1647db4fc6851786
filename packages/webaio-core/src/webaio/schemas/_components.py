"""The models of a document: each is described once, under one name, and referred to."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

JsonSchema = dict[str, Any]
Mode = Literal["input", "output"]
"""Whether a client sends the values, or gets them: there what has a default is always present."""

_PLACE: Final = "#/components/schemas/"
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
    ({'type': 'array', 'items': {'$ref': '#/components/schemas/Artist'}}, {'Artist': {...}})
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
                return self._definitions[_index(each["$ref"])].schema
        return schema

    def resolve(self, document: Any) -> tuple[Any, dict[str, JsonSchema]]:
        """Give the document with all references named, and the schemas that they lead to."""
        refers_to = self._reachable(document)
        group_of = self._equal(refers_to)
        first_of: dict[int, int] = {}
        for index in sorted(refers_to):
            first_of.setdefault(group_of[index], index)
        names = self._names(first_of.values())
        targets = {
            _reference(index): _PLACE + names[first_of[group_of[index]]] for index in refers_to
        }

        def named(text: str) -> str:
            return targets.get(text, text)

        schemas = {
            name: replaced(self._definitions[index].schema, named)
            for index, name in sorted(names.items(), key=lambda pair: pair[1])
        }
        return replaced(document, named), schemas

    def _reachable(self, document: Any) -> dict[int, list[int]]:
        """Give the definitions that a document needs, each with those that it refers to."""
        found: dict[int, list[int]] = {}
        todo = list(_indexes_in(document))
        while todo:
            index = todo.pop()
            if index not in found:
                found[index] = list(_indexes_in(self._definitions[index].schema))
                todo += found[index]
        return found

    def _equal(self, refers_to: Mapping[int, list[int]]) -> dict[int, int]:
        """Number the definitions: equal ones, whose references lead to equal ones, have one number.

        All that look the same are taken for equal, and parted as long as a reference tells.
        """
        group_of = _numbered({index: self._look(index) for index in refers_to})
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

    def _look(self, index: int) -> Hashable:
        """Give what can be seen of a definition without following a reference."""
        definition = self._definitions[index]
        blank = replaced(definition.schema, lambda text: "" if _is_reference(text) else text)
        return definition.origin, msgspec.json.encode(blank, order="sorted")

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


def replaced(node: Any, change: Callable[[str], str]) -> Any:
    """Give a copy of plain values in which each string is what `change` makes of it."""
    if isinstance(node, dict):
        return {name: replaced(each, change) for name, each in node.items()}
    if isinstance(node, list):
        return [replaced(each, change) for each in node]
    return change(node) if isinstance(node, str) else node


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


def _is_reference(text: str) -> bool:
    return text.startswith(f"{_PLACE}(")


def _index(reference: str) -> int:
    return int(reference.removeprefix(f"{_PLACE}(").removesuffix(")"))


def _indexes_in(node: Any) -> Iterator[int]:
    """Give the references in plain values, in order."""
    if isinstance(node, dict):
        for each in node.values():
            yield from _indexes_in(each)
    elif isinstance(node, list):
        for each in node:
            yield from _indexes_in(each)
    elif isinstance(node, str) and _is_reference(node):
        yield _index(node)
