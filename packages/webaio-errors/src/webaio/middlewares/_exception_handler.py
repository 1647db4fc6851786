import functools
import inspect
import logging
from typing import Final

from aiohttp import web
from aiohttp.http import StreamWriter
from aiohttp.typedefs import Handler, Middleware

from ._conversion import ExceptionMap, require_exception_map
from ._responder import ProblemFormatter, Responder

LOGGER: Final = logging.getLogger("webaio.middlewares")
_OF_CONNECTIONS: Final = (ConnectionError, ExceptionGroup)


def exception_handler(
    *,
    map: ExceptionMap | None = None,
    problem: ProblemFormatter | None = None,
    logger: logging.Logger = LOGGER,
) -> Middleware:
    """Make a middleware that answers every error as a problem (RFC 9457).

    `map` says what foreign exceptions become, looked up along the MRO: an `APIException`, or a
    function that makes one. `problem` shapes the body: it takes the request and the complete
    problem, and gives what is sent. `logger` gets 5xx as errors, with the traceback, and the other
    errors at debug level.

        exception_handler(map={IntegrityError: Conflict})
        exception_handler(problem=lambda request, problem: {"detail": problem["detail"]})

    The exceptions of aiohttp keep their headers and cookies, a JSON body stays as it is, and those
    below 400 (redirects) pass. An unknown exception is a 500 that tells nothing of it. Once a
    response has begun nothing is added to it: aiohttp cuts the connection.

    Raises `TypeError` for a `map` or a `problem` that cannot work.
    """
    if problem is not None and (not callable(problem) or inspect.iscoroutinefunction(problem)):
        raise TypeError(f"problem={problem!r} is not a function, or async. Give a plain function.")
    responder = Responder(require_exception_map(map or {}), problem, logger)

    @web.middleware
    async def handle_exceptions(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer every error of the handler as a problem (RFC 9457)."""
        try:
            response = await handler(request)
            return response if _is_response(type(response)) else _checked(response)
        except Exception as error:
            if isinstance(error, _OF_CONNECTIONS) and _is_client_gone(request, error):
                logger.debug("%s: the client went away", request.method)
                return web.Response(status=499)  # to nobody: for the access log
            if _has_begun(request):
                _cut(request)
                if isinstance(error, web.HTTPException):
                    raise RuntimeError("an HTTP exception after the response began") from error
                raise
            response = responder.respond(request, error)
            # A traceback holds the request, and an exception in a constant would collect them all.
            error.__traceback__ = None
            return response

    return handle_exceptions


def _checked(response: web.StreamResponse) -> web.StreamResponse:
    """Refuse what aiohttp would answer as plain text: no response, or an exception returned."""
    if isinstance(response, web.HTTPException):
        raise response
    if isinstance(response, web.StreamResponse):
        return response  # a proxy of one
    raise TypeError(f"the handler returned {type(response).__qualname__}, not a response")


@functools.lru_cache(maxsize=128)
def _is_response(kind: type) -> bool:
    return issubclass(kind, web.StreamResponse) and not issubclass(kind, web.HTTPException)


def _is_client_gone(request: web.Request, error: Exception) -> bool:
    if isinstance(error, ExceptionGroup):
        _, others = error.split(ConnectionError)
        if others is not None:
            return False
    return request.transport is None or request.transport.is_closing()


def _has_begun(request: web.Request) -> bool:
    """Tell whether a response was prepared; its head may still be held back in the writer."""
    writer = request.writer
    if isinstance(writer, StreamWriter) and (writer.chunked or writer.length is not None):
        return True
    return writer.output_size > 0


def _cut(request: web.Request) -> None:
    """Close a connection on which nothing was sent; aiohttp cuts the others itself."""
    if request.writer.output_size == 0 and request.transport is not None:
        request.transport.close()


api_exception_handler: Final = exception_handler()
"""The middleware as most applications want it: `web.Application(middlewares=[this])`."""
