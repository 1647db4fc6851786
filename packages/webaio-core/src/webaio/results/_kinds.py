"""The kinds of result that an action declares, each with what the document says of it."""

import http
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from aiohttp import web
from msgspec import Struct

from webaio.parameters._openapi import header_object
from webaio.schemas import Components, Schema

from ._answer import Answer
from ._writing import Options

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


After = Callable[[web.StreamResponse], Awaitable[None]]
End = Callable[[web.StreamResponse], Awaitable[None]]
StreamResponder = Callable[
    [web.Request, Any, After | None, End | None], Awaitable[web.StreamResponse]
]


class Stream(Protocol):
    """A kind of result that goes out item by item."""

    @property
    def status(self) -> int:
        """The status of its answer."""

    def response_object(self, components: Components) -> dict[str, Any]:
        """Describe the answer: OpenAPI's Response Object."""

    def responder(self, options: Options) -> StreamResponder:
        """Make the coroutine function that streams a result.

        It calls `after` with the response unsent, and `end` after the last item, before the end is
        sent: where that fails, the client sees that the end is missing.
        """


Kind = Empty | JSONResult | Stream


class Results(Struct, frozen=True):
    """What an action may return, or an `Answer` carry.

    `answers` are the classes of answers, each with what it may carry, and `headers` the types of
    those that they may have. `makes_response` tells that it may return a response of aiohttp.
    """

    status: int
    empty_status: int
    json: JSONResult | None = None
    empty: Empty | None = None
    stream: Stream | None = None
    answers: "tuple[tuple[type[Answer[Any]], Results], ...]" = ()
    makes_response: bool = False
    headers: Mapping[str, Schema] = {}

    @property
    def statuses_with_content(self) -> list[int]:
        """The statuses of the results that are not None."""
        found: list[JSONResult | Stream | None] = [self.stream, self.json]
        found += [carried.json for _, carried in self.answers]
        return [each.status for each in found if each is not None]

    @property
    def has_location(self) -> bool:
        """Whether a result may be a new item, that has a URL."""
        if self.json is not None and self.json.has_location:
            return True
        return any(carried.has_location for _, carried in self.answers)

    @property
    def has_status_of_action(self) -> bool:
        """Whether a result takes the status that is said of the action."""
        own = [answer for answer, _ in self.answers if answer.status_code is None]
        return bool(own) or not self.answers or bool(self.json or self.empty)

    def response_objects(self, components: Components) -> dict[int, dict[str, Any]]:
        """Describe the answers by their statuses, as OpenAPI does."""
        headers = {
            name: header_object(schema.json_schema(components, "output"))
            for name, schema in self.headers.items()
        }
        kinds: tuple[Kind | None, ...] = (self.empty, self.json, self.stream)
        found: dict[int, dict[str, Any]] = {}
        for kind in kinds:
            if kind is not None:
                found[kind.status] = {
                    **found.get(kind.status, {}),
                    **kind.response_object(components),
                }
        for _, carried in self.answers:
            for status, described in carried.response_objects(components).items():
                own = {**described.get("headers", {}), **headers}
                described = {**described, "headers": own} if own else described
                found[status] = {**found.get(status, {}), **described}
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
