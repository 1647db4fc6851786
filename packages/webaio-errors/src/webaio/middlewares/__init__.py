"""Middlewares: `api_exception_handler` answers every error as a problem (RFC 9457).

app = web.Application(middlewares=[request_id_middleware, api_exception_handler])
"""

from ._exception_handler import api_exception_handler, exception_handler
from ._handle_exceptions import answer_exception, handle_exceptions
from ._request_id import (
    RequestIDFilter,
    add_request_id_header,
    current_request_id,
    request_id_middleware,
)

__all__ = [
    "RequestIDFilter",
    "add_request_id_header",
    "answer_exception",
    "api_exception_handler",
    "current_request_id",
    "exception_handler",
    "handle_exceptions",
    "request_id_middleware",
]
