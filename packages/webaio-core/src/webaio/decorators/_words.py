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

Requirement = str | Mapping[str, Iterable[str]]
"""What is needed together: the name of one scheme, or names with the scopes of each; `{}` nothing."""

TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""The name of a header (RFC 9110, 5.1), or a cookie (RFC 6265, 4.1.1)."""
MEDIA_TYPE: Final = re.compile(rf"{TOKEN.pattern}/{TOKEN.pattern}(\s*;.*)?")
"""A media type, a range of them or with parameters, as a key of OpenAPI's `content`."""
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
    security: Iterable[Requirement] | None, where: str = "@operation"
) -> tuple[Mapping[str, list[str]], ...] | None:
    """Keep what is needed, any one of the list, as OpenAPI's Security Requirement Objects."""
    if security is None:
        return None
    if isinstance(security, (str, Mapping)) or not isinstance(security, Iterable):
        _refuse_security(security, where)
    found = tuple({each: []} if isinstance(each, str) else each for each in security)
    for each in found:
        if not isinstance(each, Mapping) or None in map(_texts_in, ([*each], *each.values())):
            _refuse_security(security, where)
    return tuple({name: [*scopes] for name, scopes in each.items()} for each in found)


def _refuse_security(security: object, where: str) -> NoReturn:
    fix = "Write such as ['token'], [{'oauth': ['artists:read']}] or [{}, 'token']"
    _refuse(f"security={security!r} is no list of names", fix, where)


def checked_tags(tags: Iterable[str] | None) -> tuple[str, ...] | None:
    """Keep the names of tags."""
    if tags is None:
        return None
    found = _texts_in(tags)
    if found is None:
        _refuse(f"tags={tags!r} is no list of names", "Write such as ['Artists']")
    return found


def checked_media_types(word: str, media_types: Iterable[str] | None) -> tuple[str, ...] | None:
    """Keep media types."""
    if media_types is None:
        return None
    found = _texts_in(media_types)
    if not found or not all(map(MEDIA_TYPE.fullmatch, found)):
        _refuse(f"{word}={media_types!r} is no list of media types", "Write such as ['image/png']")
    return found


def _texts_in(values: object) -> tuple[str, ...] | None:
    """Give the texts of a list; None for anything else, such as one text."""
    if isinstance(values, (str, Mapping)) or not isinstance(values, Iterable):
        return None
    found = tuple(values)
    return found if all(isinstance(each, str) for each in found) else None


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
