"""Conditional requests (RFC 9110, 13): what a client has read decides whether it may write.

class ArtistViewSet(BaseViewSet):
    etag = "version"
    require_if_match = True
"""

from ._if_match import IfMatch

__all__ = ["IfMatch"]
