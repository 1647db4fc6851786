from __future__ import annotations  # of functions that are made for each action

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import hdrs, web

from webaio.exceptions import ParseError, UnsupportedMediaType

from ._body import BROKEN, limited_request, too_large
from ._form_data import FormData, form_in
from ._form_fields import URLENCODED, FormFields
from ._media_type import UTF_8, media_type_of
from ._multipart import read_multipart
from ._parts import MOST_FIELDS, too_many

_NOT_UTF_8: Final = "The charset of a form is UTF-8."


def form_reader(
    fields: FormFields, client_max_size: int | None
) -> Callable[[web.Request], Awaitable[FormData]]:
    """Make the coroutine function that reads the form of a request, once for all who ask.

    It raises `ParseError`, `ContentTooLarge` and `UnsupportedMediaType` for a form that cannot be
    read; the faults of its fields are kept in it.
    """
    media_types = fields.media_types

    async def read(request: web.Request) -> FormData:
        form = form_in(request)
        if form.is_read or not request.body_exists:
            return form
        form.is_read = True
        media_type, charset = media_type_of(request.headers.get(hdrs.CONTENT_TYPE, ""))
        if media_type not in media_types:
            raise _other_media_type(media_types)
        if charset not in UTF_8:
            raise ParseError(_NOT_UTF_8)
        limit = request.client_max_size if client_max_size is None else client_max_size
        if media_type == URLENCODED:
            await _read_urlencoded(request, limit, form)
        else:
            form.is_multipart = True
            await read_multipart(request, limit or None, fields, form)
        return form

    return read


async def _read_urlencoded(request: web.Request, limit: int, form: FormData) -> None:
    try:
        body = await limited_request(request, limit).read()
    except web.HTTPRequestEntityTooLarge:
        raise too_large(limit) from None
    except (web.RequestPayloadError, ConnectionError):
        raise ParseError(BROKEN) from None
    if limit and len(body) > limit:
        raise too_large(limit)
    try:
        pairs = parse_qsl(
            body.decode(errors="surrogateescape"),
            keep_blank_values=True,
            errors="surrogateescape",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise too_many("fields", MOST_FIELDS) from None
    for key, text in pairs:
        form.add_text(key, text.encode(errors="surrogateescape"))


def _other_media_type(media_types: tuple[str, ...]) -> UnsupportedMediaType:
    """Make the 415; it says what is taken (RFC 9110, 15.5.16)."""
    detail = f"The request's content must be a form: send {' or '.join(media_types)}."
    return UnsupportedMediaType(detail, headers={hdrs.ACCEPT: ", ".join(media_types)})
