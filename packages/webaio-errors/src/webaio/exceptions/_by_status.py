import functools
from typing import Final

from . import _client_errors as client
from . import _server_errors as server
from ._api_exception import APIException

_COMMON: Final = (
    client.BadRequest,
    client.Unauthorized,
    client.PermissionDenied,
    client.NotFound,
    client.MethodNotAllowed,
    client.NotAcceptable,
    client.RequestTimeout,
    client.Conflict,
    client.Gone,
    client.PreconditionFailed,
    client.ContentTooLarge,
    client.UnsupportedMediaType,
    client.UnprocessableContent,
    client.Locked,
    client.PreconditionRequired,
    client.Throttled,
    server.InternalServerError,
    server.OperationNotImplemented,
    server.BadGateway,
    server.ServiceUnavailable,
    server.GatewayTimeout,
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
