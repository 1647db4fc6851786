import inspect
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web
from multidict import CIMultiDict

from webaio.exceptions import APIException, InternalServerError, ParseError, exception_of_status
from webaio.exceptions._api_exception import merged

from ._parse_error import parse_error_of

ExceptionMap = Mapping[type[Exception], type[APIException] | Callable[[Exception], APIException]]

_OF_THE_BODY: Final = (
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "ETag",
    "Last-Modified",
    "Transfer-Encoding",
)


def require_exception_map(known: ExceptionMap) -> ExceptionMap:
    """Refuse, with a `TypeError`, a map that could not work, or that would never be asked.

    Give it with what holds in any application: a body that is broken on its way is the client's.
    """
    for foreign, target in known.items():
        if not isinstance(foreign, type) or not issubclass(foreign, Exception):
            raise TypeError(f"map: the key {foreign!r} is not an exception class.")
        if issubclass(foreign, (APIException, web.HTTPException)):
            raise TypeError(f"map: {foreign.__qualname__} is an answer already. Take it out.")
        if not _is_maker(target):
            raise TypeError(
                f"map: {foreign.__qualname__} leads to {target!r}. Give a subclass of "
                "APIException that needs no arguments, or a function (not async) that makes one."
            )
    return {web.RequestPayloadError: ParseError, **known}


def _is_maker(target: object) -> bool:
    if not isinstance(target, type):
        return callable(target) and not inspect.iscoroutinefunction(target)
    try:
        return isinstance(target(), APIException)
    except TypeError:
        return False


def api_exception_of(request: web.Request, error: Exception, known: ExceptionMap) -> APIException:
    """Give the exception of the API that answers `error`; what nobody knows is a plain 500.

    `known` is searched along the MRO of the error's class, before a broken body is looked for. An
    error is never changed.
    """
    if isinstance(error, APIException):
        return error
    if isinstance(error, web.HTTPException):
        return _of_http_exception(error)
    for ancestor in type(error).__mro__:
        if ancestor in known:
            return _made(known[ancestor], error)
    return parse_error_of(request, error) or InternalServerError()


def _made(
    target: type[APIException] | Callable[[Exception], APIException], error: Exception
) -> APIException:
    made = target() if isinstance(target, type) else target(error)
    if not isinstance(made, APIException):
        raise TypeError(f"map: {target!r} gave {type(made).__qualname__}, not an APIException.")
    return made


def _of_http_exception(error: web.HTTPException) -> APIException:
    exception = exception_of_status(error.status)(_detail(error))
    exception.headers = merged(exception.headers, headers_beside_the_body(error.headers))
    return exception


def headers_beside_the_body(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Copy headers, without those that describe a body which will not be sent."""
    kept = CIMultiDict(headers)
    for name in _OF_THE_BODY:
        kept.popall(name, None)
    return kept


def _detail(error: web.HTTPException) -> str | None:
    """Give the text or the reason that a programmer wrote; None where it is aiohttp's standard.

    A 500 tells nothing.
    """
    if error.status == InternalServerError.status_code:
        return None
    if error.content_type == "text/plain" and error.text != f"{error.status}: {error.reason}":
        return error.text or None
    standard = web.Response(status=error.status).reason
    return error.reason if error.reason != standard else None
