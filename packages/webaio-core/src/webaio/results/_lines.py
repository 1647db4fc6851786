"""Results that go out as lines of JSON, item by item."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from aiohttp import HttpVersion11, web
from msgspec import Struct

from webaio.schemas import Components, Schema

from ._stream import After, End, StreamResponder
from ._writing import Encode, encoder_of, unwritable

_MEDIA_TYPE: Final = "application/x-ndjson"
_END: Final = object()


class Lines(Struct, frozen=True):
    """A `Stream` of items of one type, each a line of JSON."""

    items: Schema

    def content(self, components: Components) -> dict[str, Any]:
        schema = {"type": "array", "items": self.items.json_schema(components, "output")}
        return {_MEDIA_TYPE: {"schema": schema}}

    def responder(self, status: int, *, check: bool, where: str) -> StreamResponder:
        next_line = _reader_of_lines(encoder_of(self.items, check=check), where)

        async def respond(
            request: web.Request, result: Any, after: After | None, end: End | None
        ) -> web.StreamResponse:
            items = aiter(result)
            try:
                first = await next_line(items)  # what it raises is still an answer
                response = web.StreamResponse(status=status)
                response.content_type = _MEDIA_TYPE
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
                    await end(response)
                await response.write_eof()
            finally:
                if hasattr(items, "aclose"):
                    await items.aclose()
            return response

        return respond


def _reader_of_lines(
    encode: Encode, where: str
) -> Callable[[AsyncIterator[Any]], Awaitable[bytes | None]]:
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
