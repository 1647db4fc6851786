from ._api_exception import APIException
from ._retry_later import RetryLater


class InternalServerError(APIException):
    status_code = 500
    detail = "A server error occurred."


class OperationNotImplemented(APIException):
    status_code = 501
    code = "not_implemented"
    detail = "This is not implemented."


class BadGateway(APIException):
    status_code = 502
    detail = "A server behind this one gave no valid answer."


class ServiceUnavailable(RetryLater):
    status_code = 503
    detail = "The service is not available now."


class GatewayTimeout(APIException):
    status_code = 504
    detail = "A server behind this one did not answer in time."
