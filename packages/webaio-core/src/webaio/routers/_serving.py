from __future__ import annotations  # of functions that are made for each action

import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from webaio.conditions._claiming import claiming_of
from webaio.conditions._kept_answer import ReplayedResponse
from webaio.middlewares import answer_exception
from webaio.parameters._binding import (
    binding_of,
    only_body_of,
    only_call_of,
    scoped_binding_of,
)
from webaio.parameters._body import require_length
from webaio.parameters._form import takes_form
from webaio.parameters._form_data import closing_form
from webaio.parameters._overrides import OVERRIDES, overrides_in
from webaio.parameters._scope import Scope
from webaio.permissions._guard import check_of, keep_private
from webaio.renderers._accept import Choose
from webaio.results._location import Locate, locator_of
from webaio.results._responder import Respond, responder_of, response_of_handler
from webaio.results._sender import StreamResponder, stream_responder_of
from webaio.results._stream import After
from webaio.viewsets import BaseViewSet

from ._action import Action
from ._conditional import conditional_of
from ._conditional_serving import conditioned
from ._item import ask_of
from ._negotiation import accepting, chooser_for, chosen_of
from ._parent_item import ask_parent_of
from ._preparation import given_to_instances, preparations_of

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


def serving(action: Action, check_results: bool, answers_errors: bool) -> Serve:
    """Make the coroutine function that gets what an action takes, runs it, and writes its result.

    It raises what is raised, unless `answers_errors`.
    """
    viewset, name = action.viewset, action.name
    check = _check(action)
    if (choose := chooser_for(action)) is not None:
        check = accepting(check, choose)
    *of_parents, prepare = preparations_of(action)
    ask_parent, ask = ask_parent_of(action, of_parents), ask_of(action)
    function, is_handler = _function(action), action.is_handler
    respond, stream = _responders(action, choose, check_results)
    if (conditional := conditional_of(action)) is not None:
        ask, function, respond = conditioned(ask, function, respond, action, conditional)
    is_awaitable = inspect.iscoroutinefunction(function) or not action.is_generator
    has_instance = action.takes_self or ask_parent is not None or ask is not None
    is_private = action.is_private
    has_after = action.takes_self and viewset.after is not BaseViewSet.after
    body, bind = _binding(action)
    once = _once(action, bind, function)
    is_awaited = inspect.iscoroutinefunction(bind)
    is_scoped = bool(action.dependencies) or once is not None

    async def serve(asked: web.Request) -> web.StreamResponse:
        request, scope = asked, None
        try:
            if is_scoped:
                if OVERRIDES and action.overrides != (overrides := overrides_in(request)):
                    other = action.with_dependencies(overrides)
                    return await serving(other, check_results, answers_errors)(request)
                scope = Scope()
            is_decided = check is None or await check(request)
            instance: Any = None
            if has_instance:
                instance = viewset()
                instance.request, instance.action = request, name
                if ask_parent is not None:
                    await ask_parent(instance, scope)
                if prepare is not None:
                    await prepare(instance, scope)
                    request = instance.request  # the hook may set another, with another Accept
                    if choose is not None:
                        choose(request)
                if ask is not None:
                    await ask(instance, is_decided)
            if once is not None:
                result = once(instance, request, scope)
            elif is_handler:
                result = function(instance, request)
            elif not is_awaited:
                result = function(instance, **bind(request))
            elif body is not None:
                result = function(instance, **{body: await bind(request)})
            else:
                arguments = await (bind(request) if scope is None else bind(request, scope))
                result = function(instance, **arguments)
            if is_awaitable:
                result = await result
            after = instance.after if has_after else None
            if stream is not None:
                after = _private_after(after) if is_private else after
                end = None if scope is None else scope.end
                response = await stream(request, result, after, end)
            else:
                response = respond(request, result)
                if after is not None and type(response) is not ReplayedResponse:
                    await after(response)
            if scope is not None and scope.entered:
                await scope.end(response)
            if is_private:
                keep_private(response)
            return response
        except BaseException as raised:
            error = raised
            if scope is not None:
                error = await scope.leave(raised) or raised
            if answers_errors and isinstance(error, Exception):
                response = answer_exception(asked, error)
                if is_private:
                    keep_private(response)
                return response
            if error is raised:
                raise
            raise error  # noqa: B904  # its context is what it was raised in

    return closing_form(serve) if takes_form(action.inputs) else serve


