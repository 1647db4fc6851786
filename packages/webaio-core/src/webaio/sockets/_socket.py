import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, ClassVar, Final, Generic, Self, TypeVar

from aiohttp import WSMsgType, web

from webaio.exceptions import UnsupportedMediaType
from webaio.parameters import Source
from webaio.streams._interruption import Interruption

from ._source import FromTalk

In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)

_CLOSES_WITHIN: Final = 5.0
"""Seconds that a client has to read what was sent, and to close, too."""
_MOST_UNREAD: Final = 2**16
"""Bytes that wait for a client, beyond which who sends waits, too; asyncio's own limit."""
_TURN: Final = 32
"""Messages, after which others have their turn: a client that reads may never let `send` wait."""
_MOST_BYTES: Final = 123
"""Of a reason (RFC 6455, 5.5): a frame that closes holds 125, two of them the code."""
_NEVER_SENT: Final = (1004, 1005, 1006)
"""Codes that stand for something in programs (RFC 6455, 7.4.1)."""


class Socket(Generic[In_co, Out_contra]):
    """A WebSocket, over which an action reads messages of one type, and writes those of another.

    A message is JSON in a text. An action takes it as a parameter, and talks until it returns:

        @action(detail=False)
        async def talk(self, socket: Socket[Question, Reply]) -> None:
            async for question in socket:
                await socket.send(Reply(question.text))

    The iteration ends when the client has gone; it raises what `receive` raises of a message.
    """

    __source__: ClassVar[Source] = FromTalk()

    def __init__(
        self,
        request: web.Request,
        response: web.WebSocketResponse,
        decode: Callable[[bytes], Any],
        encode: Callable[[Any], bytes],
    ) -> None:
        self._request = request
        self._response = response
        self._decode = decode
        self._encode = encode
        self._sent = 0
        self._is_idle = False
        self._draining: asyncio.Task[None] | None = None
        self._interruption = Interruption()

    async def receive(self) -> In_co:
        """Wait for a message.

        Raises `ParseError` for what is no JSON, `ValidationError` for JSON of another type,
        `UnsupportedMediaType` for bytes, and `ConnectionResetError` where no message comes any more.
        """
        self._is_idle = False
        if self._interruption.error is not None:
            raise self._interruption.error
        if not self._response.closed:
            message = await self._response.receive()
            if message.type is WSMsgType.TEXT:
                received: In_co = self._decode(message.data.encode())
                return received
            if message.type is WSMsgType.BINARY:
                raise UnsupportedMediaType("A message is JSON in a text, and not in bytes.")
        raise gone()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> In_co:
        try:
            return await self.receive()
        except ConnectionResetError:
            raise StopAsyncIteration from None

    async def send(self, message: Out_contra) -> None:
        """Send a message; it waits while the client reads too slowly.

        Raises `ConnectionResetError` where the client has gone, or the socket is closed, and
        `TypeError` for what cannot be written as declared.
        """
        if self._interruption.error is not None:
            raise self._interruption.error
        await self._response.send_frame(self._encode(message), WSMsgType.TEXT)
        transport = self._request.transport
        if transport is not None and transport.get_write_buffer_size() > _MOST_UNREAD:
            await self._drained()
        self._sent += 1
        if self._sent % _TURN == 0:
            await asyncio.sleep(0)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Say that the talk is over, and why; of a reason that is long, its beginning is sent.

        It waits until the client closes, too, for seconds at most. Codes from 4000 to 4999 have the
        meaning that a program gives them. Where it is closed, nothing is done.

        Raises `ValueError` for a code that cannot be sent.
        """
        if not (1000 <= code <= 1014 or 3000 <= code <= 4999) or code in _NEVER_SENT:
            raise ValueError(
                f"{code!r} is no code that closes a socket. Use one from 4000 to 4999."
            )
        text = reason.encode(errors="replace")[:_MOST_BYTES].decode(errors="ignore")
        try:
            async with asyncio.timeout(_CLOSES_WITHIN):
                await self._response.close(code=code, message=text.encode(), drain=False)
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()  # it would keep what the client does not read
        finally:
            if self._draining is not None:
                self._draining.cancel()

    async def _drained(self) -> None:
        """Wait until the client has read most of what was sent.

        That is a task for all who send: aiohttp gives them one future to wait for, and who is
        cancelled there would cancel all.
        """
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        await asyncio.wait((self._draining,))

    async def _drain(self) -> None:
        with contextlib.suppress(ConnectionError):  # the next message raises it
            await self._request.writer.drain()


def gone() -> ConnectionResetError:
    """Make what is raised where nobody is on the other side."""
    return ConnectionResetError("The client has gone, or the socket is closed.")
