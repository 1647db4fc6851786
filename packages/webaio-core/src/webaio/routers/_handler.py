import functools
import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from webaio.middlewares import answer_exception, handle_exceptions
from webaio.parameters._binding import binding_of, body_binding_of
from webaio.parameters._contract import Contract
from webaio.responses import Head
from webaio.schemas import schema_of
from webaio.viewsets import BaseViewSet

from ._action import Action
from ._result import Success, responder_of, stream_responder_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ACTION: Final = "webaio_action_served"


def handler_of(action: Action, *, check_results: bool) -> Handler:
    """Make the coroutine function that serves one action; nothing is inspected per request.

    `check_results` compares each result with its declared type.
    """
    if action.contract is not None:
        handler = _typed_handler(action, action.contract, check_results)
    elif action.takes_self:
        handler = handle_exceptions(_bound_handler(action))
    else:
        handler = handle_exceptions(action.function)
    setattr(handler, _ACTION, action)
    return handler


def action_served(handler: object) -> Action | None:
    """Give the action that a handler of a route serves; None for a handler that no router made."""
    found = getattr(handler, _ACTION, None)
    return found if isinstance(found, Action) else None


def _bound_handler(action: Action) -> Handler:
    viewset, name, function = action.viewset, action.name, action.function
    before, has_after = _before(action), _has_after(action)

    @functools.wraps(function)
    async def handler(request: web.Request) -> web.StreamResponse:
        instance = viewset()
        instance.request, instance.action = request, name
        if before is not None:
            await before(instance)
        response: web.StreamResponse = await function(instance, instance.request)
        if has_after:
            await instance.after(response)
        return response

    return handler


def _typed_handler(action: Action, contract: Contract, check_results: bool) -> Handler:
    viewset, name, takes_self = action.viewset, action.name, action.takes_self
    function = action.function if takes_self else _without_self(action.function)
    before, has_after = _before(action), _has_after(action)
    has_body = contract.body is not None
    bind = _binding(action, contract)
    is_generator = inspect.isasyncgenfunction(action.function)
    success = _success(action, contract, check_results)
    respond = responder_of(success)
    stream = stream_responder_of(success) if contract.streams else None

    @functools.wraps(action.function)
    async def handler(asked: web.Request) -> web.StreamResponse:
        request = asked
        try:
            instance: Any = None
            if takes_self:
                instance = viewset()
                instance.request, instance.action = request, name
            if before is not None:
                await before(instance)
                request = instance.request  # it may set another
            arguments = await bind(request) if has_body else bind(request)
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
            return answer_exception(asked, error)

    return handler


def _binding(action: Action, contract: Contract) -> Callable[[web.Request], Any]:
    """Make what gives the arguments; it is a coroutine function only where there is a body."""
    if contract.body is None:
        return binding_of(contract)
    return body_binding_of(contract, client_max_size=action.operation.client_max_size)


def _without_self(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda instance, **arguments: function(**arguments)


def _success(action: Action, contract: Contract, check_results: bool) -> Success:
    return Success(
        encode=_encoder(contract, check_results),
        head=Head(action.status),
        empty_status=None if check_results and _forbids_none(contract) else action.empty_status,
        lookup=action.lookup,
        lookup_pattern=_lookup_pattern(action.viewset),
        where=action.where,
    )


def _forbids_none(contract: Contract) -> bool:
    """Tell whether a None can only be a forgotten return."""
    if contract.result is None or contract.returns_none:
        return False
    return not contract.result.accepts(None)


def _lookup_pattern(viewset: type[BaseViewSet]) -> re.Pattern[str] | None:
    """Give the pattern of an item's part of the URL; None where every segment fits."""
    written = viewset.lookup_value_regex
    return None if written == BaseViewSet.lookup_value_regex else re.compile(written)


def _encoder(contract: Contract, check_results: bool) -> Callable[[Any], bytes]:
    if contract.result is None:  # nothing is declared to come
        return _refuse if check_results else schema_of(Any).encode
    return contract.result.encode_checked if check_results else contract.result.encode


def _refuse(result: Any) -> bytes:
    raise TypeError(f"a {type(result).__name__} is returned, and none is declared")


def _before(action: Action) -> Callable[[BaseViewSet], Awaitable[None]] | None:
    viewset = action.viewset
    if viewset.before is BaseViewSet.before or not action.takes_self:
        return None
    where = f"{viewset.__qualname__}.before"

    async def before(instance: BaseViewSet) -> None:
        returned: object = await instance.before()  # type: ignore[func-returns-value]  # some do
        if returned is not None:  # such as a response, which was meant to refuse the request
            raise TypeError(f"{where}: it must raise to refuse a request, and not return")

    return before


def _has_after(action: Action) -> bool:
    return action.takes_self and action.viewset.after is not BaseViewSet.after
