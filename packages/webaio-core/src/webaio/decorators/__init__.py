"""Marks for the methods of a viewset: `action`. A router interprets them."""

from ._action import METHODS, ActionMark, action, action_mark

__all__ = ["METHODS", "ActionMark", "action", "action_mark"]
