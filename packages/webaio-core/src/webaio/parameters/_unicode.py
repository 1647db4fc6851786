"""Texts of which aiohttp keeps what is no UTF-8 as surrogates, which no JSON can hold."""

from collections.abc import Sequence

from webaio.exceptions import Fault, ValidationError, pointer


def is_unicode(text: str) -> bool:
    """Tell what came as UTF-8."""
    return text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text)


def require_unicode(key: str, texts: Sequence[str]) -> None:
    """Refuse texts that are no UTF-8."""
    if not all(map(is_unicode, texts)):
        raise ValidationError(errors=[Fault(pointer(key), "format", "Not valid UTF-8")])
