"""The schema of every error."""

import functools
from typing import Any, Final, get_args, is_typeddict

from webaio.decorators._callable import called
from webaio.middlewares._responder import Responder
from webaio.parameters._annotations import annotations_of
from webaio.parameters._schemas import require_resolved, schema_for
from webaio.parameters._source import Location
from webaio.schemas import Components, Schema

_FORMATTER: Final = "exception_handler(problem=...)"
_TEXT: Final = {"type": "string"}


def form_of(responder: Responder | None) -> Schema | None:
    """Give the form that an application gives its errors, as its function is declared to give it.

    None where it says none, and errors are problems. Raises `ImproperlyConfigured` for a type that
    there is not.
    """
    if responder is None or responder.formatter is None:
        return None
    given = annotations_of(called(responder.formatter), ()).get("return")
    require_resolved(given, _FORMATTER)
    return schema_for(given, _FORMATTER) if is_typeddict(given) else None


def problem(components: Components) -> dict[str, Any]:
    """Give the schema of every error: problem details (RFC 9457), with the faults of a 422."""
    fault = components.refer("fault", ("Fault", "webaio.Fault"), "output", _fault)
    define = functools.partial(_problem, fault)
    return components.refer("problem", ("Problem", "webaio.Problem"), "output", define)


def _problem(faults: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": "What went wrong (RFC 9457). An error may add members of its own.",
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {**_TEXT, "format": "uri-reference", "default": "about:blank"},
            "title": {**_TEXT, "description": "The name of the status."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {**_TEXT, "description": "What went wrong this time."},
            "code": {**_TEXT, "description": "What went wrong, for programs."},
            "instance": {**_TEXT, "format": "uri-reference"},
            "request_id": {**_TEXT, "description": "The id of the request, where it has one."},
            "errors": {"type": "array", "items": faults, "description": "Every fault, of a 422."},
        },
    }


def _fault() -> dict[str, Any]:
    places = [*get_args(Location)]
    return {
        "description": "One thing that is wrong with what was sent.",
        "type": "object",
        "required": ["in", "pointer", "code", "detail"],
        "properties": {
            "in": {**_TEXT, "enum": places, "description": "Where the value was sent."},
            "pointer": {**_TEXT, "description": "The place in it (RFC 6901)."},
            "code": {**_TEXT, "description": "What is wrong, for programs."},
            "detail": {**_TEXT, "description": "What is wrong, for people."},
        },
    }
