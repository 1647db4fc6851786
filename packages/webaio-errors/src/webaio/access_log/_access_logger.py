import contextlib
import logging

from aiohttp import web_log
from aiohttp.abc import AbstractAccessLogger
from aiohttp.web_request import BaseRequest
from aiohttp.web_response import StreamResponse

from webaio.middlewares import current_request_id

from ._record import RecordMaker
from ._text import address, local_time, one_line

_STANDARD_FORMAT = web_log.AccessLogger.LOG_FORMAT


class AccessLogger(AbstractAccessLogger):
    r"""Writes one line for each request that aiohttp has answered, at the level INFO.

        web.run_app(app, access_log_class=AccessLogger)

    `web.AppRunner` takes the same argument. A line is

        127.0.0.1 [25/Nov/2026:21:34:18 +0000] "GET /artist/?page=2 HTTP/1.1" 200 123 512 3f2a

    the client's address, the local time at which the request began, its first line as the client
    sent it, the status, the bytes that were sent, head included, the microseconds that it took, and
    the id that `request_id_middleware` gave it. `-` stands for what is not known. Control
    characters, quotes, backslashes and what is not ASCII are written as `\x22`, byte by byte, so
    that nothing a client sends breaks a line or makes a second one.

    The log record has the parts as attributes, for formatters that write JSON: `remote_address`,
    `first_request_line`, `response_status`, `response_size`, `request_time_micro`, as aiohttp names
    them, and `request_id`. The numbers are of type `int`.

    With an `access_log_format` of your own, aiohttp's own logger writes the line in its place.
    Whatever fails while it logs is itself logged, and never reaches the server.
    """

    def __init__(self, logger: logging.Logger, log_format: str = _STANDARD_FORMAT) -> None:
        super().__init__(logger, log_format)
        self._records = RecordMaker(logger)
        # It cannot be refused: aiohttp makes a logger for each connection, and none at the start.
        self._formatting = (
            None if log_format == _STANDARD_FORMAT else web_log.AccessLogger(logger, log_format)
        )

    @property
    def enabled(self) -> bool:
        """Tell whether the logger takes records of the level INFO at all."""
        return self.logger.isEnabledFor(logging.INFO)

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        """Write the line of a request that took `time` seconds."""
        # aiohttp asks `enabled` only when a connection begins.
        if not self.logger.isEnabledFor(logging.INFO):
            return
        try:
            if self._formatting is None:
                self.logger.handle(self._record(request, response, time))
            else:
                self._formatting.log(request, response, time)
        except Exception:
            with contextlib.suppress(Exception):  # a filter that fails does so again
                self.logger.exception("Error in logging")

    def _record(
        self, request: BaseRequest, response: StreamResponse, time: float
    ) -> logging.LogRecord:
        record = self._records.make()
        major, minor = request.version
        what = one_line(f"{request.method} {request.raw_path} HTTP/{major}.{minor}")
        began = local_time(int(record.created - time))
        parts = record.__dict__
        parts["remote_address"] = remote = address(request.remote)
        parts["first_request_line"] = what
        parts["response_status"] = status = response.status
        parts["response_size"] = size = response.body_length
        parts["request_time_micro"] = micro = int(time * 1_000_000)
        parts["request_id"] = request_id = current_request_id() or "-"
        parts["msg"] = f'{remote} [{began}] "{what}" {status} {size} {micro} {request_id}'
        return record
