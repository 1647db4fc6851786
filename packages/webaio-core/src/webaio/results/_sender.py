"""From the items of a stream to the bytes of an answer."""

from __future__ import annotations  # of functions that are made for each action

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from aiohttp import HttpVersion11, web

from webaio.exceptions import ServiceUnavailable
from webaio.streams._streams import Streams, streams_of

from ._stream import After, End, Sending
from ._writing import unwritable

StreamResponder = Callable[
    [web.Request, Any, After | None, End | None], Awaitable[web.StreamResponse]
]
_LOOK: Final = 1.0
"""Seconds: how often a stream looks for its client. Nobody tells a handler that it has gone."""


def stream_responder_of(sending: Sending, status: int, where: str) -> StreamResponder:
    """Make the coroutine function that streams the items of a result.

    It calls `after` with the response unsent, and `end` after the last item, before the end is
    sent: where that fails, the client sees that the end is missing.
    """

    async def respond(
        request: web.Request, result: Any, after: After | None, end: End | None
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=status, headers=sending.headers)
        streams = streams_of(request)
        if streams.is_stopping or request.version < HttpVersion11:
            response.force_close()  # in HTTP/1.0 nothing else tells the end
        sender = Sender(aiter(result), response, sending, where)
        try:
            if sending.patience:
                await sender.begin(streams)
            if after is not None:
                await after(response)
            await response.prepare(request)
            if request.method != "HEAD":
                await sender.send(request, streams)
        finally:
            await sender.close()
        if end is not None:
            await end(response)
        await response.write_eof()
        return response

    return respond


class Sender:
    """Sends the items of one stream, in a task of its own, which can be ended while it waits."""

    def __init__(
        self, items: AsyncIterator[Any], response: web.StreamResponse, sending: Sending, where: str
    ) -> None:
        self._items = items
        self._response = response
        self._sending = sending
        self._where = where
        self._first = asyncio.get_running_loop().create_future()
        self._has_head = asyncio.Event()
        self._sent = 0
        self._task: asyncio.Task[None] | None = None

    async def begin(self, streams: Streams) -> None:
        """Wait a moment for the first item; raises what is raised before it."""
        task = self._started(streams)
        both = (task, self._first)
        await asyncio.wait(
            both, timeout=self._sending.patience, return_when=asyncio.FIRST_COMPLETED
        )
        if _is_stopped(task):
            raise ServiceUnavailable("The server stops.", headers={"Connection": "close"})
        if task.done():
            task.result()

    async def send(self, request: web.Request, streams: Streams) -> None:
        """Send the items; raises what cuts the connection, after which there is no end to be sent."""
        self._has_head.set()
        task = self._started(streams)
        await self._watch(task, request, streams.keep_alive)
        if not _is_stopped(task):
            task.result()
            return
        transport = request.transport
        is_read = transport is not None and transport.get_write_buffer_size() == 0
        if not (self._sending.can_resume and is_read):
            if transport is not None:
                transport.close()
            raise ConnectionResetError("The server stops.")

    async def close(self) -> None:
        """End the task, and the items with it; raises what they raise at that."""
        task = self._task
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait((task,))
            if not task.cancelled():
                task.result()

    def _started(self, streams: Streams) -> asyncio.Task[None]:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
            streams.add(self._task)
        return self._task

    async def _run(self) -> None:
        try:
            async for item in self._items:
                chunk = self._written(item)
                if not self._first.done():
                    self._first.set_result(None)
                    await self._has_head.wait()
                if (task := asyncio.current_task()) is not None and task.cancelling():
                    return  # what gives the items may swallow that it was cancelled
                await self._response.write(chunk)
                self._sent += 1
        finally:
            if hasattr(self._items, "aclose"):
                await self._items.aclose()

    def _written(self, item: Any) -> bytes:
        try:
            return self._sending.write(item)
        except (TypeError, ValueError) as error:
            raise unwritable(self._where, error) from error

    async def _watch(
        self, task: asyncio.Task[None], request: web.Request, keep_alive: float
    ) -> None:
        """Wait for the end of a task, with a comment where it is silent; raises when the client goes."""
        loop, comment = asyncio.get_running_loop(), self._sending.comment
        sent, since = self._sent, loop.time()
        while not task.done():
            await asyncio.wait((task,), timeout=min(_LOOK, keep_alive))
            transport = request.transport
            if transport is None:
                raise ConnectionResetError("The client has gone.")
            if sent != self._sent:
                sent, since = self._sent, loop.time()
            elif comment and loop.time() - since >= keep_alive and not task.done():
                since = loop.time()
                if transport.get_write_buffer_size() == 0:  # else something is on its way
                    await self._response.write(comment)


def _is_stopped(task: asyncio.Task[None]) -> bool:
    """Tell whether a task has ended since it was cancelled, and not by an error."""
    return task.done() and task.cancelling() > 0 and (task.cancelled() or not task.exception())
