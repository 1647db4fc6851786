from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from ._api_exception import APIException, merged
from ._retry_later import RetryLater


class BadRequest(APIException):
    status_code = 400
    detail = "The request cannot be understood."


class ParseError(BadRequest):
    code = "parse_error"
    detail = "Malformed request."


class Unauthorized(APIException):
    """401, with the header `WWW-Authenticate` that it needs (RFC 9110, 11.6.1).

    `challenge` says how to authenticate; a subclass or an instance may set another.
    """

    status_code = 401
    detail = "Authentication is needed."
    challenge: ClassVar[str] = "Bearer"

    def __init__(
        self,
        detail: str | None = None,
        *,
        challenge: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail, code=code, headers=headers, **members)
        own = {"WWW-Authenticate": self.challenge if challenge is None else challenge}
        self.headers = merged(own, self.headers)


class NotAuthenticated(Unauthorized):
    code = "not_authenticated"
    detail = "Authentication credentials were not provided."


class AuthenticationFailed(Unauthorized):
    code = "authentication_failed"
    detail = "Incorrect authentication credentials."


class PermissionDenied(APIException):
    status_code = 403
    code = "permission_denied"
    detail = "You do not have permission to perform this action."


class NotFound(APIException):
    status_code = 404
    detail = "Not found."


class MethodNotAllowed(APIException):
    """405; `allowed` are the methods for the header `Allow` (RFC 9110, 15.5.6)."""

    status_code = 405
    detail = "The method is not allowed here."

    def __init__(
        self,
        detail: str | None = None,
        *,
        allowed: Iterable[str] = (),
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail, code=code, headers=headers, **members)
        self.headers = merged({"Allow": ",".join(sorted(allowed))}, self.headers)


class NotAcceptable(APIException):
    status_code = 406
    detail = "No representation fits the Accept header of the request."


class RequestTimeout(APIException):
    status_code = 408
    detail = "The request did not arrive in time."


class Conflict(APIException):
    status_code = 409
    detail = "The request conflicts with the present state of the resource."


class Gone(APIException):
    status_code = 410
    detail = "It is no longer here."


class PreconditionFailed(APIException):
    status_code = 412
    detail = "A condition in the request's headers does not hold."


class ContentTooLarge(APIException):
    status_code = 413
    detail = "The request's content is too large."


class UnsupportedMediaType(APIException):
    status_code = 415
    detail = "The media type of the request is not supported."


class UnprocessableContent(APIException):
    status_code = 422
    detail = "The request's content cannot be processed."


class ValidationError(UnprocessableContent):
    code = "invalid"
    detail = "Invalid input."


class Locked(APIException):
    status_code = 423
    detail = "The resource is locked."


class PreconditionRequired(APIException):
    status_code = 428
    detail = "The request needs a condition, such as If-Match."


class Throttled(RetryLater):
    status_code = 429
    code = "throttled"
    detail = "Too many requests."
