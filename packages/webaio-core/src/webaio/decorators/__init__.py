"""Marks for the methods of a viewset: `action` and `operation`. A router interprets them."""

from ._action import action
from ._operation import operation

__all__ = ["action", "operation"]
