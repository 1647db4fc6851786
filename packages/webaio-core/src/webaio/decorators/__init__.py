"""Marks for the methods of a viewset: `action` and `operation`. A router interprets them."""

from ._action import ActionMark, action, action_mark
from ._operation import Operation, operation, operation_of

__all__ = ["ActionMark", "Operation", "action", "action_mark", "operation", "operation_of"]
