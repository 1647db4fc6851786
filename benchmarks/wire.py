"""An application without a socket: bytes in, bytes out, through aiohttp's own server."""

import asyncio
import logging
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.web_log import AccessLogger

from benchmarks.work import Work


class Wire(asyncio.Transport):
    """The transport of a connection whose client is us."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.sent = bytearray()
        self.answered = asyncio.Event()

    def write(self, data: Any) -> None:
        self.sent += data
        self.answered.set()

    def is_closing(self) -> bool:
        return False

    def close(self) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Connection:
    """A kept connection to a running application."""

    def __init__(self, runner: web.AppRunner) -> None:
        assert runner.server is not None
        self._protocol = runner.server()
        self._wire = Wire()
        self._protocol.connection_made(self._wire)

    async def ask(self, request: bytes) -> bytes:
        """Send a request, and give the bytes of the answer."""
        self._wire.sent.clear()
        self._wire.answered.clear()
        self._protocol.data_received(request)
        await self._wire.answered.wait()
        return bytes(self._wire.sent)

    async def check(self, service: str, work: Work, resource: str = "/artist") -> None:
        """Do the work once; raises `WrongAnswer` for a wrong answer."""
        head, _, body = (await self.ask(work.message(resource))).partition(b"\r\n\r\n")
        work.check(service, int(head.split()[1]), body)


async def connect(
    app: web.Application,
    access_log: logging.Logger | None = None,
    access_log_class: type[AbstractAccessLogger] = AccessLogger,
) -> Connection:
    """Start an application, without access log unless one is given, and connect to it."""
    runner = web.AppRunner(app, access_log=access_log, access_log_class=access_log_class)
    await runner.setup()
    return Connection(runner)
