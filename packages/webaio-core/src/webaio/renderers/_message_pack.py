from typing import Any, ClassVar, Final

import msgspec

from ._base_renderer import BaseRenderer

_encode: Final = msgspec.msgpack.Encoder().encode


class MessagePack(BaseRenderer):
    """MessagePack of what the JSON says: times, decimals and bytes are texts there, too."""

    media_type: ClassVar[str] = "application/vnd.msgpack"

    def render(self, data: Any) -> bytes:
        """Write data as MessagePack."""
        return _encode(data)
