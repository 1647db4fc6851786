"""The words of an operation, each checked where it is written."""

import inspect
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn

from aiohttp import web
from aiohttp.typedefs import Handler

from webaio.exceptions import APIException, ImproperlyConfigured

from ._callable import called, signature

Error = int | type[APIException] | type[web.HTTPException]
"""An HTTP status, or the class of an exception that has one."""
Middleware = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
"""A middleware as aiohttp has it."""

TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""The name of a header (RFC 9110, 5.1), or a cookie (RFC 6265, 4.1.1)."""
OF_THE_BODY: Final = frozenset(["content-length", "content-type", "transfer-encoding"])


def checked_status(status: int | None) -> int | None:
    """Keep the status of a success."""
    if status is not None and not _is_whole(status, 200, 299):
        _refuse(
            f"status={status!r} is not that of a success",
            "Use one from 200 to 299, and return a web.Response for another",
        )
    return status


def checked_errors(errors: Iterable[Error] | None) -> tuple[Error, ...] | None:
    """Keep errors that have a status."""
    if errors is None:
        return None
    if not isinstance(errors, Iterable):
        _refuse(f"errors={errors!r} is one error", f"Write errors=[{errors!r}]")
    found = tuple(errors)
    for each in found:
        status: object = each
        if isinstance(each, type) and issubclass(each, (APIException, web.HTTPException)):
            status = each.status_code
        if not _is_whole(status, 400, 599):
            _refuse(
                f"errors= has {each!r}, which has no error's status",
                "Use statuses from 400 to 599, subclasses of APIException, or those of aiohttp",
            )
    return found


def checked_summary(summary: str | None) -> str | None:
    """Keep a sentence."""
    if summary is not None and not isinstance(summary, str):
        _refuse(f"summary={summary!r} is no text", "Write a sentence")
    return summary


def checked_size(size: int | None) -> int | None:
    """Keep a number of bytes."""
    if size is not None and not _is_whole(size, 1, sys.maxsize):
        _refuse(f"client_max_size={size!r} is no number of bytes", "Use a whole number above 0")
    return size


def checked_security(
    security: Iterable[str] | None, where: str = "@operation"
) -> tuple[str, ...] | None:
    """Keep the names of security schemes."""
    if security is None:
        return None
    found = () if isinstance(security, str) else tuple(security)
    if isinstance(security, str) or not all(isinstance(each, str) for each in found):
        _refuse(f"security={security!r} is no list of names", "Write such as ['token']", where)
    return found


def checked_headers(headers: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Keep the types of headers, by names that a response can have."""
    if headers is None:
        return None
    if not isinstance(headers, Mapping):
        _refuse(f"headers={headers!r} is no dict", "Write such as {'X-Total': int}")
    lower = [name.lower() for name in headers if isinstance(name, str)]
    for name in headers:
        if not isinstance(name, str) or not TOKEN.fullmatch(name):
            _refuse(f"headers= has {name!r}, which no header can be named", "Use a token")
        if lower.count(name.lower()) > 1:
            _refuse(f"headers= has {name!r} twice, in two spellings", "Keep one of them")
        if name.lower() in OF_THE_BODY:
            _refuse(f"headers= has {name!r}, which follows from the body", "Take it out")
    return dict(headers)


def checked_middlewares(
    middlewares: Sequence[Middleware] | None, where: str = "@operation"
) -> tuple[Middleware, ...] | None:
    """Keep middlewares that can be called as aiohttp does, by the request and `handler=`."""
    if middlewares is None:
        return None
    if not isinstance(middlewares, (list, tuple)):
        _refuse(f"middlewares={middlewares!r} is no list", "Write such as [guard]", where)
    found = tuple(middlewares)
    for each in found:
        if not _is_middleware(each):
            _refuse(
                f"middlewares= has {each!r}, which is no middleware",
                "Write `async def middleware(request, handler)`",
                where,
            )
    return found


def _is_middleware(function: object) -> bool:
    if not callable(function) or not inspect.iscoroutinefunction(called(function)):
        return False
    try:
        signature(function).bind(None, handler=None)
    except TypeError:
        return False
    return True


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _refuse(what: str, fix: str, where: str = "@operation") -> NoReturn:
    raise ImproperlyConfigured(where, what, fix)
