from typing import Any, Final

from aiohttp import StreamReader

from webaio.exceptions import ParseError

from ._body import BROKEN, too_large

_MOST_BETWEEN: Final = 2**14
"""Bytes between two parts, the headers of the second included."""


class Content:
    """The content of a request, which ends it where it is more than it may be.

    It stands for the stream that aiohttp's `MultipartReader` reads: `limit` holds for all that is
    read, and so for what is between the parts, of which the reader itself knows no bound.
    """

    def __init__(self, stream: StreamReader, limit: int | None) -> None:
        self._stream = stream
        self._limit = limit
        self._unread = b""
        self._position = 0  # where it begins: to cut each line off would copy all the rest
        self._read = self._between = 0

    def begin_part(self) -> None:
        """Count anew what is between two parts."""
        self._between = 0

    def at_eof(self) -> bool:
        return self._position == len(self._unread) and self._stream.at_eof()

    async def read(self, size: int) -> bytes:
        if (
            size < 0
        ):  # of a part with a negative length, for which older versions of aiohttp take all
            raise ParseError(BROKEN)
        if data := self._taken(self._position + size):
            return data
        if self._stream.at_eof():  # else it complains of being asked again
            return b""
        return self._counted(await self._stream.read(size))

    async def readline(self, **words: Any) -> bytes:
        """Give a line; `words` are of a later aiohttp."""
        line = self._taken(self._unread.find(b"\n", self._position) + 1 or len(self._unread))
        if not line.endswith(b"\n") and not self._stream.at_eof():
            line += self._counted(await self._stream.readline(**words))
        self._between += len(line)
        if self._between > _MOST_BETWEEN:
            raise ParseError("A part of the form has too many headers, or too long ones.")
        return line

    def _taken(self, end: int) -> bytes:
        """Take what is unread up to a position."""
        data = self._unread[self._position : end]
        self._position += len(data)
        return data

    def put_back(self, body: bytes) -> None:
        """Let what was read of the stream already be read again."""
        self._unread, self._position = self._counted(body), 0

    async def end(self) -> None:
        """Read what follows the last part, which is nothing, or little."""
        while line := await self.readline():
            del line

    def unread_data(self, data: bytes) -> None:
        """Take back what was read too much."""
        if self._unread.endswith(data, 0, self._position):
            self._position -= len(data)
        else:
            self._unread, self._position = data + self._unread[self._position :], 0

    def _counted(self, data: bytes) -> bytes:
        self._unread, self._position = b"", 0
        self._read += len(data)
        if self._limit is not None and self._read > self._limit:
            raise too_large(self._limit)
        return data
