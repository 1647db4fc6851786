import re
from email.message import Message
from typing import Final

from aiohttp import hdrs

UTF_8: Final = frozenset({None, "utf-8", "utf8", "us-ascii"})
"""The names of the charset that JSON and forms have, and nothing."""

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
MEDIA_TYPE: Final = re.compile(f"{_TOKEN}/{_TOKEN}")
"""The form of a media type, without its parameters."""


def media_type_of(written: str) -> tuple[str, str | None]:
    """Parse a Content-Type (RFC 9110, 8.3) into media type and charset, both in lower case.

    The media type of what cannot be parsed is empty.
    """
    media_type = written.partition(";")[0].strip()
    if MEDIA_TYPE.fullmatch(media_type) is None:
        return "", None
    message = Message()
    message[hdrs.CONTENT_TYPE] = written
    try:
        charset = message.get_param("charset")
        if isinstance(charset, tuple):  # charset*=utf-8''utf-8 (RFC 2231)
            charset = charset[-1]
        return media_type.lower(), charset.lower() if charset else None
    except (AttributeError, IndexError, TypeError, ValueError):  # Python's parser, of what is none
        return "", None


def is_json(media_type: str) -> bool:
    """Tell `application/json`, and what ends in `+json`."""
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
