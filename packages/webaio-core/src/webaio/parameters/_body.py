from __future__ import annotations  # of functions that are made for each action

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import hdrs, web

from webaio.exceptions import APIException, ContentTooLarge, ParseError, UnsupportedMediaType
from webaio.schemas import Components

from ._media_type import UTF_8, is_json, media_type_of
from ._openapi import schema_with_default
from ._source import Documentation, Inputs, Parameter, Reader, Source

BROKEN: Final = "The request's content is broken or ends too early."
_NOT_JSON: Final = "The request's content must be JSON: send Content-Type: application/json."


@dataclass(frozen=True, slots=True)
class Body(Source):
    """The JSON body, for a type that is no model by itself.

    async def rename(self, id: UUID, name: Annotated[str, Body]) -> Artist: ...
    """

    location = "body"

    def reader(self, parameter: Parameter, inputs: Inputs) -> Reader:
        """Make the coroutine function that reads the body of an action.

        It raises `ParseError`, `ContentTooLarge` and `UnsupportedMediaType` for a body that cannot
        be read, and `ValidationError` for one that breaks its schema.
        """
        parameter.require_default_of_type()
        decode, is_required = parameter.schema.decode, parameter.is_required
        client_max_size = inputs.client_max_size

        async def read(request: web.Request) -> Any:
            if request.body_exists:
                refuse = _refusal(request.headers.get(hdrs.CONTENT_TYPE, ""))
                if refuse is not None:
                    raise refuse()
            elif not is_required:
                return parameter.fallback()
            source = (
                request if client_max_size is None else limited_request(request, client_max_size)
            )
            try:
                body = await source.read()
            except web.HTTPRequestEntityTooLarge:
                raise too_large(source.client_max_size) from None
            except (web.RequestPayloadError, ConnectionError):
                raise ParseError(BROKEN) from None
            if client_max_size is not None and len(body) > client_max_size:
                raise too_large(client_max_size)
            if not body and not is_required:
                return parameter.fallback()
            return decode(body)

        return read

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        schema = schema_with_default(parameter, components)
        body = {"content": {"application/json": {"schema": schema}}}
        return Documentation(
            body={**body, "required": parameter.is_required}, errors=(400, 413, 415, 422)
        )


def require_length(request: web.Request, limit: int) -> None:
    """Refuse content that says that it is longer than the limit; of compressed nobody knows it."""
    length = None if hdrs.CONTENT_ENCODING in request.headers else request.content_length
    if length is not None and length > limit:
        raise too_large(limit)


def too_large(limit: int) -> ContentTooLarge:
    return ContentTooLarge(f"The request's content is larger than {limit} bytes.")


def _not_json() -> UnsupportedMediaType:
    """Make the 415 of another media type; it says what is taken (RFC 9110, 15.5.16)."""
    return UnsupportedMediaType(_NOT_JSON, headers={hdrs.ACCEPT: "application/json"})


@functools.lru_cache(maxsize=256)
def _refusal(content_type: str) -> Callable[[], APIException] | None:
    """Give what makes the answer to another media type, or another charset; None for JSON."""
    media_type, charset = media_type_of(content_type)
    if not is_json(media_type):
        return _not_json
    if charset not in UTF_8:
        return functools.partial(ParseError, "The charset of JSON is UTF-8 (RFC 8259).")
    return None


def limited_request(request: web.Request, limit: int) -> web.Request:
    """Give a request that reads no more than the limit: itself, so that others can read it again.

    Only where its own limit is another, and the length is not known to fit both, is it a clone; and
    then no other reads the body. What a middleware has read cannot be cloned, and need not.
    """
    own = request.client_max_size
    length = None if hdrs.CONTENT_ENCODING in request.headers else request.content_length
    if own == limit or (length is not None and length <= limit and (not own or length <= own)):
        return request
    try:
        return request.clone(client_max_size=limit)
    except RuntimeError:
        return request
