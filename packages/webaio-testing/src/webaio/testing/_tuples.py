"""Tuples in a document: what schemathesis makes of them in an answer is no JSON Schema."""

import copy
import json
from typing import Any, Final

_PLACE: Final = "#/components/schemas/"
_OF_ANSWERS: Final = ".of-answers"


def with_loose_answers(document: dict[str, Any]) -> dict[str, Any]:
    """Give a document in which an answer's tuple is an array of any of its types.

    schemathesis 4.32 turns `prefixItems` into an `items` that is a list, which JSON Schema had until
    2019, and then says that the answer's schema is invalid. What is sent stays as it is.
    """
    if '"prefixItems"' not in json.dumps(document):
        return document
    loose = copy.deepcopy(document)
    schemas: dict[str, Any] = loose.get("components", {}).get("schemas", {})
    for item in loose.get("paths", {}).values():
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"] = _loose(operation["responses"], schemas)
    return loose


def _loose(node: Any, schemas: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_loose(each, schemas) for each in node]
    if isinstance(node, str) and node.startswith(_PLACE):
        return _PLACE + _named(node.removeprefix(_PLACE), schemas)
    if not isinstance(node, dict):
        return node
    found = {name: _loose(each, schemas) for name, each in node.items()}
    if isinstance(found.get("prefixItems"), list):
        items = found.pop("prefixItems")
        if "maxItems" in found:
            found["items"] = {"anyOf": items}
    return found


def _named(name: str, schemas: dict[str, Any]) -> str:
    """Give the name of a component as answers have it; it is made where it is not there yet."""
    loose = name + _OF_ANSWERS
    if name in schemas and loose not in schemas:
        schemas[loose] = {}  # it may refer to itself
        schemas[loose] = _loose(schemas[name], schemas)
    return loose if name in schemas else name
