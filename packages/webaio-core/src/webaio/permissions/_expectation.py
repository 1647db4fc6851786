"""`Expect: 100-continue`: who may not is told so before the body is sent (RFC 9110, 10.1.1)."""

from typing import Final

from aiohttp import HttpVersion11, hdrs, web

from webaio.middlewares._handle_exceptions import stands_alone
from webaio.parameters._request_key import request_key

_WAITS: Final = request_key("webaio_waits", bool)


async def expect(request: web.Request) -> None:
    """Leave it to the guard to let a client send its body, where nothing before it reads one.

    A middleware of another kind may do so: then the client is let at once, as by aiohttp. Raises
    what aiohttp does for an expectation that is another.
    """
    if request.version < HttpVersion11:
        return
    expectation = request.headers[hdrs.EXPECT]
    if expectation.lower() != "100-continue":
        raise web.HTTPExpectationFailed(text=f"Unknown Expect: {expectation}")
    request[_WAITS] = True
    if not stands_alone(request):
        let_send(request)


def let_send(request: web.Request) -> None:
    """Let a client that still waits send its body."""
    if request.pop(_WAITS, False) and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
