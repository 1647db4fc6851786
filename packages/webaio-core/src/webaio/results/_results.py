import http
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from webaio.parameters._openapi import header_object
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
    that has a URL, and `makes_response` that it may be a response of aiohttp. `answers` are the
    classes of answers, each with what it may carry, and `headers` the types of those that they may
    have.
    """

    status: int
    empty_status: int
    json: Schema | None = None
    stream: Stream | None = None
    has_none: bool = False
    has_location: bool = False
    makes_response: bool = False
    answers: "tuple[tuple[type[Answer[Any]], Results], ...]" = ()
    headers: Mapping[str, Schema] = {}

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
            schema = self.json.json_schema(components, "output")
            headers = {"headers": {"Location": _LOCATION}} if self.has_location else {}
            yield (
                self.status,
                {**found, "content": {"application/json": {"schema": schema}}, **headers},
            )


def phrase(status: int) -> str:
    """Give the words of the status of a success.

    >>> phrase(201)
    'Created'
    """
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Success"
