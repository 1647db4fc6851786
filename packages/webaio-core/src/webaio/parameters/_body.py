import functools
from collections.abc import Awaitable, Callable
from email.message import Message
from typing import Any, Final

from aiohttp import hdrs, web

from webaio.schemas import Malformed

from ._parameter import Parameter
from ._problem import malformed, too_large, unsupported_media_type

_CHARSETS: Final = frozenset({None, "utf-8", "utf8", "us-ascii"})
_BROKEN: Final = "The request's content is broken or ends too early."


def body_reader_of(
    parameter: Parameter, client_max_size: int | None
) -> Callable[[web.Request], Awaitable[Any]]:
    """Make the coroutine function that reads the body of an action.

    It raises the answers 400, 413 and 415, and `Invalid` for a body that breaks its schema.
    `client_max_size` is the action's own limit in bytes; None leaves the application's.
    """
    decode = parameter.schema.decode

    async def read(request: web.Request) -> Any:
        if not request.body_exists and not parameter.is_required:
            return parameter.fallback()
        if request.body_exists:
            _require_json(request)
        body = await _content(request, client_max_size)
        if not body and not parameter.is_required:
            return parameter.fallback()
        try:
            return decode(body)
        except Malformed as error:
            raise malformed(request, str(error)) from None

    return read


def _require_json(request: web.Request) -> None:
    """Refuse another media type, and another charset."""
    media_type, charset = _media_type(request.headers.get(hdrs.CONTENT_TYPE, ""))
    is_json = media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
    if not is_json:
        raise unsupported_media_type(request)
    if charset not in _CHARSETS:
        raise malformed(request, "The charset of JSON is UTF-8 (RFC 8259).")


@functools.lru_cache(maxsize=256)
def _media_type(written: str) -> tuple[str, str | None]:
    """Parse a Content-Type (RFC 9110, 8.3) into media type and charset, both in lower case."""
    message = Message()
    message[hdrs.CONTENT_TYPE] = written
    charset = message.get_param("charset")
    if isinstance(charset, tuple):  # charset*=utf-8''utf-8 (RFC 2231)
        charset = charset[-1]
    return message.get_content_type(), charset.lower() if charset else None


async def _content(request: web.Request, client_max_size: int | None) -> bytes:
    limit = request.client_max_size if client_max_size is None else client_max_size
    if limit and request.content_length is not None and request.content_length > limit:
        raise too_large(request, limit)
    try:
        body = await _limited(request, limit).read()
    except web.HTTPRequestEntityTooLarge:
        raise too_large(request, limit) from None
    except (web.RequestPayloadError, ConnectionError):
        raise malformed(request, _BROKEN) from None
    if limit and len(body) > limit:
        raise too_large(request, limit)
    return body


def _limited(request: web.Request, limit: int) -> web.Request:
    """Give a request that reads no more than the limit: itself, so that others can read it again.

    Only where its own limit is another, and the length is not known to fit both, is it a clone; and
    then no other reads the body. What a middleware has read cannot be cloned, and need not.
    """
    own = request.client_max_size
    length = None if hdrs.CONTENT_ENCODING in request.headers else request.content_length
    if own == limit or (length is not None and length <= limit and (not own or length <= own)):
        return request
    try:
        return request.clone(client_max_size=limit)
    except RuntimeError:
        return request
