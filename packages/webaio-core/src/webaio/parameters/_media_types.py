"""Bodies and responses of which only the media type is said."""

from collections.abc import Iterable
from typing import Any, Final

_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def content_of(media_types: Iterable[str]) -> dict[str, Any]:
    """Give OpenAPI's `content`: by the media type it is any JSON, a form, text, or bytes."""
    return {
        each: {"schema": _schema(each.partition(";")[0].strip().lower())} for each in media_types
    }


def _schema(media_type: str) -> dict[str, Any]:
    if media_type.endswith(("/json", "+json")):
        return {}
    if media_type in _FORMS:
        return {"type": "object", "additionalProperties": True}  # generators know none else
    if media_type.startswith("text/"):
        return {"type": "string"}
    return {"type": "string", "format": "binary"}  # as generators of clients know bytes
