"""What an operation takes: parameters, a body, and the errors and the security that follow."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from webaio.conditions._idempotency_documentation import documentation_of
from webaio.decorators._mark import record_on
from webaio.decorators._operation import Operation
from webaio.decorators._words import Error, checked_security
from webaio.exceptions import NotAcceptable, PermissionDenied, Throttled
from webaio.parameters import Documentation
from webaio.parameters._openapi import content_of, parameter_object
from webaio.permissions._guard import Guard
from webaio.routers._action import Action
from webaio.schemas import Components

from ._conditional import conditions_taken
from ._endpoint import Endpoint, Variable

_TAKE_BODY: Final = ("create", "partial_update", "update")
_WITHOUT_BODY: Final = ("GET", "HEAD")


class RequestParts(Struct, frozen=True):
    """What is told of the request of an operation.

    `security` are groups of requirements: of each, any one is to be met.
    """

    parameters: list[dict[str, Any]]
    body: Mapping[str, Any] | None
    errors: list[Error]
    security: list[tuple[Mapping[str, list[str]], ...]]


def request_parts_of(endpoint: Endpoint, components: Components, *, may_wait: bool) -> RequestParts:
    """Collect what each source, function and middleware tells of an operation.

    `may_wait` tells that wrong credentials are counted.

    The parameters of its URL are there even if nobody reads them, and an untyped action that creates
    or changes something takes JSON of any form.
    """
    action, guards = endpoint.action, [*_of_guard(endpoint, may_wait)]
    if action is None:
        errors = [*_own_errors(endpoint), *(error for each in guards for error in each.errors)]
        security = [each for each in (checked_security(part.security) for part in guards) if each]
        return RequestParts(_in_path(endpoint, []), _own_body(endpoint), errors, security)
    parts = [*guards, *_parts(action, components), *conditions_taken(action, endpoint.method)]
    described = [each for part in parts for each in part.parameters]
    body = next((part.body for part in parts if part.body is not None), None)
    is_refused = bool(endpoint.variables) and not action.is_handler
    errors = [*_own_errors(endpoint), *([404] if is_refused else [])]
    errors += [NotAcceptable] if action.results.is_negotiated else []
    groups = [checked_security(part.security, endpoint.where) for part in parts]
    return RequestParts(
        _without_doubles(_in_path(endpoint, described)),
        body or _own_body(endpoint),
        errors + [each for part in parts for each in part.errors],
        [each for each in groups if each],
    )


def _own_body(endpoint: Endpoint) -> Mapping[str, Any] | None:
    """Describe the body that a handler reads by itself: as it says, or any JSON."""
    if media_types := _own_media_types(endpoint):
        return {"content": content_of(media_types)}
    action = endpoint.action
    takes_body = action is not None and action.is_handler and action.name in _TAKE_BODY
    return {"content": content_of(["application/json"])} if takes_body else None


def _own_errors(endpoint: Endpoint) -> list[Error]:
    """Give those of a body that a handler reads by itself: it is broken, or too large."""
    if _own_media_types(endpoint):
        return [400, 413]
    return [413] if endpoint.words.client_max_size is not None else []


def _own_media_types(endpoint: Endpoint) -> Collection[str]:
    return endpoint.words.consumes or () if endpoint.method not in _WITHOUT_BODY else ()


def _of_guard(endpoint: Endpoint, may_wait: bool) -> Iterator[Documentation]:
    """Give what guards an operation, and the error of an item that is hidden."""
    guard, action = record_on(endpoint.handler, Guard), endpoint.action
    for parent in () if action is None else action.parents:
        asks = parent.guard is not None and parent.guard.permission is not None
        yield Documentation(
            errors=(parent.viewset.not_found, *([PermissionDenied] if asks else []))
        )
    if guard is None:
        return
    yield Documentation(errors=guard.errors, security=guard.security)
    if guard.authentication and may_wait:
        yield Documentation(errors=(Throttled,))
    if action is not None and action.asks_for_item:
        yield Documentation(errors=(action.viewset.not_found,))


def _parts(action: Action, components: Components) -> Iterator[Documentation]:
    inputs = action.inputs
    for each in inputs.parameters:
        yield each.source.documentation(each, inputs, components)
    for function in (*action.dependencies, *action.middlewares, *action.hooks):
        words = record_on(function, Operation) or Operation()
        yield Documentation(errors=words.errors or (), security=words.security or ())
    if action.idempotent is not None:
        yield documentation_of(action.idempotent)


def _in_path(endpoint: Endpoint, described: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Begin with the variables of the URL, under the names that they have there."""
    schemas = [(each["name"], each["schema"]) for each in described if each["in"] == "path"]
    found: list[dict[str, Any]] = []
    for variable in endpoint.variables:
        own = [schema for name, schema in schemas if name == variable.key] or [{"type": "string"}]
        found += [_variable(variable, each) for each in own]
    return found + [dict(each) for each in described if each["in"] != "path"]


def _variable(variable: Variable, schema: dict[str, Any]) -> dict[str, Any]:
    pattern = variable.pattern
    if pattern is not None and schema.get("type") == "string" and "pattern" not in schema:
        schema = {**schema, "pattern": f"^(?:{pattern})$"}
    return parameter_object(variable.name, "path", schema, is_required=True)


def _without_doubles(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join those that a request gives once, all checks of which it must pass.

    Headers differ by more than case.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for each in parameters:
        name = each["name"].lower() if each["in"] == "header" else each["name"]
        kept = found.setdefault((each["in"], name), each)
        kept["schema"] = _both(kept["schema"], each["schema"])
        if each.get("required"):
            kept["required"] = True
    return [*found.values()]


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Join what two say of a value; of two defaults neither is told, as each is right in its place."""
    if one == other:
        return one
    bare = [
        {name: value for name, value in each.items() if name != "default"} for each in (one, other)
    ]
    return bare[0] if bare[0] == bare[1] else {"allOf": bare}
