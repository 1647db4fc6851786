import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from webaio.parameters import Contract, binding_of, invalid
from webaio.schemas import Invalid, schema_of
from webaio.viewsets import BaseViewSet

from ._action import Action
from ._result import Success, responder_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def handler_of(action: Action, *, has_items: bool, check_results: bool) -> Handler:
    """Make the coroutine function that serves one action; nothing is inspected per request.

    `has_items` tells whether an item of the viewset has a URL, and so a `Location`.
    `check_results` compares each result with its declared type.
    """
    if action.contract is not None:
        return _typed_handler(action, action.contract, has_items, check_results)
    if action.takes_self:
        return _bound_handler(action)
    return action.function  # its own signature is the handler's


def _bound_handler(action: Action) -> Handler:
    instance_for = _instance_maker(action)
    has_after = action.viewset.after is not BaseViewSet.after
    function = action.function

    @functools.wraps(function)
    async def handler(request: web.Request) -> web.StreamResponse:
        instance = await instance_for(request)
        response: web.StreamResponse = await function(instance, request)
        if has_after:
            await instance.after(response)
        return response

    return handler


def _typed_handler(
    action: Action, contract: Contract, has_items: bool, check_results: bool
) -> Handler:
    instance_for = _instance_maker(action) if action.takes_self else None
    has_after = action.viewset.after is not BaseViewSet.after
    function = action.function
    is_generator = inspect.isasyncgenfunction(function)
    bind = binding_of(contract, client_max_size=action.operation.client_max_size)
    success = _success(action, contract, has_items, check_results)
    respond = responder_of(success, streams=contract.streams)

    @functools.wraps(function)
    async def handler(request: web.Request) -> web.StreamResponse:
        instance = None if instance_for is None else await instance_for(request)
        arguments = await bind(request)
        bound = () if instance is None else (instance,)
        try:
            result = function(*bound, **arguments)
            result = result if is_generator else await result
            after = instance.after if has_after and instance is not None else None
            return await respond(request, result, after)
        except Invalid as error:
            raise invalid(request, [("body", each) for each in error.faults]) from error

    return handler


def _success(action: Action, contract: Contract, has_items: bool, check_results: bool) -> Success:
    schema = contract.result or schema_of(Any)
    is_new = action.name == "create"
    status = action.operation.status or (201 if is_new else 200)
    return Success(
        encode=schema.encode_checked if check_results else schema.encode,
        status=status,
        empty_status=action.operation.status or 204,
        lookup=action.viewset.lookup_url_kwarg if is_new and has_items and status == 201 else "",
        where=action.where,
    )


def _instance_maker(action: Action) -> Callable[[web.Request], Awaitable[BaseViewSet]]:
    viewset, name = action.viewset, action.name
    has_before = viewset.before is not BaseViewSet.before

    async def make(request: web.Request) -> BaseViewSet:
        instance = viewset()
        instance.request = request
        instance.action = name
        if has_before:
            await instance.before()
        return instance

    return make
