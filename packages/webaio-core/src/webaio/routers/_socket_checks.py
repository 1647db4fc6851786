"""Refusing, at registration, what an action that talks over a WebSocket cannot have."""

from typing import Any

from webaio.exceptions import ImproperlyConfigured
from webaio.parameters._source import REQUIRED
from webaio.sockets._source import is_socket

from ._action import Action
from ._url_table import KNOWN_ACTIONS

_UNUSED = ("headers", "produces", "renderers", "status")
"""The words of an answer."""


def require_plain_socket(action: Action, returned: Any) -> None:
    """Refuse a socket where no client could open one, and what would be an answer beside it.

    `returned` is the annotation of the result.
    """
    signatures = [*action.dependencies.values(), action.attributes]
    for each in (each for signature in signatures for each in signature.parameters):
        if is_socket(each):
            raise ImproperlyConfigured(
                each.where, "it is a socket, which only an action has", "Give it to the action"
            )
    sockets = [each for each in action.signature.parameters if is_socket(each)]
    if len(sockets) > 1:
        names = " and ".join(repr(each.name) for each in sockets)
        raise ImproperlyConfigured(
            action.where, f"it takes two sockets, {names}", "Keep one of them"
        )
    if sockets:
        _require_no_answer(action, returned)


def _require_no_answer(action: Action, returned: Any) -> None:
    if action.name in KNOWN_ACTIONS:
        raise ImproperlyConfigured(
            action.where,
            f"it takes a socket, and {action.name!r} is an action with an answer",
            "Give it another name, and mark it with @action",
        )
    if action.methods != ("GET",):
        raise ImproperlyConfigured(
            action.where,
            f"it takes a socket, and answers {', '.join(action.methods)}",
            "Let it answer GET alone, which opens one (RFC 6455, 4.1)",
        )
    if returned not in (None, type(None), REQUIRED):
        raise ImproperlyConfigured(
            action.where, "it takes a socket, and gives a result", "Write `-> None`, and send it"
        )
    for word in _UNUSED:
        if getattr(action.operation, word) is not None:
            raise ImproperlyConfigured(
                action.where,
                f"{word}= is given, and a socket has no answer that it could be of",
                "Take the word out; `after` may set headers of the handshake",
            )
