import asyncio
from collections.abc import Callable
from typing import Any, Final

from webaio.exceptions import ContentTooLarge, pointer

from ._file import File
from ._form_data import FormData
from ._form_fields import FormField, FormFields
from ._media_type import UTF_8, is_json
from ._part import Part
from ._spool import Spool

MOST_FIELDS: Final = 1000
_MOST_FILES: Final = 100
_MOST_AT_ONCE: Final = 16
"""Parts that are read without a turn for others, where all has come already."""
_MOST_TEXT: Final = 2**20
"""Bytes of all texts together, where the whole may be more for the sake of files."""
_TEXT: Final = ("", "text/plain")
_ANY: Final = "application/octet-stream"


class Parts:
    """Reads the parts of one request, one after another, into a form."""

    def __init__(self, fields: FormFields, form: FormData) -> None:
        self._fields, self._is_closed = fields.fields, fields.is_closed
        self._form = form
        self._room = _MOST_TEXT if fields.has_files else None
        self._count = self._files = 0

    async def read(self, part: Part) -> None:
        """Read the next; raises `ContentTooLarge` where a limit is passed."""
        self._count += 1
        if self._count > MOST_FIELDS:
            raise too_many("parts", MOST_FIELDS)
        if not self._count % _MOST_AT_ONCE:
            await asyncio.sleep(0)
        field = self._fields.get(part.key)
        if field is None:
            await self._read_unknown(part)
        elif field.file is not None:
            await self._read_file(part, field, field.file)
        elif field.decode is not None:
            await self._read_json(part, field.decode)
        elif part.filename is None:
            await self._read_text(part)
        else:
            await self._refuse(part, "type", "Expected a text, got a file")

    async def _read_unknown(self, part: Part) -> None:
        """Keep a text, for a model that takes any; of a file no more than a closed one asks for."""
        if part.filename is None:
            await self._read_text(part)
            return
        await part.skip()
        if self._is_closed:
            self._form.add_text(part.key, b"")

    async def _read_text(self, part: Part) -> None:
        if part.charset not in UTF_8:
            await self._refuse(part, "format", "The charset of a form is UTF-8")
        else:
            self._form.add_text(part.key, await self._text(part))

    async def _read_json(self, part: Part, decode: Callable[[bytes], Any]) -> None:
        """Read JSON, which a page sends as a text, or as a file with its type."""
        if part.media_type in _TEXT or is_json(part.media_type):
            self._form.add_json(part.key, await self._text(part), decode)
        else:
            await self._refuse(part, "media_type", "Expected application/json")

    async def _text(self, part: Part) -> bytes:
        data = bytearray()
        async for chunk in part.chunks():
            data += chunk
            if self._room is not None:
                self._room -= len(chunk)
                if self._room < 0:
                    raise ContentTooLarge(
                        f"The texts of the form are larger than {_MOST_TEXT} bytes."
                    )
        return bytes(data)

    async def _read_file(self, part: Part, field: FormField, cls: type[File]) -> None:
        if part.filename is None:
            await self._refuse(part, "type", "Expected a file, got a text")
            return
        media_type = part.media_type or _ANY
        wrong = self._wrong(part.key, media_type, field, cls)
        if wrong is not None and part.filename:
            await self._refuse(part, *wrong)
            return
        spool = await self._spooled(part, cls)
        if not (spool.size or part.filename):
            return  # as a page sends it where no file was chosen
        if wrong is None:
            self._form.add_file(part.key, cls(spool, filename=part.filename, media_type=media_type))
        else:
            self._form.refuse(part.key, *wrong)

    def _wrong(
        self, key: str, media_type: str, field: FormField, cls: type[File]
    ) -> tuple[str, str] | None:
        """Give the code and the sentence of what is wrong with a file, before it is read."""
        if not _is_taken(media_type, cls):
            return "media_type", f"Expected {' or '.join(cls.media_types)}"
        if key in self._form.values and not field.is_repeated:
            return "repeated", "Given more than once, and one is taken"
        return None

    async def _spooled(self, part: Part, cls: type[File]) -> Spool:
        self._files += 1
        if self._files > _MOST_FILES:
            raise too_many("files", _MOST_FILES)
        spool = self._form.spool()
        async for chunk in part.chunks():
            if cls.max_size is not None and spool.size + len(chunk) > cls.max_size:
                raise ContentTooLarge(
                    f"The file at {pointer(part.key)} is larger than {cls.max_size} bytes."
                )
            await spool.write(chunk)
        await spool.finish()
        return spool

    async def _refuse(self, part: Part, code: str, detail: str) -> None:
        self._form.refuse(part.key, code, detail)
        await part.skip()


def _is_taken(media_type: str, cls: type[File]) -> bool:
    kind = media_type.partition("/")[0]
    return not cls.media_types or not {media_type, f"{kind}/*", "*/*"}.isdisjoint(cls.media_types)


def too_many(what: str, most: int) -> ContentTooLarge:
    """Make the 413 of a form of many small parts."""
    return ContentTooLarge(f"The form has more than {most} {what}.")
