"""From what a typed action returns to a response."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

After = Callable[[web.StreamResponse], Awaitable[None]] | None
Respond = Callable[[web.Request, Any, After], Awaitable[web.StreamResponse]]

_JSON: Final = "application/json"
_JSON_LINES: Final = "application/jsonl"
_END: Final = object()


@dataclass(frozen=True, slots=True)
class Success:
    """How the results of one action go out: decided at registration.

    `encode` writes a result, or one item of a stream. `status` is that of a result that is not
    None, `empty_status` that of None. `lookup` names the member that a `Location` is made of; empty
    for none. `where` names the action in a message.
    """

    encode: Callable[[Any], bytes]
    status: int
    empty_status: int
    lookup: str
    where: str


def responder_of(success: Success, *, streams: bool) -> Respond:
    """Make the coroutine function that answers with a result; `after` sees the response unsent."""
    return _stream_responder(success) if streams else _json_responder(success)


def _json_responder(success: Success) -> Respond:
    async def respond(request: web.Request, result: Any, after: After) -> web.StreamResponse:
        response = _response(request, result, success)
        if after is not None:
            await after(response)
        return response

    return respond


def _response(request: web.Request, result: Any, success: Success) -> web.StreamResponse:
    if isinstance(result, web.StreamResponse):
        return result
    if result is None:
        return web.Response(status=success.empty_status)
    body = _encoded(result, success)
    response = web.Response(status=success.status, body=body, content_type=_JSON)
    if success.lookup and (location := _location(request, result, success.lookup)):
        response.headers["Location"] = location
    return response


def _encoded(result: Any, success: Success) -> bytes:
    try:
        return success.encode(result)
    except (TypeError, ValueError) as error:
        message = f"{success.where}: the result cannot be written as declared: {error}"
        raise TypeError(message) from error


def _location(request: web.Request, result: Any, lookup: str) -> str | None:
    """Give the path of a new item below that of its collection (RFC 9110, 15.3.2)."""
    found = result.get(lookup) if isinstance(result, Mapping) else getattr(result, lookup, None)
    if found is None or isinstance(found, (bool, bytes, dict, list)):
        return None
    collection = request.rel_url.raw_path
    end = "/" if collection.endswith("/") else ""
    return f"{collection.rstrip('/')}/{quote(str(found), safe='')}{end}"


def _stream_responder(success: Success) -> Respond:
    async def respond(request: web.Request, result: Any, after: After) -> web.StreamResponse:
        items = aiter(result)
        try:
            first = await anext(items, _END)  # what it raises is still an answer
            response = web.StreamResponse(status=success.status)
            response.content_type = _JSON_LINES
            if after is not None:
                await after(response)
            await response.prepare(request)
            if request.method != "HEAD":
                await _send(response, first, items, success)
            await response.write_eof()
        finally:
            if hasattr(items, "aclose"):
                await items.aclose()
        return response

    return respond


async def _send(response: web.StreamResponse, first: Any, items: Any, success: Success) -> None:
    item = first
    while item is not _END:
        await response.write(_encoded(item, success) + b"\n")
        try:
            item = await anext(items, _END)
        except web.HTTPException as error:  # aiohttp would write its head into the stream
            raise RuntimeError("an HTTP exception after the response began") from error
