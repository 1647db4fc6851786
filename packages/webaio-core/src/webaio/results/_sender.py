"""From the items of a stream to the bytes of an answer."""

from __future__ import annotations  # of functions that are made for each action

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from aiohttp import HttpVersion11, web

from webaio.exceptions import ServiceUnavailable
from webaio.streams._interruption import Interruption
from webaio.streams._streams import streams_of

from ._stream import After, End, Sending
from ._writing import Encode, writer_of

StreamResponder = Callable[
    [web.Request, Any, After | None, End | None], Awaitable[web.StreamResponse]
]
_LOOK: Final = 1.0
"""Seconds: how often a stream looks for its client. Nobody tells a handler that it has gone."""

_TURN: Final = 32
"""Items, after which others have their turn: an iterator, and a client that reads, may never wait."""


def stream_responder_of(sending: Sending, status: int, where: str) -> StreamResponder:
    """Make the coroutine function that streams the items of a result.

    It calls `after` with the response unsent, and `end` after the last item, before the end is
    sent: where that fails, the client sees that the end is missing.
    """

    write = writer_of(sending.write, where)

    async def respond(
        request: web.Request, result: Any, after: After | None, end: End | None
    ) -> web.StreamResponse:
        items, streams = aiter(result), streams_of(request)
        response = web.StreamResponse(status=status, headers=sending.headers)
        if request.version < HttpVersion11:
            response.force_close()  # nothing else tells the end there
        sender = Sender(request, response, after, sending, streams.keep_alive)
        streams.add(sender)
        try:
            await sender.send(items, write)
        finally:
            streams.discard(sender)
            await sender.close()
            if hasattr(items, "aclose"):
                await items.aclose()
        if end is not None:
            await end(response)
        await response.write_eof()
        return response

    return respond


class Sender:
    """Sends the head and the items of one stream, and ends it from outside, while it waits, too.

    A timer looks at the connection: what has no task beside its handler's begins and ends sooner.
    """

    def __init__(
        self,
        request: web.Request,
        response: web.StreamResponse,
        after: After | None,
        sending: Sending,
        keep_alive: float,
    ) -> None:
        self._request = request
        self._response = response
        self._after = after
        self._sending = sending
        self._keep_alive = keep_alive
        self._pause = min(_LOOK, keep_alive) if sending.comment else _LOOK
        self._head = asyncio.Lock()
        self._has_head = False
        self._sent = self._seen = 0
        self._interruption = Interruption()
        self._beside: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        self._since = loop.time()
        self._timer = loop.call_later(sending.patience or self._pause, self._look)

    async def send(self, items: AsyncIterator[Any], write: Encode) -> None:
        """Send all; raises what is an answer before the head, and cuts the connection after it."""
        if not self._sending.patience:
            await self._send_head()
        await self._interruption.run(functools.partial(self._send_items, items, write))

    async def close(self) -> None:
        self._timer.cancel()
        if self._beside is not None:
            self._beside.cancel()
            await asyncio.wait((self._beside,))

    def stop(self) -> None:
        """End it, as the server stops: cleanly where a client comes back, and reads what it is sent."""
        transport, has_begun = self._request.transport, self._response.prepared
        can_resume = self._sending.can_resume
        if not has_begun:
            self._response.force_close()
            headers = {"Connection": "close"}
            self._interruption.end(
                None if can_resume else ServiceUnavailable("The server stops.", headers=headers)
            )
        elif can_resume and transport is not None and transport.get_write_buffer_size() == 0:
            self._interruption.end(None)
        else:
            if transport is not None:
                transport.close()
            self._interruption.end(ConnectionResetError("The server stops."))

    async def _send_head(self) -> None:
        """Send it once, and not where an error is the answer: an iterator may swallow its end."""
        async with self._head:
            if not self._has_head and self._interruption.error is None:
                if self._after is not None:
                    await self._after(self._response)
                await self._response.prepare(self._request)
                self._has_head = True

    async def _send_items(self, items: AsyncIterator[Any], write: Encode) -> None:
        send, interruption = self._response.write, self._interruption
        is_head = self._request.method == "HEAD"
        if is_head and self._has_head:
            return
        async for item in items:
            chunk = write(item)
            if not self._has_head:
                await self._send_head()
            if is_head or interruption.is_ended:  # an iterator may swallow that it was cancelled
                return
            await send(chunk)
            self._sent += 1
            if self._sent % _TURN == 0:
                await asyncio.sleep(0)
        if not self._has_head:
            await self._send_head()

    def _look(self) -> None:
        """End it when its client has gone; send a head that waits no longer, or a comment."""
        loop, transport = asyncio.get_running_loop(), self._request.transport
        if transport is None:
            self._interruption.end(ConnectionResetError("The client has gone."))
            return
        self._timer = loop.call_later(self._pause, self._look)
        if self._beside is not None and not self._beside.done():
            return
        if not self._has_head:
            self._beside = asyncio.create_task(self._send_beside(b""))
        elif self._sent != self._seen:
            self._seen, self._since = self._sent, loop.time()
        elif self._sending.comment and loop.time() - self._since >= self._keep_alive:
            self._since = loop.time()
            if transport.get_write_buffer_size() == 0:  # else something is on its way
                self._beside = asyncio.create_task(self._send_beside(self._sending.comment))

    async def _send_beside(self, comment: bytes) -> None:
        """Send what does not wait for an item: a comment, or the head."""
        try:
            if comment:
                await self._response.write(comment)
                return
            await self._send_head()
            if self._request.method == "HEAD":
                self._interruption.end(None)
        except Exception as error:
            self._interruption.end(error)
