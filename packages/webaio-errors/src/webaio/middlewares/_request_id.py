import logging
import random
import re
from contextvars import ContextVar
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from webaio.responses import JSONResponse

HEADER: Final = "X-Request-ID"
_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}")
_request_id: ContextVar[str | None] = ContextVar("webaio_request_id", default=None)


def current_request_id() -> str | None:
    """Give the id of the request that is being served, or None outside `request_id_middleware`."""
    return _request_id.get()


@web.middleware
async def request_id_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give each request an id, and answer with it in the header `X-Request-ID`.

    The id is the client's own, where it sends one of 1 to 128 letters, digits and `._~:/+=@-`;
    otherwise a new one. `current_request_id` gives it everywhere in the request, problems carry it
    as `request_id`, and `RequestIDFilter` puts it into log records.

    A response that has begun in the handler (a stream, a WebSocket) goes without the header, and so
    does an exception of aiohttp that no error middleware answers: `add_request_id_header` mends it.
    """
    given = request.headers.get(HEADER, "")
    request_id = (
        given if given and _WELL_FORMED.fullmatch(given) else f"{random.getrandbits(128):032x}"
    )
    # It is not reset: aiohttp writes the access log after the last middleware, and each request
    # has a context of its own.
    _request_id.set(request_id)
    response = await handler(request)
    if isinstance(response, JSONResponse):
        response.set_plain_header(HEADER, request_id)
    elif isinstance(response, web.StreamResponse):
        response.headers[HEADER] = request_id
    return response


async def add_request_id_header(request: web.Request, response: web.StreamResponse) -> None:
    """Give every response the header, as a signal: streams, WebSockets and bare HTTP exceptions too.

    app.on_response_prepare.append(add_request_id_header)
    """
    if request_id := _request_id.get():
        response.headers[HEADER] = request_id


class RequestIDFilter(logging.Filter):
    """Puts the request's id into each log record that passes, as `record.request_id`; else `-`.

    Add it to a handler, so that it sees the records of all loggers:

        handler.addFilter(RequestIDFilter())
        handler.setFormatter(logging.Formatter("%(request_id)s %(levelname)s %(message)s"))
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _request_id.get() or "-"
        return True
