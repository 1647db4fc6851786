"""What an operation can answer."""

import http
from collections.abc import Collection, Iterable
from typing import Any, Final

from aiohttp import web

from webaio.exceptions import APIException, exception_of_status, pointer
from webaio.responses import PROBLEM_JSON
from webaio.routers._action import Action
from webaio.schemas._components import Components

from ._endpoint import Endpoint
from ._problem import problem
from ._text import cleaned

ErrorClass = type[APIException] | type[web.HTTPException]
_OWN: Final = "The response is made by the handler itself."
_JSON: Final = "application/json"
_JSON_LINES: Final = "application/jsonl"
_LOCATION: Final = {
    "description": "The URL of what was created.",
    "schema": {"type": "string", "format": "uri-reference"},
}


def responses_of(
    endpoint: Endpoint, components: Components, statuses: Iterable[int]
) -> dict[str, Any]:
    """Give the responses of an operation: its own, and the errors of `statuses` and of its words."""
    action = endpoint.action
    found = {} if action is None else _successes(action, components)
    if action is None or action.contract is None or action.contract.returns_response:
        found["default"] = {"description": _OWN}
    told = {
        str(status): _error(status, declared, endpoint, components)
        for status, declared in sorted(_errors(action, statuses).items())
    }
    return {**found, **told}


def phrase(status: int) -> str:
    """Give the words of a status.

    >>> phrase(422)
    'Unprocessable Content'
    """
    if status >= 400:
        return exception_of_status(status).title
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Success"


def _successes(action: Action, components: Components) -> dict[str, Any]:
    contract = action.contract
    found: dict[str, Any] = {}
    if contract is None:
        return found
    if contract.returns_none:
        found[str(action.empty_status)] = {"description": phrase(action.empty_status)}
    if contract.result is not None:
        schema = contract.result.json_schema(components, "output")
        lines = {_JSON_LINES: {"schema": {"type": "array", "items": schema}}}
        content = lines if contract.streams else {_JSON: {"schema": schema}}
        success: dict[str, Any] = {"description": phrase(action.status), "content": content}
        if action.lookup is not None and not contract.streams:
            success["headers"] = {"Location": _LOCATION}
        found[str(action.status)] = success
    return found


def _errors(action: Action | None, statuses: Iterable[int]) -> dict[int, list[ErrorClass]]:
    """Give the statuses of errors, each with the exception classes that are declared."""
    found: dict[int, list[ErrorClass]] = {status: [] for status in statuses}
    for each in action.operation.errors if action else ():
        if isinstance(each, int):
            found.setdefault(each, [])
        else:
            found.setdefault(int(each.status_code), []).append(each)
    return found


def _error(
    status: int,
    declared: Collection[ErrorClass],
    endpoint: Endpoint,
    components: Components,
) -> dict[str, Any]:
    """Describe the answer of one status, with an example; of each exception class where there are."""
    bare = {"type": "about:blank", "title": phrase(status), "status": status}
    content: dict[str, Any] = {"schema": problem(components)}
    texts = [phrase(status)]
    if classes := {_free_name(each, declared): each for each in declared}:
        content["examples"] = {
            name: {"value": {**bare, **_said(each)}} for name, each in classes.items()
        }
        texts = [_description(each, status) for each in declared]
    else:
        faults = {"errors": _faults(endpoint)} if status == 422 else {}
        content["example"] = {**bare, **faults}
    description = "\n\n".join(dict.fromkeys(texts))
    return {"description": description, "content": {PROBLEM_JSON: content}}


def _faults(endpoint: Endpoint) -> list[dict[str, str]]:
    """Give an example of a fault: of the first value that an operation takes."""
    contract = endpoint.action.contract if endpoint.action else None
    read = [each for each in (contract.parameters if contract else ()) if each.source != "path"]
    for each in sorted(read, key=lambda one: one.source != "body"):
        members = [field.name for field in each.schema.fields or ()]
        names = members[:1] or ([] if each.source == "body" else [each.key])
        said = {"code": "type", "detail": "Not of the type that it should be"}
        return [{"in": each.source, "pointer": pointer(*names), **said}]
    return []


def _said(error: ErrorClass) -> dict[str, str]:
    """Give what an exception class says of itself; aiohttp's are answered as that of their status."""
    kind = error if issubclass(error, APIException) else exception_of_status(error.status_code)
    said = {"type": kind.type, "title": kind.title, "detail": kind.detail, "code": kind.code}
    return {name: text for name, text in said.items() if isinstance(text, str)}


def _free_name(error: ErrorClass, declared: Iterable[ErrorClass]) -> str:
    """Name an exception class; with its module, where another of the same status has its name."""
    name = error.__name__
    is_shared = any(each is not error and each.__name__ == name for each in declared)
    return f"{error.__module__}.{error.__qualname__}" if is_shared else name


def _description(error: ErrorClass, status: int) -> str:
    detail = cleaned(error.detail) if issubclass(error, APIException) else ""
    return detail or cleaned(vars(error).get("__doc__")) or phrase(status)
