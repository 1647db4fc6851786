"""Results that go out item by item."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from aiohttp import HttpVersion11, web

from ._kinds import Lines
from ._responder import Encode, Options, encoder_of, unwritable

After = Callable[[web.StreamResponse], Awaitable[None]]
End = Callable[[], Awaitable[None]]
Stream = Callable[[web.Request, Any, After | None, End | None], Awaitable[web.StreamResponse]]
_NextLine = Callable[[AsyncIterator[Any]], Awaitable[bytes | None]]

_END: Final = object()


def lines_responder_of(lines: Lines, options: Options) -> Stream:
    """Make the coroutine function that streams items as lines.

    `after` sees the response unsent, and `end` is awaited after the last item, before the end is
    sent: where it fails, the client sees that the end is missing.
    """
    next_line = _reader_of_lines(encoder_of(lines.schema, options), options.where)

    async def respond(
        request: web.Request, result: Any, after: After | None, end: End | None
    ) -> web.StreamResponse:
        items = aiter(result)
        try:
            first = await next_line(items)  # what it raises is still an answer
            response = web.StreamResponse(status=lines.status)
            response.content_type = lines.media_type
            if request.version < HttpVersion11:
                response.force_close()  # nothing else tells the end there
            if after is not None:
                await after(response)
            await response.prepare(request)
            line = None if request.method == "HEAD" else first
            while line is not None:
                await response.write(line)
                line = await next_line(items)
            if end is not None:
                await end()
            await response.write_eof()
        finally:
            if hasattr(items, "aclose"):
                await items.aclose()
        return response

    return respond


def _reader_of_lines(encode: Encode, where: str) -> _NextLine:
    async def next_line(items: AsyncIterator[Any]) -> bytes | None:
        """Give the next item as a line; None at the end."""
        item = await anext(items, _END)
        if item is _END:
            return None
        try:
            return encode(item) + b"\n"
        except (TypeError, ValueError) as error:
            raise unwritable(where, error) from error

    return next_line
