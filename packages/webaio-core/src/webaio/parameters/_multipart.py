"""Reading `multipart/form-data` (RFC 7578) part by part, without ever having all of it in memory."""

import re
from typing import Final, cast

from aiohttp import BodyPartReader, MultipartReader, StreamReader, hdrs, web

from webaio.exceptions import ParseError

from ._body import require_length
from ._content import Content
from ._form_data import FormData
from ._form_fields import FormFields
from ._part import of_client, part_of
from ._parts import Parts

_FORM_DATA: Final = re.compile("form-data", re.IGNORECASE)


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
        content.put_back(await of_client(request.read()))
    reader, parts = _reader_of(request, content), Parts(fields, form)
    content.begin_part()
    while (found := await of_client(reader.next())) is not None:
        if not isinstance(found, BodyPartReader):
            raise ParseError("A part of the form is multipart itself (RFC 7578, 4.3).")
        await parts.read(part_of(found))
        content.begin_part()
    await of_client(content.end())


def _reader_of(request: web.Request, content: Content) -> MultipartReader:
    """Make aiohttp's reader.

    It is not told of form-data: then it looks into the first part itself, for `_charset_`, and warns
    of a name that it cannot read.
    """
    media_type = _FORM_DATA.sub("mixed", request.headers[hdrs.CONTENT_TYPE], 1)
    headers: dict[str, str] = {hdrs.CONTENT_TYPE: media_type}
    try:
        return MultipartReader(headers, cast(StreamReader, content))
    except (AssertionError, ValueError):
        raise ParseError("The form has no boundary between its parts.") from None
