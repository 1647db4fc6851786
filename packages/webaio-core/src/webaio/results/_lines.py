"""Items that go out as lines of JSON."""

from typing import Any, ClassVar, Final

from msgspec import Struct

from webaio.schemas import Components, Schema

from ._stream import Sending
from ._writing import encoder_of

_MEDIA_TYPE: Final = "application/x-ndjson"


class Lines(Struct, frozen=True):
    """A `Stream` of items of one type, each a line."""

    items: Schema
    takes_media_type: ClassVar[bool] = False

    def content(self, components: Components) -> dict[str, Any]:
        schema = {"type": "array", "items": self.items.json_schema(components, "output")}
        return {_MEDIA_TYPE: {"schema": schema}}

    def sending(self, *, check: bool) -> Sending:
        encode = encoder_of(self.items, check=check)

        def write(item: Any) -> bytes:
            return encode(item) + b"\n"

        return Sending(write, {"Content-Type": _MEDIA_TYPE}, patience=1)
