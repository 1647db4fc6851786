"""From what a typed action returns to a response."""

import functools
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import msgspec
from aiohttp import HttpVersion11, web

from webaio.responses import Head, JSONResponse

After = Callable[[web.StreamResponse], Awaitable[None]] | None
Respond = Callable[[web.Request, Any, After], Awaitable[web.StreamResponse]]

_JSON_LINES: Final = "application/jsonl"
_END: Final = object()


@dataclass(frozen=True, slots=True)
class Success:
    """How the results of one action go out: decided at registration.

    `encode` writes a result, or one item of a stream. `head` has the status of a result that is not
    None, `empty_status` is that of None; None where no None is declared, and results are checked. `lookup` names the member that a `Location` is made of, None
    for none, and `lookup_pattern` is what it may look like, None for any segment. `where` names the action in a message.
    """

    encode: Callable[[Any], bytes]
    head: Head
    empty_status: int | None
    lookup: str | None
    lookup_pattern: re.Pattern[str] | None
    where: str


def responder_of(success: Success) -> Callable[[web.Request, Any], web.StreamResponse]:
    """Make the function from a result to its response: itself, no content for None, or JSON."""
    encode, head, empty_status = success.encode, success.head, success.empty_status
    locate = None if success.lookup is None else _locator_of(success.lookup, success.lookup_pattern)

    def respond(request: web.Request, result: Any) -> web.StreamResponse:
        if result is None and empty_status is not None:
            return web.Response(status=empty_status)
        if web.StreamResponse in type(result).__mro__:  # isinstance asks its abstract base
            if isinstance(result, web.HTTPException):
                raise result
            response: web.StreamResponse = result
            return response
        location = None if locate is None else locate(request, result)
        try:
            return JSONResponse(head, encode(result), location)
        except (TypeError, ValueError) as error:
            raise _unwritable(success, error) from error

    return respond


def _unwritable(success: Success, error: Exception) -> TypeError:
    return TypeError(f"{success.where}: the result cannot be written as declared: {error}")


def _locator_of(
    lookup: str, pattern: re.Pattern[str] | None
) -> Callable[[web.Request, Any], str | None]:
    """Make the function that gives the path of a new item below its collection (RFC 9110, 15.3.2).

    It gives None where the result has no lookup field, or none that could stand in an item's URL.
    """

    def locate(request: web.Request, result: Any) -> str | None:
        is_mapping = _is_mapping(result.__class__)
        segment = _segment(result.get(lookup) if is_mapping else getattr(result, lookup, None))
        if segment is None or (pattern is not None and not pattern.fullmatch(segment)):
            return None
        collection = request.rel_url.raw_path
        return f"{collection}{segment}/" if collection.endswith("/") else f"{collection}/{segment}"

    return locate


@functools.lru_cache(maxsize=256)
def _is_mapping(kind: type) -> bool:
    return issubclass(kind, Mapping)


def _segment(found: Any) -> str | None:
    """Write a value as a segment of a path; None for what is no string or whole number in JSON."""
    if type(found) is str and found.isascii() and found.isalnum():
        return found  # most ids; the rest is for all others
    try:
        written = msgspec.to_builtins(found)
    except TypeError:
        return None
    if isinstance(written, bool) or not isinstance(written, (int, str)):
        return None
    segment = quote(str(written), safe="")
    return None if segment in ("", ".", "..") else segment


def stream_responder_of(success: Success) -> Respond:
    """Make the coroutine function that streams items as lines; `after` sees the response unsent."""

    async def respond(request: web.Request, result: Any, after: After) -> web.StreamResponse:
        items = aiter(result)
        try:
            first = await _next_line(items, success)  # what it raises is still an answer
            response = web.StreamResponse(status=success.head.status)
            response.content_type = _JSON_LINES
            if request.version < HttpVersion11:
                response.force_close()  # nothing else tells the end there
            if after is not None:
                await after(response)
            await response.prepare(request)
            await _send(request, response, first, items, success)
        finally:
            if hasattr(items, "aclose"):
                await items.aclose()
        return response

    return respond


async def _next_line(items: AsyncIterator[Any], success: Success) -> bytes | None:
    """Give the next item as a line; None at the end."""
    item = await anext(items, _END)
    if item is _END:
        return None
    try:
        return success.encode(item) + b"\n"
    except (TypeError, ValueError) as error:
        raise _unwritable(success, error) from error


async def _send(
    request: web.Request,
    response: web.StreamResponse,
    first: bytes | None,
    items: AsyncIterator[Any],
    success: Success,
) -> None:
    line = None if request.method == "HEAD" else first
    while line is not None:
        await response.write(line)
        line = await _next_line(items, success)
    await response.write_eof()
