"""Items that are bytes, and go out as they are."""

from typing import Any, ClassVar, Final

from msgspec import Struct

from webaio.exceptions import ImproperlyConfigured
from webaio.parameters._openapi import content_of
from webaio.schemas import Components

from ._stream import Sending

_ANY_BYTES: Final = "application/octet-stream"
_VIEWS: Final = (bytearray, memoryview)


class Bytes(Struct, frozen=True):
    """A `Stream` of bytes of one media type."""

    media_type: str
    takes_media_type: ClassVar[bool] = True

    def content(self, components: Components) -> dict[str, Any]:
        return content_of([self.media_type])

    def sending(self, *, check: bool) -> Sending:
        return Sending(_as_it_is, {"Content-Type": self.media_type}, patience=1)


def bytes_of(item: Any, media_types: tuple[str, ...] | None, where: str) -> Bytes | None:
    """Read a stream of bytes; None for one of anything else.

    Raises `ImproperlyConfigured` for media types of which nobody could tell what is sent.
    """
    if item is not bytes:
        return None
    found = media_types or (_ANY_BYTES,)
    if len(found) > 1 or "*" in found[0]:
        raise ImproperlyConfigured(
            where,
            f"it streams bytes, and produces={[*found]!r} does not say of which media type",
            "Write one, such as produces=['text/csv; charset=utf-8']",
        )
    return Bytes(found[0])


def _as_it_is(item: Any) -> bytes:
    if isinstance(item, bytes):
        return item
    if isinstance(item, _VIEWS):
        return bytes(item)  # a buffer may be filled anew while a slow client has not read it
    raise TypeError(f"a {type(item).__name__} is given, and bytes are declared")
