"""The header of a part that says which field it is: Content-Disposition (RFC 7578, 4.2)."""

import re
from email.message import Message
from typing import Final

from aiohttp import hdrs

from webaio.exceptions import ParseError

from ._unicode import is_unicode

_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_MOST_PARAMETERS: Final = 100
"""Semicolons, of which a name of a file may have some; Python's parser takes long for many."""


def disposition_of(header: str) -> tuple[str, str | None]:
    """Give the name of the field, and of the file where the part is one; raises `ParseError`.

    aiohttp's own parser gives up at a second semicolon in a name.
    """
    is_odd = _CONTROL.search(header) is not None or not is_unicode(header)
    if header.count(";") > _MOST_PARAMETERS or is_odd:
        raise _nameless()
    message = Message()
    message[hdrs.CONTENT_DISPOSITION] = header
    kind = header.partition(";")[0].strip().lower()
    name, filename = (_parameter(message, each) for each in ("name", "filename"))
    if kind != "form-data" or name is None or _CONTROL.search(f"{name}{filename}"):
        raise _nameless()
    return name, filename


def _nameless() -> ParseError:
    return ParseError("A part of the form has no name: Content-Disposition: form-data; name=…")


def _parameter(message: Message, name: str) -> str | None:
    found = message.get_param(name, header=hdrs.CONTENT_DISPOSITION)
    if isinstance(found, tuple):  # filename*=utf-8''… (RFC 2231), of other clients than browsers
        charset, _, text = found
        if (charset or "utf-8").lower() != "utf-8":  # Python has odd ones, that make no text
            raise _nameless()
        try:
            return text.encode("latin-1").decode()
        except ValueError:
            raise _nameless() from None
    return found if isinstance(found, str) else None
