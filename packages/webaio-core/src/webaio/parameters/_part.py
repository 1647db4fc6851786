from collections.abc import AsyncIterator, Awaitable
from typing import Final, TypeVar

from aiohttp import BodyPartReader, hdrs
from msgspec import Struct

from webaio.exceptions import APIException, ParseError

from ._body import BROKEN
from ._disposition import disposition_of
from ._media_type import media_type_of

_Read = TypeVar("_Read")
_CHUNK: Final = 2**18
_CHUNK_OF_TEXT: Final = 2**13
"""aiohttp's reader keeps one back: a limit is seen to be passed so many bytes later."""
_AS_IT_IS: Final = ("7bit", "8bit", "binary")


class Part(Struct, frozen=True):
    """One part of a form: what its head says, and the reader of its bytes.

    `filename` is None for what is no file, `media_type` empty where nothing is said.
    """

    key: str
    filename: str | None
    media_type: str
    charset: str | None
    reader: BodyPartReader

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the bytes as they come; raises `ParseError` where they end too early."""
        size = _CHUNK_OF_TEXT if self.filename is None else _CHUNK
        while chunk := await of_client(self.reader.read_chunk(size)):
            yield chunk

    async def skip(self) -> None:
        """Read past it."""
        async for _ in self.chunks():
            pass


def part_of(reader: BodyPartReader) -> Part:
    """Read the head of a part; raises `ParseError` for what no form has."""
    headers = reader.headers
    encoding = headers.get(hdrs.CONTENT_TRANSFER_ENCODING, "binary").strip().lower()
    if encoding not in _AS_IT_IS:
        raise ParseError("A part of the form has a Content-Transfer-Encoding (RFC 7578, 4.7).")
    key, filename = disposition_of(headers.get(hdrs.CONTENT_DISPOSITION, ""))
    written = headers.get(hdrs.CONTENT_TYPE)
    media_type, charset = ("", None) if written is None else media_type_of(written)
    return Part(key, filename, media_type, charset, reader)


async def of_client(read: Awaitable[_Read]) -> _Read:
    """Await what aiohttp reads of a request: whatever it raises, the request is broken."""
    try:
        return await read
    except APIException:
        raise
    except Exception:
        raise ParseError(BROKEN) from None