def _check(action: Action) -> Callable[[web.Request], Awaitable[bool]] | None:
    """Make what asks who may, and then how long the body is, where the action reads that itself."""
    check = None if action.guard is None else check_of(action.guard)
    limit = action.operation.client_max_size
    if limit is None or action.bodies:
        return check

    async def check_length(request: web.Request) -> bool:
        is_decided = check is None or await check(request)
        require_length(request, limit)
        return is_decided

    return check_length


def _private_after(after: After | None) -> After:
    """Let no shared cache keep a stream either, whose head goes out before its items."""

    async def private_after(response: web.StreamResponse) -> None:
        if after is not None:
            await after(response)
        keep_private(response)

    return private_after


def _binding(action: Action) -> tuple[str | None, Callable[..., Any]]:
    """Make what gives the arguments, or the only one, which is then named: the body."""
    taken, inputs = action.signature, action.inputs
    if not action.dependencies and action.idempotent is None:
        return only_body_of(taken, inputs) or (None, binding_of(taken, inputs))
    given = given_to_instances(action)
    rest = {
        function: each for function, each in action.dependencies.items() if function not in given
    }
    return None, only_call_of(taken, rest) or scoped_binding_of(taken, rest, inputs)


def _once(
    action: Action, bind: Callable[..., Any], function: Callable[..., Any]
) -> Callable[[Any, web.Request, Any], Awaitable[Any]] | None:
    """Make what runs an action once for each idempotency key; None where none is taken."""
    if action.idempotent is None:
        return None
    claim, is_handler = claiming_of(action.idempotent, action.where), action.is_handler

    async def once(instance: Any, request: web.Request, scope: Scope) -> Any:
        arguments = {} if is_handler else await bind(request, scope)
        replayed = await claim(request, scope)
        if replayed is not None:
            return replayed
        return await (
            function(instance, request) if is_handler else function(instance, **arguments)
        )

    return once


def _function(action: Action) -> Callable[..., Any]:
    """Give what is called with the instance and, by their names, the arguments."""
    function = action.signature.function
    if action.takes_self:
        return function
    if action.is_handler:
        return lambda instance, request: function(request)
    return lambda instance, **arguments: function(**arguments)


def _responders(
    action: Action, choose: Choose | None, check_results: bool
) -> tuple[Respond, StreamResponder | None]:
    """Make what answers with a result, and what does so item by item."""
    if action.is_handler:
        return response_of_handler, None
    results, where = action.results, action.where
    locate = _locator(action)
    responders = [
        responder_of(results, locate, each, check=check_results, where=where)
        for each in results.renderers
    ]
    respond = responders[0] if choose is None else chosen_of(responders, choose)
    if results.stream is None:
        return respond, None
    sending = results.stream.sending(check=check_results)
    return respond, stream_responder_of(sending, results.status, where)


def _locator(action: Action) -> Locate | None:
    """Make what gives the URL of a new item; every segment fits where nothing is said of it."""
    results = [action.results, *(carried for _, carried in action.results.answers)]
    if not any(each.has_location for each in results):
        return None
    if action.has_item:
        return lambda request, result: request.rel_url.raw_path
    viewset, written = action.viewset, action.viewset.lookup_value_regex
    pattern = None if written == BaseViewSet.lookup_value_regex else re.compile(written)
    return locator_of(_key_fields(viewset), pattern, beside=action.beside or 0)


def _key_fields(viewset: type[BaseViewSet]) -> tuple[str, ...]:
    """Name the members of a result that may be its key: `id` where the URL has `pk` or `artist_id`."""
    if viewset.lookup_field is not None:
        return (viewset.lookup_field,)
    name = viewset.lookup_url_kwarg
    return (name, "id") if name == "pk" or name.endswith("_id") else (name,)
