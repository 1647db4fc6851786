from typing import Any, ClassVar, Final

import msgspec

from ._base_renderer import BaseRenderer

_encode: Final = msgspec.msgpack.Encoder().encode
_INTEGERS: Final = range(-(2**63), 2**64)
"""Those that MessagePack has."""


class MessagePack(BaseRenderer):
    """MessagePack of what the JSON says: times, decimals and bytes are texts there, too.

    So is an integer of more than 64 bits, which MessagePack has not.
    """

    media_type: ClassVar[str] = "application/vnd.msgpack"

    def render(self, data: Any) -> bytes:
        """Write data as MessagePack."""
        try:
            return _encode(data)
        except OverflowError:
            return _encode(_with_texts(data))


def _with_texts(data: Any) -> Any:
    """Give the same data, in which integers that are too large are texts."""
    if isinstance(data, dict):
        return {name: _with_texts(each) for name, each in data.items()}
    if isinstance(data, list):
        return [_with_texts(each) for each in data]
    return str(data) if isinstance(data, int) and data not in _INTEGERS else data
