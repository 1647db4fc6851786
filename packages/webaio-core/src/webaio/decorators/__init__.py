"""Marks for the methods of a viewset: `action`. A router interprets them."""

from ._action import ActionMark, action, action_mark

__all__ = ["ActionMark", "action", "action_mark"]
