"""Reading `multipart/form-data` (RFC 7578) part by part, without ever having all of it in memory."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar, cast

from aiohttp import BodyPartReader, MultipartReader, StreamReader, hdrs, web

from webaio.exceptions import APIException, ContentTooLarge, ParseError, pointer

from ._body import BROKEN, require_length
from ._content import Content
from ._disposition import disposition_of
from ._file import File
from ._form_data import FormData
from ._form_fields import FormField, FormFields
from ._media_type import UTF_8, is_json, media_type_of

_Read = TypeVar("_Read")
MOST_FIELDS: Final = 1000
_MOST_FILES: Final = 100
_MOST_TEXT: Final = 2**20
"""Bytes of all texts together, where the whole may be more for the sake of files."""
_CHUNK: Final = 2**18
_CHUNK_OF_TEXT: Final = 2**13
"""aiohttp's reader keeps one back: a limit is seen to be passed so many bytes later."""
_TEXT: Final = ("", "text/plain")
_AS_IT_IS: Final = ("7bit", "8bit", "binary")
_MIXED: Final = re.compile("form-data", re.IGNORECASE)
_ANY: Final = "application/octet-stream"


async def read_multipart(
    request: web.Request, limit: int | None, fields: FormFields, form: FormData
) -> None:
    """Read the parts of a request into a form.

    Raises `ParseError` for what is no form, and `ContentTooLarge` where a limit is passed.
    """
    if limit is not None:
        require_length(request, limit)
    content = Content(request.content, limit)
    if request.content.at_eof():  # a middleware has read it
        content.put_back(await request.read())
    try:
        # As form-data aiohttp looks into the first part, and warns of names that it cannot read.
        headers: dict[str, str] = {
            hdrs.CONTENT_TYPE: _MIXED.sub("mixed", request.headers[hdrs.CONTENT_TYPE], 1)
        }
        reader = MultipartReader(headers, cast(StreamReader, content))
    except (AssertionError, ValueError):
        raise ParseError("The form has no boundary between its parts.") from None
    parts = _Parts(fields, form)
    content.begin_part()
    while (part := await _of_client(reader.next())) is not None:
        if not isinstance(part, BodyPartReader):
            raise ParseError("A part of the form is multipart itself (RFC 7578, 4.3).")
        await parts.read(part)
        content.begin_part()
    await _of_client(content.end())


class _Parts:
    """Reads parts, one after another, into a form."""

    def __init__(self, fields: FormFields, form: FormData) -> None:
        self._fields, self._is_closed = fields.fields, fields.is_closed
        self._form = form
        self._room = _MOST_TEXT if fields.has_files else None
        self._count = self._files = 0

    async def read(self, part: BodyPartReader) -> None:
        self._count += 1
        if self._count > MOST_FIELDS:
            raise too_many("parts", MOST_FIELDS)
        headers = part.headers
        encoding = headers.get(hdrs.CONTENT_TRANSFER_ENCODING, "binary").strip().lower()
        if encoding not in _AS_IT_IS:
            raise ParseError("A part of the form has a Content-Transfer-Encoding (RFC 7578, 4.7).")
        key, filename = disposition_of(headers.get(hdrs.CONTENT_DISPOSITION, ""))
        written = headers.get(hdrs.CONTENT_TYPE)
        media_type, charset = ("", None) if written is None else media_type_of(written)
        field = self._fields.get(key)
        if field is not None and field.file is not None:
            await self._read_file(part, key, filename, media_type or _ANY, field, field.file)
        elif field is not None and field.decode is not None:
            await self._read_json(part, key, media_type, field.decode)
        elif filename is None:
            text = await self._text(part)
            if charset not in UTF_8:
                self._form.refuse(key, "format", "The charset of a form is UTF-8")
            else:
                self._form.add_text(key, text)
        elif field is not None:
            await self._pass_by(part, key, "type", "Expected a text, got a file")
        else:
            await _skip(part)
            if self._is_closed:
                self._form.add_text(key, b"")

    async def _read_file(
        self,
        part: BodyPartReader,
        key: str,
        filename: str | None,
        media_type: str,
        field: FormField,
        cls: type[File],
    ) -> None:
        if filename is None:
            await self._pass_by(part, key, "type", "Expected a file, got a text")
            return
        chunk = await _of_client(part.read_chunk(_CHUNK))
        if not (chunk or filename):
            return  # as a page sends it where no file was chosen
        if not cls.takes(media_type):
            detail = f"Expected {' or '.join(cls.media_types)}"
            await self._pass_by(part, key, "media_type", detail)
            return
        if key in self._form.values and not field.is_repeated:
            detail = "Given more than once, and one is taken"
            await self._pass_by(part, key, "repeated", detail)
            return
        self._files += 1
        if self._files > _MOST_FILES:
            raise too_many("files", _MOST_FILES)
        spool = self._form.spool()
        while chunk:
            if cls.max_size is not None and spool.size + len(chunk) > cls.max_size:
                raise ContentTooLarge(
                    f"The file at {pointer(key)} is larger than {cls.max_size} bytes."
                )
            await spool.write(chunk)
            chunk = await _of_client(part.read_chunk(_CHUNK))
        await spool.finish()
        self._form.add_file(key, cls(spool, filename=filename, media_type=media_type))

    async def _read_json(
        self,
        part: BodyPartReader,
        key: str,
        media_type: str,
        decode: Callable[[bytes], Any],
    ) -> None:
        """Read JSON, which a page sends as a text, or as a file with its type."""
        if not (media_type in _TEXT or is_json(media_type)):
            await self._pass_by(part, key, "media_type", "Expected application/json")
            return
        self._form.add_json(key, await self._text(part), decode)

    async def _text(self, part: BodyPartReader) -> bytes:
        data = bytearray()
        while chunk := await _of_client(part.read_chunk(_CHUNK_OF_TEXT)):
            data += chunk
            if self._room is not None:
                self._room -= len(chunk)
                if self._room < 0:
                    raise ContentTooLarge(
                        f"The texts of the form are larger than {_MOST_TEXT} bytes."
                    )
        return bytes(data)

    async def _pass_by(self, part: BodyPartReader, key: str, code: str, detail: str) -> None:
        self._form.refuse(key, code, detail)
        await _skip(part)


def too_many(what: str, most: int) -> ContentTooLarge:
    """Make the 413 of a form of many small parts."""
    return ContentTooLarge(f"The form has more than {most} {what}.")


async def _skip(part: BodyPartReader) -> None:
    while await _of_client(part.read_chunk(_CHUNK)):
        pass


async def _of_client(read: Awaitable[_Read]) -> _Read:
    """Await what aiohttp reads of a request: whatever it raises, the request is broken."""
    try:
        return await read
    except APIException:
        raise
    except Exception:
        raise ParseError(BROKEN) from None
