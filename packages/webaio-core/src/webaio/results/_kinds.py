"""The kinds of result that an action declares, each with what the document says of it."""

import http
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from webaio.parameters._openapi import header_object
from webaio.schemas import Components, Schema

from ._answer import Answer

_LOCATION: Final = {
    "description": "The URL of what was created.",
    "schema": {"type": "string", "format": "uri-reference"},
}


class Empty(Struct, frozen=True):
    """None: an answer without content."""

    status: int

    def response_object(self, components: Components) -> dict[str, Any]:
        """Describe the answer: OpenAPI's Response Object."""
        return {"description": phrase(self.status)}


class JSONResult(Struct, frozen=True):
    """Anything else, written as JSON; what was created says where it is."""

    schema: Schema
    status: int
    has_location: bool

    def response_object(self, components: Components) -> dict[str, Any]:
        """Describe the answer: OpenAPI's Response Object."""
        schema = self.schema.json_schema(components, "output")
        found = {
            "description": phrase(self.status),
            "content": {"application/json": {"schema": schema}},
        }
        return {**found, "headers": {"Location": _LOCATION}} if self.has_location else found


class Lines(Struct, frozen=True):
    """An iterator: JSON, item by item."""

    media_type = "application/jsonl"

    schema: Schema
    status: int

    def response_object(self, components: Components) -> dict[str, Any]:
        """Describe the answer: OpenAPI's Response Object."""
        items = {"type": "array", "items": self.schema.json_schema(components, "output")}
        content = {self.media_type: {"schema": items}}
        return {"description": phrase(self.status), "content": content}


class Answered(Struct, frozen=True):
    """An `Answer` of one class: what may be in it."""

    answer: type[Answer[Any]]
    json: JSONResult | None
    empty: Empty | None


Kind = Empty | JSONResult | Lines


class Results(Struct, frozen=True):
    """What an action may return; `headers` are the types of those that an `Answer` may have.

    `makes_response` tells that it may return a response of aiohttp.
    """

    status: int
    empty_status: int
    json: JSONResult | None = None
    empty: Empty | None = None
    lines: Lines | None = None
    answers: tuple[Answered, ...] = ()
    makes_response: bool = False
    headers: Mapping[str, Schema] = {}

    @property
    def statuses_with_content(self) -> list[int]:
        """The statuses of the results that are not None."""
        found: list[JSONResult | Lines | None] = [self.lines, self.json]
        found += [each.json for each in self.answers]
        return [each.status for each in found if each is not None]

    @property
    def has_status_of_action(self) -> bool:
        """Whether a result takes the status that is said of the action."""
        own = [each.answer for each in self.answers if each.answer.status_code is None]
        return bool(own) or not self.answers or bool(self.json or self.empty)

    def response_objects(self, components: Components) -> dict[int, dict[str, Any]]:
        """Describe the answers by their statuses, as OpenAPI does."""
        headers = {
            name: header_object(schema.json_schema(components, "output"))
            for name, schema in self.headers.items()
        }
        kinds: tuple[Kind | None, ...] = (self.empty, self.json, self.lines)
        found: dict[int, dict[str, Any]] = {}
        for kind in kinds:
            if kind is not None:
                found[kind.status] = {
                    **found.get(kind.status, {}),
                    **kind.response_object(components),
                }
        for answered in self.answers:
            for kind in (answered.empty, answered.json):
                if kind is not None:
                    described = kind.response_object(components)
                    own = {**described.get("headers", {}), **headers}
                    described = {**described, "headers": own} if own else described
                    found[kind.status] = {**found.get(kind.status, {}), **described}
        return found


def phrase(status: int) -> str:
    """Give the words of the status of a success.

    >>> phrase(201)
    'Created'
    """
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Success"
