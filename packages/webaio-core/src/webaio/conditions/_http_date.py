"""Times of HTTP (RFC 9110, 5.6.7): whole seconds, in UTC."""

import contextlib
import re
from datetime import UTC, datetime
from email.utils import formatdate, parsedate
from typing import Final

from aiohttp import web

_TIME: Final = "[0-9]{2}:[0-9]{2}:[0-9]{2}"
_FORMS: Final = re.compile(
    rf"[A-Z][a-z]{{2}}, [0-9]{{2}} [A-Z][a-z]{{2}} [0-9]{{4}} {_TIME} GMT"
    rf"|[A-Z][a-z]{{5,8}}, [0-9]{{2}}-[A-Z][a-z]{{2}}-[0-9]{{2}} {_TIME} GMT"
    rf"|[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} [0-9 ][0-9] {_TIME} [0-9]{{4}}"
)
"""The form that is sent, and the two old ones that are taken."""


def http_date(time: datetime) -> str:
    """Write a time as a header has it, without what is below a second."""
    return formatdate(time.timestamp(), usegmt=True)


def sent_date(request: web.Request, name: str) -> datetime | None:
    """Give the time of a header; None where it is absent, and where it is none (RFC 9110, 13.1.4)."""
    text = request.headers.get(name)
    if text is None or not _FORMS.fullmatch(text):
        return None
    found = parsedate(text)
    with contextlib.suppress(ValueError):
        return None if found is None else datetime(*found[:6], tzinfo=UTC)
    return None
