"""What the connection tells when an error comes: whether an answer is still possible."""

from typing import Final, NoReturn

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import StreamWriter

_OF_CONNECTIONS: Final = (ConnectionError, ExceptionGroup)


def is_client_gone(request: web.Request, error: Exception) -> bool:
    """Tell whether an error is no more than that the client went away."""
    if not isinstance(error, _OF_CONNECTIONS):
        return False
    if isinstance(error, ExceptionGroup):
        _, others = error.split(ConnectionError)
        if others is not None:
            return False
    return request.transport is None or request.transport.is_closing()


def has_begun(request: web.Request) -> bool:
    """Tell whether a response was prepared; its head may still be held back in the writer."""
    writer = request.writer
    if isinstance(writer, StreamWriter):
        return writer.output_size > 0 or writer.chunked or writer.length is not None
    return isinstance(writer, AbstractStreamWriter) and writer.output_size > 0


def cut(request: web.Request, error: Exception) -> NoReturn:
    """Raise `error` where a response has begun, into which an answer would be written.

    aiohttp then cuts the connection. One on which nothing was sent yet is closed here.
    """
    if request.writer.output_size == 0 and request.transport is not None:
        request.transport.close()
    # The first aiohttp would send, and the second log without a word of what it is.
    is_mistaken = isinstance(error, (web.HTTPException, TimeoutError))
    if is_mistaken:
        raise RuntimeError(f"a {type(error).__name__} after the response began") from error
    raise error
