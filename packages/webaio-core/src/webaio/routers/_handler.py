import functools
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from aiohttp import web

from webaio.decorators._words import Middleware
from webaio.middlewares import handle_exceptions
from webaio.parameters._overrides import overrides_in
from webaio.parameters._scope import Scope

from ._action import Action
from ._serving import Serve, serving

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ACTION: Final = "webaio_action_served"


def handler_of(action: Action, *, check_results: bool) -> Handler:
    """Make the coroutine function that serves one action; nothing is inspected per request.

    `check_results` compares each result with its declared type.
    """
    handler = functools.wraps(action.function)(_layers(action, check_results))
    setattr(handler, _ACTION, action)
    return handler


def action_served(handler: object) -> Action | None:
    """Give the action that a handler of a route serves; None for a handler that no router made."""
    found = getattr(handler, _ACTION, None)
    return found if isinstance(found, Action) else None


def _layers(action: Action, check_results: bool) -> Handler:
    """Put around an action what it has: dependencies, then middlewares, then answers to its errors."""
    serve = functools.partial(serving, action, check_results=check_results)
    plan = action.plan()
    if action.is_handler and not action.takes_self:
        return handle_exceptions(_composed(action.middlewares, action.function))
    if plan.dependencies:
        handler = _with_scope(action, serve)
    elif action.middlewares:
        handler = serve(plan, answers_errors=False)
    else:
        return serve(plan, answers_errors=True)
    return handle_exceptions(_composed(action.middlewares, handler))


def _composed(middlewares: Iterable[Middleware], handler: Handler) -> Handler:
    """Put middlewares around a handler, the first outermost."""
    for middleware in reversed([*middlewares]):
        call: Callable[..., Awaitable[web.StreamResponse]] = middleware
        handler = functools.partial(call, handler=handler)
    return handler


def _with_scope(action: Action, serve: Callable[..., Serve]) -> Handler:
    """Make the coroutine function that ends what the functions began on which an action depends."""
    as_planned = serve(action.plan(), answers_errors=False)

    async def handler(request: web.Request) -> web.StreamResponse:
        overrides = overrides_in(request)
        chosen = as_planned
        if overrides:
            chosen = serve(action.plan(overrides), answers_errors=False)
        scope = Scope()
        try:
            response = await chosen(request, scope)
        except BaseException as error:
            await scope.leave(error)
            raise
        await scope.leave(None)
        return response

    return handler
