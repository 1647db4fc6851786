"""Marks for the methods of a viewset: `action` and `operation`. A router interprets them."""

from typing import TYPE_CHECKING

from ._action import action
from ._operation import operation

__all__ = ["action", "operation"]

if not TYPE_CHECKING:
    from webaio.schemas._moved import getattr_of

    from . import _action, _operation

    __getattr__ = getattr_of(
        __name__,
        private={
            "ActionMark": _action.ActionMark,
            "Operation": _operation.Operation,
            "action_mark": _action.action_mark,
            "operation_of": _operation.operation_of,
        },
    )
