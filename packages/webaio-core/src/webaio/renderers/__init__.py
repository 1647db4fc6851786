"""The representations of a result: `JSON`, `CSV`, `MessagePack`, and your own, a `BaseRenderer`.

class ArtistViewSet(BaseViewSet):
    renderers = {"list": (JSON(), CSV())}
"""

from ._base_renderer import BaseRenderer
from ._csv import CSV
from ._json import JSON
from ._message_pack import MessagePack

__all__ = ["CSV", "JSON", "BaseRenderer", "MessagePack"]
