from __future__ import annotations  # of functions that are made for each action

import functools
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from aiohttp import web

from webaio.decorators._mark import mark
from webaio.decorators._words import Middleware
from webaio.middlewares import handle_exceptions
from webaio.parameters._body import limited_request
from webaio.parameters._overrides import name_dependencies
from webaio.permissions._guard import private
from webaio.sockets._talk import talking

from ._action import Action
from ._conditional import conditional_of
from ._negotiation import varied
from ._serving import serving

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ACTION: Final = "webaio_action_served"


def handler_of(action: Action, *, check_results: bool) -> Handler:
    """Make the coroutine function that serves one action; nothing is inspected per request.

    `check_results` compares each result with its declared type.
    """
    serve = _handler(action, check_results)
    if action.results.is_negotiated:
        serve = varied(serve)
    handler = functools.wraps(action.signature.function)(serve)
    setattr(handler, _ACTION, action)
    if action.guard is not None:
        mark(handler, action.guard)
    if action.dependencies:
        name_dependencies(handler, [*action.dependencies])
    return handler


def action_served(handler: object) -> Action | None:
    """Give the action that a handler of a route serves; None for a handler that no router made."""
    found = getattr(handler, _ACTION, None)
    return found if isinstance(found, Action) else None


def _handler(action: Action, check_results: bool) -> Handler:
    """Put the middlewares around an action, and around both what answers errors."""
    is_limited = action.operation.client_max_size is not None
    if action.is_plain and not is_limited and conditional_of(action) is None:
        inner: Handler = action.signature.function
    elif action.socket is not None:
        inner = serving(action, check_results, answers_errors=False)
        limit = action.operation.client_max_size
        inner = talking(inner, action.socket, limit, check=check_results)
    elif not action.middlewares:
        return _limited(action, serving(action, check_results, answers_errors=True))
    else:
        inner = serving(action, check_results, answers_errors=False)
    handler = handle_exceptions(_composed(action.middlewares, _limited(action, inner)))
    return private(handler) if action.is_private else handler


def _limited(action: Action, handler: Handler) -> Handler:
    """Give an action a request with its limit where others than its parameter read the body."""
    limit = action.operation.client_max_size
    is_read = action.socket is not None or (action.bodies and action.idempotent is None)
    if limit is None or is_read:
        return handler

    async def limited(request: web.Request) -> web.StreamResponse:
        return await handler(limited_request(request, limit))

    return limited


def _composed(middlewares: Iterable[Middleware], handler: Handler) -> Handler:
    """Put middlewares around a handler, the first outermost."""
    for middleware in reversed([*middlewares]):
        call: Callable[..., Awaitable[web.StreamResponse]] = middleware
        handler = functools.partial(call, handler=handler)
    return handler
