import functools
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final, TypeVarTuple

from aiohttp import web

from webaio.cors._setup import answer_preflights
from webaio.exceptions import APIException

from ._answer import api_response
from ._connection import cut, has_begun
from ._conversion import require_exception_map
from ._exception_handler import LOGGER, responder_of
from ._http_exception import http_exception_of, is_problem
from ._request_id import request_id_middleware
from ._responder import Responder
from ._result import checked

_Arguments = TypeVarTuple("_Arguments")
_PASSING: Final = (answer_preflights, request_id_middleware)
"""The middlewares that do nothing with an exception."""
_DEFAULT: Final = Responder(require_exception_map({}), api_response, LOGGER)


def handle_exceptions(
    handler: Callable[[*_Arguments], Awaitable[web.StreamResponse]],
) -> Callable[[*_Arguments], Coroutine[Any, Any, web.StreamResponse]]:
    """Make a handler answer its own errors, so that no error middleware need stand above it.

        @handle_exceptions
        async def artist(request):
            raise NotFound

    A method is decorated alike, that of a `web.View` too. How it answers, `answer_exception` tells.
    What is no response is a 500, as under the middleware.
    """

    @functools.wraps(handler)
    async def handled(*arguments: *_Arguments) -> web.StreamResponse:
        try:
            return checked(await handler(*arguments))
        except Exception as error:
            return answer_exception(_request_in(arguments), error)

    return handled


def _request_in(arguments: Sequence[Any]) -> web.Request:
    request: web.Request | web.View = arguments[-1]
    return request.request if isinstance(request, web.View) else request


def answer_exception(request: web.Request, error: Exception) -> web.StreamResponse:
    """Answer an exception that a handler has caught, as the error middleware above it would.

    The nearest middleware of `exception_handler` says how; without one it is `api_exception_handler`.
    Where other middlewares stand between, the exception is raised, so that they see it and a
    transaction is rolled back. Where there are only others, an `APIException` that they see is also
    an exception of aiohttp, which sends it as the problem.

    Do not call it in a middleware: it would count that as one between the handler and the error
    middleware.

    Raises `error`, or what it is the cause of, as told above; and `error` once a response has begun.

        async def handler(request):
            try:
                return await view(request)
            except Exception as error:
                return answer_exception(request, error)
    """
    responder, is_next = _above(request.match_info.apps)
    if is_next:
        return (responder or _DEFAULT).answer(request, error)
    if has_begun(request):
        cut(request, error)
    if responder is not None or not isinstance(error, APIException) or is_problem(error):
        raise error
    raise http_exception_of(error, _DEFAULT.respond(request, error)) from error


def log_exception(request: web.Request, error: Exception) -> int:
    """Log an exception that nobody can be answered any more, as if; give the status that it would have."""
    responder, _ = _above(request.match_info.apps)
    status = (responder or _DEFAULT).respond(request, error).status
    error.with_traceback(None)  # it holds the request
    return status


def stands_alone(request: web.Request) -> bool:
    """Tell whether no middlewares but those of this package stand before the handler of a request."""
    return all(
        each in _PASSING or responder_of(each) is not None
        for app in request.match_info.apps
        for each in app.middlewares
    )


def _above(apps: Sequence[web.Application]) -> tuple[Responder | None, bool]:
    """Find the nearest error middleware, and tell whether nothing else stands before it."""
    is_next = True
    for app in apps[::-1]:
        for middleware in app.middlewares[::-1]:
            responder = responder_of(middleware)
            if responder is not None:
                return responder, is_next
            is_next = is_next and middleware in _PASSING
    return None, is_next
