import http
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from webaio.parameters._openapi import header_object
from webaio.renderers._words import JSON_ALONE, Renderers
from webaio.schemas import Components, Schema

from ._answer import Answer
from ._stream import Stream

_LOCATION: Final = {
    "description": "The URL of what was created.",
    "schema": {"type": "string", "format": "uri-reference"},
}


class Results(Struct, frozen=True):
    """What an action may return, or an `Answer` carry.

    `json` is the type of what is written as JSON, `stream` what goes out item by item.
    `has_none` tells that None is declared, `has_location` that what is returned may be a new item,
    that has a URL, `makes_response` that it may be a response of aiohttp, and `makes_file` one that
    is a file. `answers` are the classes of answers, each with what it may carry, and `headers` the
    types of those that they may have. `renderers` are the representations in place of JSON alone.
    """

    status: int
    empty_status: int
    json: Schema | None = None
    stream: Stream | None = None
    has_none: bool = False
    has_location: bool = False
    makes_response: bool = False
    makes_file: bool = False
    answers: "tuple[tuple[type[Answer[Any]], Results], ...]" = ()
    headers: Mapping[str, Schema] = {}
    renderers: Renderers = JSON_ALONE

    @property
    def statuses_with_content(self) -> list[int]:
        """The statuses of the results that are not None."""
        found = [self, *(carried for _, carried in self.answers)]
        return [each.status for each in found if each.json or each.stream]

    @property
    def takes_media_types(self) -> bool:
        """Whether `produces=` says what is written."""
        return self.makes_response or (self.stream is not None and self.stream.takes_media_type)

    @property
    def has_json(self) -> bool:
        """Whether a result is written as a whole: as JSON, or as what renderers make of it."""
        return self.json is not None or any(carried.json for _, carried in self.answers)

    @property
    def is_negotiated(self) -> bool:
        """Whether there are several representations."""
        return len(self.renderers) > 1

    def written_by(self, renderers: Renderers) -> "Results":
        """Give them with their renderers, those that answers carry too."""
        answers = tuple((answer, carried.written_by(renderers)) for answer, carried in self.answers)
        return msgspec.structs.replace(self, renderers=renderers, answers=answers)

    @property
    def has_status_of_action(self) -> bool:
        """Whether a result takes the status that is said of the action."""
        own = [answer for answer, _ in self.answers if answer.status_code is None]
        return bool(own) or not self.answers or bool(self.json or self.has_none)

    def response_objects(self, components: Components) -> dict[int, dict[str, Any]]:
        """Describe the answers by their statuses, as OpenAPI's Response Objects."""
        headers = {
            name: header_object(schema.json_schema(components, "output"))
            for name, schema in self.headers.items()
        }
        found: dict[int, dict[str, Any]] = {}
        for status, described in self._without_answers(components):
            found[status] = {**found.get(status, {}), **described}
        for _, carried in self.answers:
            for status, described in carried.response_objects(components).items():
                own = {**described.get("headers", {}), **headers}
                described = {**described, "headers": own} if own else described
                found[status] = {**found.get(status, {}), **described}
        return found

    def _without_answers(self, components: Components) -> Iterator[tuple[int, dict[str, Any]]]:
        if self.has_none:
            yield self.empty_status, {"description": phrase(self.empty_status)}
        found: dict[str, Any] = {"description": phrase(self.status)}
        if self.stream is not None:
            yield self.status, {**found, "content": self.stream.content(components)}
        if self.json is not None:
            content = {
                each.media_type: {"schema": each.json_schema(self.json, components)}
                for each in self.renderers
            }
            headers = {"headers": {"Location": _LOCATION}} if self.has_location else {}
            yield self.status, {**found, "content": content, **headers}


def phrase(status: int) -> str:
    """Give the words of the status of a success.

    >>> phrase(201)
    'Created'
    """
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Success"
