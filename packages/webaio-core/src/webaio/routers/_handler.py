import functools
import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from webaio.parameters import Contract, binding_of, told_faults
from webaio.schemas import Invalid, schema_of
from webaio.viewsets import BaseViewSet

from ._action import Action
from ._result import Success, responder_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ACTION: Final = "webaio_action_served"


def handler_of(action: Action, *, check_results: bool) -> Handler:
    """Make the coroutine function that serves one action; nothing is inspected per request.

    `check_results` compares each result with its declared type.
    """
    if action.contract is not None:
        handler = _typed_handler(action, action.contract, check_results)
    elif action.takes_self:
        handler = _bound_handler(action)
    else:
        handler = _plain_handler(action)
    setattr(handler, _ACTION, action)
    return handler


def action_served(handler: object) -> Action | None:
    """Give the action that a handler of a route serves; None for a handler that no router made."""
    found = getattr(handler, _ACTION, None)
    return found if isinstance(found, Action) else None


def _plain_handler(action: Action) -> Handler:
    function = action.function

    @functools.wraps(function)
    async def handler(request: web.Request) -> web.StreamResponse:
        try:
            response: web.StreamResponse = await function(request)
        except Invalid as error:
            raise told_faults(request, error, has_body=True) from error
        return response

    return handler


def _bound_handler(action: Action) -> Handler:
    instance_for = _instance_maker(action)
    has_after = action.viewset.after is not BaseViewSet.after
    function = action.function

    @functools.wraps(function)
    async def handler(request: web.Request) -> web.StreamResponse:
        try:
            instance = await instance_for(request)
            response: web.StreamResponse = await function(instance, instance.request)
        except Invalid as error:
            raise told_faults(request, error, has_body=True) from error
        if has_after:
            await instance.after(response)
        return response

    return handler


def _typed_handler(action: Action, contract: Contract, check_results: bool) -> Handler:
    instance_for = _instance_maker(action) if action.takes_self else None
    has_after = action.viewset.after is not BaseViewSet.after
    function = action.function
    is_generator = inspect.isasyncgenfunction(function)
    bind = binding_of(contract, client_max_size=action.operation.client_max_size)
    has_body = contract.body is not None
    success = _success(action, contract, check_results)
    respond = responder_of(success, streams=contract.streams)

    @functools.wraps(function)
    async def handler(request: web.Request) -> web.StreamResponse:
        try:
            instance = None if instance_for is None else await instance_for(request)
            bound = () if instance is None else (instance,)
            request = request if instance is None else instance.request  # `before` may set another
            arguments = await bind(request)
            result = function(*bound, **arguments)
            result = result if is_generator else await result
            after = instance.after if has_after and instance is not None else None
            return await respond(request, result, after)
        except Invalid as error:
            raise told_faults(request, error, has_body=has_body) from error

    return handler


def _success(action: Action, contract: Contract, check_results: bool) -> Success:
    return Success(
        encode=_encoder(contract, check_results),
        status=action.status,
        empty_status=action.empty_status,
        lookup=action.lookup,
        lookup_pattern=re.compile(action.viewset.lookup_value_regex),
        where=action.where,
    )


def _encoder(contract: Contract, check_results: bool) -> Callable[[Any], bytes]:
    if contract.result is None:  # nothing is declared to come
        return _refuse if check_results else schema_of(Any).encode
    return contract.result.encode_checked if check_results else contract.result.encode


def _refuse(result: Any) -> bytes:
    raise TypeError(f"a {type(result).__name__} is returned, and none is declared")


def _instance_maker(action: Action) -> Callable[[web.Request], Awaitable[BaseViewSet]]:
    viewset, name = action.viewset, action.name
    where = f"{viewset.__qualname__}.before"
    has_before = viewset.before is not BaseViewSet.before

    async def make(request: web.Request) -> BaseViewSet:
        instance = viewset()
        instance.request = request
        instance.action = name
        # A subclass may return a response all the same, and mean to refuse the request.
        if has_before and await instance.before() is not None:  # type: ignore[func-returns-value]
            raise TypeError(f"{where}: it must raise to refuse a request, and not return")
        return instance

    return make
