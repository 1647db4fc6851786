"""What an operation can answer."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from aiohttp import web

from webaio.conditions._idempotency_documentation import REPLAYED_HEADER
from webaio.decorators._mark import record_on
from webaio.decorators._operation import Operation
from webaio.decorators._words import Error
from webaio.exceptions import APIException, exception_of_status, pointer
from webaio.parameters._openapi import content_of, header_object
from webaio.parameters._schemas import schema_for
from webaio.responses import PROBLEM_JSON
from webaio.results._results import phrase
from webaio.routers._action import Action
from webaio.schemas import Components

from ._conditional import with_tags
from ._endpoint import Endpoint
from ._files import with_ranges
from ._problem import form_of, problem
from ._request_parts import RequestParts
from ._text import cleaned

ErrorClass = type[APIException] | type[web.HTTPException]
_OWN: Final = "The response is made by the handler itself."
_RETRY_AFTER: Final = "Retry-After"
_HEADERS: Final = {
    401: ("WWW-Authenticate", {"type": "string"}),
    426: ("Upgrade", {"type": "string"}),
    429: (_RETRY_AFTER, {"type": "integer"}),
    503: (_RETRY_AFTER, {"type": "integer"}),
}
"""The header that an error of a status has, or may have: RFC 9110, 11.6.1, 15.5.22 and 10.2.3."""


def responses_of(
    endpoint: Endpoint, components: Components, parts: RequestParts, *, is_secured: bool
) -> dict[str, Any]:
    """Give the responses of an operation: its own, and the errors of its request and of its words."""
    found = _successes(endpoint, components)
    errors: list[Error] = [401] if is_secured else []
    errors += [*parts.errors, *(endpoint.words.errors or ())]
    described = {
        str(status): _error(
            status, classes, _content_of(status, classes, endpoint, parts, components)
        )
        for status, classes in sorted(_by_status(errors).items())
    }
    return {**found, **described}


def _successes(endpoint: Endpoint, components: Components) -> dict[str, Any]:
    """Describe what is given where nothing goes wrong, with the headers that middlewares add."""
    action, media_types = endpoint.action, endpoint.words.produces
    found = {} if action is None else action.results.response_objects(components)
    makes_response = action is None or action.results.makes_response
    if makes_response and media_types:
        status = action.results.status if action else endpoint.words.status or 200
        content = content_of(media_types)
        written = found.setdefault(status, {"description": phrase(status)})
        written["content"] = {**written.get("content", {}), **content}
        if action is not None and action.results.makes_file:
            found = with_ranges(found, content, endpoint.method)
    headers = {} if action is None else _headers_around(action, components)
    if headers:
        for each in found.values():
            each["headers"] = {**headers, **each.get("headers", {})}
    if action is not None:
        found = with_tags(found, action, endpoint.method)
    described = {str(status): each for status, each in found.items()}
    is_open = makes_response and not media_types
    return {**described, "default": {"description": _OWN}} if is_open else described


def _headers_around(action: Action, components: Components) -> dict[str, Any]:
    """Describe the headers that the middlewares of an action add, and an answer that is replayed."""
    replayed = {} if action.idempotent is None else REPLAYED_HEADER
    words = [record_on(each, Operation) or Operation() for each in action.middlewares]
    return replayed | {
        name: header_object(schema_for(each, name).json_schema(components, "output"))
        for name, each in (pair for each in words for pair in (each.headers or {}).items())
    }


def _by_status(errors: Iterable[Error]) -> dict[int, list[ErrorClass]]:
    """Give the statuses of errors, each with the exception classes that are declared."""
    found: dict[int, list[ErrorClass]] = {}
    for each in errors:
        if isinstance(each, int):
            found.setdefault(each, [])
        elif each not in (classes := found.setdefault(int(each.status_code), [])):
            classes.append(each)
    return found


def _error(
    status: int, declared: Collection[ErrorClass], content: Mapping[str, Any]
) -> dict[str, Any]:
    """Describe the answer of one status."""
    texts = [_description(each, status) for each in declared] or [_title(status)]
    found: dict[str, Any] = {"description": "\n\n".join(dict.fromkeys(texts))}
    headers = dict([_HEADERS[status]]) if status in _HEADERS else {}
    if any(issubclass(each, APIException) and _RETRY_AFTER in each.headers for each in declared):
        headers[_RETRY_AFTER] = {"type": "integer"}
    if headers:
        found["headers"] = {name: header_object(schema) for name, schema in headers.items()}
    return {**found, "content": content}


def _content_of(
    status: int,
    declared: Collection[ErrorClass],
    endpoint: Endpoint,
    parts: RequestParts,
    components: Components,
) -> dict[str, Any]:
    """Give the body of an error: a problem, with an example of each exception class, or another."""
    responder = endpoint.responder
    media_type = PROBLEM_JSON if responder is None else responder.media_type
    form = form_of(responder)
    if form is not None:
        return {media_type: {"schema": form.json_schema(components, "output")}}
    examples = _examples(status, declared, parts, components)
    return {media_type: {"schema": problem(components), **examples}}


def _examples(
    status: int,
    declared: Collection[ErrorClass],
    parts: RequestParts,
    components: Components,
) -> dict[str, Any]:
    bare = {"type": "about:blank", "title": _title(status), "status": status}
    if classes := {_free_name(each, declared): each for each in declared}:
        values = {name: {"value": {**bare, **_said(each)}} for name, each in classes.items()}
        return {"examples": values}
    faults = {"errors": _faults(parts, components)} if status == 422 else {}
    return {"example": {**bare, **faults}}


def _faults(parts: RequestParts, components: Components) -> list[dict[str, str]]:
    """Give an example of a fault: of the first value that an operation takes."""
    said = {"code": "type", "detail": "Not of the type that it should be"}
    if parts.body is not None:
        content, *_ = parts.body["content"].values()
        members = components.definition(content["schema"]).get("properties", {})
        return [{"in": "body", "pointer": pointer(*[*members][:1]), **said}]
    for each in parts.parameters:
        if each["in"] != "path":
            return [{"in": each["in"], "pointer": pointer(each["name"]), **said}]
    return []


def _title(status: int) -> str:
    return exception_of_status(status).title


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
    return detail or cleaned(vars(error).get("__doc__")) or _title(status)
