"""What an operation takes: its parameters and its body."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from webaio.parameters._parameter import Parameter
from webaio.parameters._readers import claimed_keys
from webaio.schemas._components import Components
from webaio.schemas._json_schema import example_in, with_default

from ._endpoint import Endpoint, Variable

_JSON: Final = "application/json"
_IGNORED: Final = ("accept", "authorization", "content-type")
"""Headers that OpenAPI tells of elsewhere; as parameters they are to be ignored (3.1, 4.8.12.1)."""
_TAKE_BODY: Final = ("create", "partial_update", "update")


def parameters_of(endpoint: Endpoint, components: Components) -> list[dict[str, Any]]:
    """Give the parameters of an operation; those of its URL are there even if nobody reads them."""
    contract = endpoint.action.contract if endpoint.action else None
    read = contract.parameters if contract else ()
    typed = {each.key: each for each in read if each.source == "path"}
    found = [_in_path(each, typed.get(each.key), components) for each in endpoint.variables]
    for each in read:
        if each.source == "query" and each.schema.fields is not None:
            found += _of_model(each, read, components)
        elif each.source == "header" and each.key.lower() in _IGNORED:
            continue
        elif each.source not in ("body", "path"):
            schema = _with_default(each, each.schema.json_schema(components, "input"))
            found.append(_parameter(each.key, each.source, schema, is_required=each.is_required))
    return _without_doubles(found)


def body_of(endpoint: Endpoint, components: Components) -> dict[str, Any] | None:
    """Give the body of an operation; None where there is none.

    Of an untyped action that creates or changes something, JSON of any form.
    """
    action = endpoint.action
    if action is None or (action.contract is None and action.name not in _TAKE_BODY):
        return None
    if action.contract is None:
        return {"content": {_JSON: {"schema": {}}}}
    body = action.contract.body
    if body is None:
        return None
    schema = _with_default(body, body.schema.json_schema(components, "input"))
    return {"content": {_JSON: {"schema": schema}}, "required": body.is_required}


def _without_doubles(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep one of those that a request gives once; headers differ by more than case."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for each in parameters:
        name = each["name"].lower() if each["in"] == "header" else each["name"]
        kept = found.setdefault((each["in"], name), each)
        if each.get("required"):
            kept["required"] = True
    return [*found.values()]


def _in_path(variable: Variable, typed: Parameter | None, components: Components) -> dict[str, Any]:
    schema = {"type": "string"}
    pattern = variable.pattern
    if typed is not None:
        schema = typed.schema.json_schema(components, "input")
    if pattern is not None and schema.get("type") == "string" and "pattern" not in schema:
        schema = {**schema, "pattern": f"^(?:{pattern})$"}
    return _parameter(variable.name, "path", schema, is_required=True)


def _of_model(
    parameter: Parameter, read: Iterable[Parameter], components: Components
) -> Iterator[dict[str, Any]]:
    """Give a parameter for each member of a model of the query; those that others take excepted."""
    model = components.definition(parameter.schema.json_schema(components, "input"))
    taken = claimed_keys(read)
    required = model.get("required", ()) if parameter.is_required else ()
    default = _with_default(parameter, {}).get("default")
    defaults = default if isinstance(default, dict) else {}
    for name, schema in model.get("properties", {}).items():
        if name not in taken:
            told = {**schema, "default": defaults[name]} if name in defaults else schema
            yield _parameter(name, "query", told, is_required=name in required)


def _parameter(key: str, source: str, schema: Any, *, is_required: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"name": key, "in": source}
    if is_required:
        found["required"] = True
    if "description" in schema and "$ref" not in schema:
        found["description"] = schema["description"]
        schema = {name: each for name, each in schema.items() if name != "description"}
    if examples := example_in(schema):
        found["example"] = examples[0]  # Swagger UI looks for one here, and not in the schema
    return {**found, "schema": schema}


def _with_default(parameter: Parameter, schema: dict[str, Any]) -> dict[str, Any]:
    """Give a schema with the default of a parameter, as JSON; None is not worth a word."""
    default = parameter.default
    if parameter.is_required:
        return schema
    ordered = sorted(default, key=repr) if isinstance(default, (frozenset, set)) else default
    try:
        plain = msgspec.json.decode(parameter.schema.encode(ordered))
    except (TypeError, ValueError, msgspec.MsgspecError):  # such as UNSET
        return schema
    return schema if plain is None else with_default(schema, plain)
