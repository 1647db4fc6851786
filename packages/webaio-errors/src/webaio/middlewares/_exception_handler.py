import inspect
import logging
import re
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from webaio.responses import PROBLEM_JSON, JSONResponse

from ._answer import api_response
from ._conversion import ExceptionMap, require_exception_map
from ._http_exception import is_problem
from ._responder import ProblemFormatter, Responder, formatted
from ._result import checked
from ._slashes import redirect_to_other_slash

LOGGER: Final = logging.getLogger("webaio.middlewares")
_ATTRIBUTE: Final = "webaio_error_middleware"
"""Of an error middleware: itself, since functools.wraps gives it to others, and what answers."""


def exception_handler(
    *,
    map: ExceptionMap | None = None,
    problem: ProblemFormatter | None = None,
    media_type: str = PROBLEM_JSON,
    logger: logging.Logger = LOGGER,
    redirect_slashes: bool = False,
) -> Middleware:
    """Make a middleware that answers every error as a problem (RFC 9457).

    `map` says what foreign exceptions become, looked up along the MRO: an `APIException`, or a
    function that makes one. `problem` shapes the body: it takes the request and the complete
    problem, and gives what is sent, as `media_type`. A `TypedDict` that it is declared to give is
    told in the API's document. `logger` gets 5xx as errors, with the traceback of what crashed, and
    the other errors at debug level. `redirect_slashes` redirects (308) from a URL that nobody has to
    the one with a slash more, or less, at its end, where that is one: `/artist?limit=1` to
    `/artist/?limit=1`.

        exception_handler(map={IntegrityError: Conflict})
        exception_handler(problem=lambda request, problem: {"detail": problem["detail"]})
        exception_handler(problem=errors_of, media_type="application/json")

    The exceptions of aiohttp keep their headers and cookies, a JSON body stays as it is, and those
    below 400 (redirects) pass. A body that aiohttp could not read as it was asked to is a 400, and
    any other unknown exception a 500 that tells nothing of it. Once a response has begun nothing is
    added to it: aiohttp cuts the connection.

    Raises `TypeError` for a `map` or a `problem` that cannot work, and for a `media_type` that is no
    JSON, or is said without `problem`.
    """
    if problem is not None and (not callable(problem) or inspect.iscoroutinefunction(problem)):
        raise TypeError(f"problem={problem!r} is not a function, or async. Give a plain function.")
    _require_media_type(media_type, is_formatted=problem is not None)
    write = api_response if problem is None else formatted(problem, media_type)
    known = require_exception_map(map or {})
    responder = Responder(known, write, logger, problem, media_type)

    @web.middleware
    async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer every error of the handler as a problem (RFC 9457)."""
        try:
            response = await handler(request)
            return response if type(response) is JSONResponse else checked(response)
        except Exception as error:
            if is_problem(error):
                return responder.answer_anew(request, error)
            if redirect_slashes and (other := await redirect_to_other_slash(request, error)):
                return responder.answer(request, other)
            return responder.answer(request, error)

    setattr(error_middleware, _ATTRIBUTE, (error_middleware, responder))
    return error_middleware


def _require_media_type(media_type: str, *, is_formatted: bool) -> None:
    if not re.fullmatch(r"application/([\w.-]+\+)?json", media_type):
        raise TypeError(f"media_type={media_type!r} is not JSON. Write application/json.")
    if media_type != PROBLEM_JSON and not is_formatted:
        raise TypeError(f"media_type={media_type!r} is not that of problems. Give problem=, too.")


def responder_of(middleware: object) -> Responder | None:
    """Give what answers in a middleware that `exception_handler` made; None for any other."""
    found = getattr(middleware, _ATTRIBUTE, None)
    return found[1] if type(found) is tuple and found[0] is middleware else None


api_exception_handler: Final = exception_handler()
"""The middleware as most applications want it, made by `exception_handler()` without options.

    app = web.Application(middlewares=[api_exception_handler])
"""
