import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from webaio.middlewares import answer_exception
from webaio.parameters._binding import (
    attributes_binding_of,
    binding_of,
    only_body_of,
    scoped_binding_of,
)
from webaio.parameters._plan import Plan
from webaio.parameters._scope import Scope
from webaio.results._location import locator_of
from webaio.results._responder import Options, Respond, responder_of, response_of_handler
from webaio.results._stream import Stream, lines_responder_of
from webaio.viewsets import BaseViewSet

from ._action import Action

Serve = Callable[..., Awaitable[web.StreamResponse]]
"""A coroutine function of a request, and of the scope where the action has dependencies."""


def serving(action: Action, plan: Plan, *, check_results: bool, answers_errors: bool) -> Serve:
    """Make the coroutine function that gets what an action takes, runs it, and writes its result.

    It raises what is raised, unless `answers_errors`.
    """
    viewset, name, takes_self = action.viewset, action.name, action.takes_self
    function = _function(action)
    before = _before(viewset) if takes_self else None
    has_after = takes_self and viewset.after is not BaseViewSet.after
    attributes = attributes_binding_of(plan) if plan.attributes else None
    is_handler, is_scoped = action.is_handler, bool(plan.dependencies)
    body, bind = _binding(plan)
    is_awaited = inspect.iscoroutinefunction(bind)
    is_generator = inspect.isasyncgenfunction(action.function)
    respond, stream = _responders(action, check_results)

    async def serve(asked: web.Request, scope: Scope | None = None) -> web.StreamResponse:
        request = asked
        try:
            instance: Any = None
            if takes_self:
                instance = viewset()
                instance.request, instance.action = request, name
                if attributes is not None and scope is not None:
                    for attribute, value in (await attributes(request, scope)).items():
                        setattr(instance, attribute, value)
                if before is not None:
                    await before(instance)
                    request = instance.request  # it may set another
            if is_handler:
                result = function(instance, request)
            elif not is_awaited:
                result = function(instance, **bind(request))
            elif body is not None:
                result = function(instance, **{body: await bind(request)})
            else:
                arguments = await (bind(request, scope) if is_scoped else bind(request))
                result = function(instance, **arguments)
            if not is_generator:
                result = await result
            if stream is not None:
                return await stream(request, result, instance.after if has_after else None)
            response = respond(request, result)
            if has_after:
                await instance.after(response)
            return response
        except Exception as error:
            if not answers_errors:
                raise
            return answer_exception(asked, error)

    return serve


def _binding(plan: Plan) -> tuple[str | None, Callable[..., Any]]:
    """Make what gives the arguments, or the only one, which is then named: the body."""
    only = only_body_of(plan)
    if only is not None:
        return only
    return None, scoped_binding_of(plan) if plan.dependencies else binding_of(plan)


def _function(action: Action) -> Callable[..., Any]:
    """Give what is called with the instance and, by their names, the arguments."""
    function = action.function
    if action.takes_self:
        return function
    return lambda instance, **arguments: function(**arguments)


def _responders(action: Action, check_results: bool) -> tuple[Respond, Stream | None]:
    """Make what answers with a result, and what does so item by item."""
    if action.is_handler:
        return response_of_handler, None
    lines = action.results.lines
    options = Options(check_results, _locator(action.viewset), action.where)
    stream = None if lines is None else lines_responder_of(lines, options)
    return responder_of(action.results, options), stream


def _locator(viewset: type[BaseViewSet]) -> Callable[[web.Request, Any], str | None]:
    """Make what gives the URL of a new item; every segment fits where nothing is said of it."""
    written = viewset.lookup_value_regex
    pattern = None if written == BaseViewSet.lookup_value_regex else re.compile(written)
    return locator_of(viewset.lookup_url_kwarg, pattern)


def _before(viewset: type[BaseViewSet]) -> Callable[[BaseViewSet], Awaitable[None]] | None:
    if viewset.before is BaseViewSet.before:
        return None
    where = f"{viewset.__qualname__}.before"

    async def before(instance: BaseViewSet) -> None:
        returned: object = await instance.before()  # type: ignore[func-returns-value]  # some do
        if returned is not None:  # such as a response, which was meant to refuse the request
            raise TypeError(f"{where}: it must raise to refuse a request, and not return")

    return before
