"""From a handshake to the end of a talk."""

from __future__ import annotations  # of functions that are made for each action

import asyncio
import functools
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import HttpVersion11, WSCloseCode, hdrs, web

from webaio.exceptions import APIException, ParseError, ServiceUnavailable, UnsupportedMediaType
from webaio.middlewares._connection import is_client_gone
from webaio.middlewares._handle_exceptions import log_exception
from webaio.parameters import Parameter
from webaio.parameters._schemas import schema_for
from webaio.results._stream import After
from webaio.results._writing import encoder_of, writer_of
from webaio.streams._streams import streams_of

from ._socket import Socket, gone
from ._source import TALK, UpgradeRequired, types_of

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HEARTBEAT: Final = 30.0
"""Seconds between two pings; a client that answers none is taken for gone."""
_LOOK: Final = 5.0
"""Seconds after which an action that neither ends nor receives is ended, its client having gone."""


def talking(serve: Serve, parameter: Parameter, max_size: int | None, *, check: bool) -> Serve:
    """Make the coroutine function that closes what `serve` talks over, with what it came to.

    `max_size` are the most bytes of a message, None those that the application takes; with `check`
    each message is compared with its declared type. It raises what is raised before the handshake.

    Raises `ImproperlyConfigured` for types that no JSON can hold.
    """
    come, go = types_of(parameter)
    decode = schema_for(come, f"{parameter.where}, what comes").decode
    written = schema_for(go, f"{parameter.where}, what goes")
    encode = writer_of(encoder_of(written, check=check), parameter.where)

    async def talk(request: web.Request) -> web.StreamResponse:
        found = request[TALK] = Talk(request, decode, encode, max_size)
        try:
            await serve(request)
            await found.close()
        except Exception as error:
            if not found.response.prepared:
                raise
            await found.close_for(error)
        return found.response

    return talk


def talk_of(
    function: Callable[..., Awaitable[None]], name: str, *, has_after: bool
) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Make what does the handshake before a function is called, and ends that from outside.

    Its instance has a hook `after` where `has_after`: it gets the response of the handshake.
    """

    async def talk(instance: Any, /, **arguments: Any) -> web.StreamResponse:
        found: Talk = arguments[name]
        run = functools.partial(function, instance, **arguments)
        await found.run(run, instance.after if has_after else None)
        return found.response

    return talk


class Talk(Socket[Any, Any]):
    """One socket from its handshake on, and what ends it from outside.

    A timer looks at the connection: aiohttp tells that it is lost to who receives, and to nobody else.
    """

    def __init__(
        self,
        request: web.Request,
        decode: Callable[[bytes], Any],
        encode: Callable[[Any], bytes],
        max_size: int | None,
    ) -> None:
        limit = request.client_max_size if max_size is None else max_size
        self.response = web.WebSocketResponse(
            heartbeat=_HEARTBEAT,
            compress=False,
            writer_limit=sys.maxsize,  # a socket waits by itself
            max_msg_size=limit and limit + 1,  # aiohttp refuses what has as many; 0 is no limit
        )
        super().__init__(request, self.response, decode, encode)

    async def run(self, talk: Callable[[], Awaitable[None]], after: After | None) -> None:
        """Shake hands, and talk; `after` gets the response before it is sent.

        Raises `UpgradeRequired` for a request that opens no socket, `ServiceUnavailable` while the
        server stops, and `ConnectionResetError` where the talk was ended from outside.
        """
        streams = streams_of(self._request)
        streams.add(self)
        try:
            await self._open(after)
            self._look()
            try:
                await self._interruption.run(talk)
            finally:
                self._timer.cancel()
        finally:
            streams.discard(self)

    def stop(self) -> None:
        """End it, as the server stops."""
        self._interruption.end(ConnectionResetError("The server stops."))

    async def close_for(self, error: Exception) -> None:
        """Tell the client why a talk ended with an exception, as far as that is for him, and the log."""
        if error is self._interruption.error:
            await self.close(WSCloseCode.GOING_AWAY)
            return
        error = _only(error)
        if is_client_gone(self._request, error):
            return
        status = log_exception(self._request, error)
        is_for_client = isinstance(error, APIException) and status < 500
        await self.close(_code_of(error, status), str(error) if is_for_client else "")

    async def _open(self, after: After | None) -> None:
        request, response = self._request, self.response
        is_handshake = request.method == hdrs.METH_GET and request.version >= HttpVersion11
        if not (is_handshake and response.can_prepare(request)):
            raise UpgradeRequired
        if after is not None and not self._interruption.is_ended:
            await after(response)
        if self._interruption.is_ended:
            raise ServiceUnavailable("The server stops.", headers={"Connection": "close"})
        await response.prepare(request)

    def _look(self) -> None:
        """End it where its client has gone, and nothing was asked of him since the last look."""
        self._timer = asyncio.get_running_loop().call_later(_LOOK, self._look)
        if self._request.transport is None:
            if self._is_idle:
                self._interruption.end(gone())
            self._is_idle = True


def _only(error: Exception) -> Exception:
    """Give what a group of tasks ended with, where it is one exception."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _code_of(error: Exception, status: int) -> int:
    """Give the code that tells the error of a status (RFC 6455, 7.4.1)."""
    if isinstance(error, ParseError):
        return WSCloseCode.INVALID_TEXT
    if isinstance(error, UnsupportedMediaType):
        return WSCloseCode.UNSUPPORTED_DATA
    return WSCloseCode.POLICY_VIOLATION if status < 500 else WSCloseCode.INTERNAL_ERROR
