"""Class-based views: `BaseViewSet`."""

from ._viewset import BaseViewSet

__all__ = ["BaseViewSet"]
