import functools
from typing import Final

from ._api_exception import APIException
from ._client_errors import (
    BadRequest,
    Conflict,
    ContentTooLarge,
    Gone,
    Locked,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    PermissionDenied,
    PreconditionFailed,
    PreconditionRequired,
    RequestTimeout,
    Throttled,
    Unauthorized,
    UnprocessableContent,
    UnsupportedMediaType,
)
from ._server_errors import (
    BadGateway,
    GatewayTimeout,
    InternalServerError,
    OperationNotImplemented,
    ServiceUnavailable,
)

_COMMON: Final = (
    BadRequest,
    Unauthorized,
    PermissionDenied,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    RequestTimeout,
    Conflict,
    Gone,
    PreconditionFailed,
    ContentTooLarge,
    UnsupportedMediaType,
    UnprocessableContent,
    Locked,
    PreconditionRequired,
    Throttled,
    InternalServerError,
    OperationNotImplemented,
    BadGateway,
    ServiceUnavailable,
    GatewayTimeout,
)
_BY_STATUS: Final = {exception.status_code: exception for exception in _COMMON}


@functools.cache
def exception_of_status(status: int) -> type[APIException]:
    """Give the class for an HTTP status; one is made for a status that has none in the tree.

    Raises `TypeError` for a status that is not an error's.

    >>> exception_of_status(409)().code
    'conflict'
    """
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return type(f"Error{status}", (APIException,), {"status_code": status})
