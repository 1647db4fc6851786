from ._api_exception import APIException
from ._retry_later import RetryLater


class InternalServerError(APIException):
    """500: the server failed."""

    code = "internal_server_error"


class OperationNotImplemented(APIException):
    """501: the server cannot do this yet."""

    status_code = 501
    code = "not_implemented"
    detail = "This is not implemented."


class BadGateway(APIException):
    """502: a server behind this one gave no valid answer."""

    status_code = 502
    detail = "A server behind this one gave no valid answer."


class ServiceUnavailable(RetryLater):
    """503: not now; `retry_after` seconds say when to come back.

    Raises `ValueError` for a `retry_after` that is negative or not finite.
    """

    status_code = 503
    detail = "The service is not available now."


class GatewayTimeout(APIException):
    """504: a server behind this one did not answer in time."""

    status_code = 504
    detail = "A server behind this one did not answer in time."
