import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from webaio.exceptions import APIException, InternalServerError, ServiceUnavailable
from webaio.responses import PROBLEM_JSON

from ._answer import carry_over, fresh_response, problem_response
from ._connection import cut, has_begun, is_client_gone
from ._conversion import ExceptionMap, api_exception_of, headers_beside_the_body
from ._http_exception import ProblemException
from ._problem import encoded_problem, problem_for
from ._request_id import current_request_id

ProblemFormatter = Callable[[web.Request, dict[str, Any]], Mapping[str, Any]]
Write = Callable[[web.Request, APIException], web.Response]


def formatted(formatter: ProblemFormatter, media_type: str) -> Write:
    """Make the function that writes the response of an exception as a formatter says."""

    def write(request: web.Request, exception: APIException) -> web.Response:
        problem = formatter(request, problem_for(request, exception))
        return problem_response(encoded_problem(problem), exception, media_type)

    return write


@dataclass(frozen=True, slots=True)
class Responder:
    """Turns an exception into the response and the log record that it deserves."""

    known: ExceptionMap
    write: Write
    logger: logging.Logger
    formatter: ProblemFormatter | None = None
    media_type: str = PROBLEM_JSON

    def answer(self, request: web.Request, error: Exception) -> web.Response:
        """Answer `error`, where that is still possible; a client that is gone gets a 499, unsent.

        Raises it where a response has begun.
        """
        if not isinstance(error, APIException) and is_client_gone(request, error):
            self.logger.debug("%s: the client went away", request.method)
            return web.Response(status=499)  # to nobody: for the access log
        if has_begun(request):
            cut(request, error)
        response = self.respond(request, error)
        # A traceback holds the request, and an exception in a constant would collect them all.
        error.with_traceback(None)
        return response

    def answer_anew(self, request: web.Request, raised: ProblemException) -> web.Response:
        """Answer what was raised, with the headers and cookies that middlewares have added."""
        response = self.answer(request, raised.original)
        for name, value in headers_beside_the_body(raised.headers).items():
            if name not in response.headers:
                response.headers[name] = value
        carry_over(raised, response)
        return response

    def respond(self, request: web.Request, error: Exception) -> web.Response:
        """Give the response for `error`; a plain 500 when the application's own part of it fails.

        That part is a function of the map, the formatter, a member or a header that cannot be sent.
        """
        try:
            if isinstance(error, APIException):
                response, status = self.write(request, error), error.status_code
            elif isinstance(error, web.HTTPException):
                response = self._answer_of_aiohttp(request, error)
                status = response.status
            else:
                exception = api_exception_of(request, error, self.known)
                response, status = self.write(request, exception), exception.status_code
            if status >= InternalServerError.status_code or self.logger.isEnabledFor(logging.DEBUG):
                self._log(request, status, error)
            return response
        except Exception as failure:
            internal = InternalServerError()
            self._log(request, internal.status_code, failure)
            return problem_response(encoded_problem(problem_for(request, internal)), internal)

    def _answer_of_aiohttp(self, request: web.Request, error: web.HTTPException) -> web.Response:
        if _is_complete(error):
            return fresh_response(error)
        response = self.write(request, api_exception_of(request, error, self.known))
        carry_over(error, response)
        return response

    def _log(self, request: web.Request, status: int, error: Exception) -> None:
        failed = status >= InternalServerError.status_code
        is_answer = isinstance(error, (APIException, web.HTTPException))
        has_crashed = (failed or not is_answer) and not _is_refused_for_now(error)
        level = logging.ERROR if failed else logging.DEBUG
        with contextlib.suppress(Exception):  # a filter that fails must not change the answer
            self.logger.log(
                level,
                "%s %s: %s (request %s)",
                request.method,
                _template(request),
                status,
                current_request_id() or "-",
                exc_info=error if has_crashed else None,
            )


def _is_refused_for_now(error: Exception) -> bool:
    """Tell a 503 that a program raises by itself, such as when too many ask: it says all, and at once.

    Of hundreds in a second the tracebacks would take longer than the work that is saved.
    """
    causes = (error.__cause__, error.__context__)
    return isinstance(error, ServiceUnavailable) and causes == (None, None)


def _is_complete(error: web.HTTPException) -> bool:
    """Tell the answers that stay as they are: redirects, successes, and bodies in JSON."""
    media_type = error.content_type
    return (
        200 <= error.status < 400
        or media_type == "application/json"
        or media_type.endswith("+json")
    )


def _template(request: web.Request) -> str:
    """Give the path with its variables unfilled, `/artist/{id}/`, or as it is where none matched."""
    resource = request.match_info.route.resource
    return request.rel_url.raw_path if resource is None else resource.canonical
