from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar

from ._api_exception import APIException, merged
from ._deprecated import faults_given_by_name, faults_given_first, warn_of
from ._fault import Fault, faults_in, members_of
from ._retry_later import RetryLater


class BadRequest(APIException):
    """400: the request cannot be understood."""

    status_code = 400
    detail = "The request cannot be understood."


class ParseError(BadRequest, ValueError):
    """400: the body of the request is malformed."""

    code = "parse_error"
    detail = "Malformed request."


class Unauthorized(APIException):
    """401, with the header `WWW-Authenticate` that it needs (RFC 9110, 11.6.1).

    `challenge` says how to authenticate; a subclass or an instance may set another.

    >>> Unauthorized(challenge='Basic realm="api"').headers["WWW-Authenticate"]
    'Basic realm="api"'
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
    """401: the request has no credentials."""

    code = "not_authenticated"
    detail = "Authentication credentials were not provided."


class AuthenticationFailed(Unauthorized):
    """401: the credentials of the request are wrong."""

    code = "authentication_failed"
    detail = "Incorrect authentication credentials."


class PermissionDenied(APIException):
    """403: who asks may not do this."""

    status_code = 403
    code = "permission_denied"
    detail = "You do not have permission to perform this action."


class NotFound(APIException):
    """404: there is nothing here."""

    status_code = 404
    detail = "Not found."


class MethodNotAllowed(APIException):
    """405; `allowed` are the methods for the header `Allow` (RFC 9110, 15.5.6).

    >>> MethodNotAllowed(allowed=["GET", "POST"]).headers["Allow"]
    'GET,POST'
    """

    status_code = 405
    detail = "The method is not allowed here."

    def __init__(
        self,
        detail: str | None = None,
        *,
        allowed: str | Iterable[str] = (),
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail, code=code, headers=headers, **members)
        methods = [allowed] if isinstance(allowed, str) else sorted(allowed)
        self.headers = merged({"Allow": ",".join(methods)}, self.headers)


class NotAcceptable(APIException):
    """406: no representation fits the Accept header."""

    status_code = 406
    detail = "No representation fits the Accept header of the request."


class RequestTimeout(APIException):
    """408: the request did not arrive in time."""

    status_code = 408
    detail = "The request did not arrive in time."


class Conflict(APIException):
    """409: the request conflicts with the state of the resource."""

    status_code = 409
    detail = "The request conflicts with the present state of the resource."


class Gone(APIException):
    """410: it was here, and never will be again."""

    status_code = 410
    detail = "It is no longer here."


class PreconditionFailed(APIException):
    """412: a condition such as If-Match does not hold."""

    status_code = 412
    detail = "A condition in the request's headers does not hold."


class ContentTooLarge(APIException):
    """413: the body is larger than the server takes."""

    status_code = 413
    detail = "The request's content is too large."


class UnsupportedMediaType(APIException):
    """415: the body is of a type that the server does not take."""

    status_code = 415
    detail = "The media type of the request is not supported."


class UnprocessableContent(APIException):
    """422: the body is well-formed, and cannot be processed."""

    status_code = 422
    detail = "The request's content cannot be processed."


class ValidationError(UnprocessableContent, ValueError):
    """422: values break their schema; `errors` says each place, as a `Fault`.

        raise ValidationError(errors=[Fault("/name", "taken", "Another artist has this name")])

    A member of `errors` that is no `Fault` goes out as it is, and so do `errors` that are a mapping
    or a text. The other arguments are those of `APIException`. Raises `TypeError` for `errors` that
    cannot be iterated.
    """

    code = "invalid"
    detail = "Invalid input."
    errors: Collection[Any] = ()

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Iterable[Any] | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        if detail is not None and (faults := faults_given_first(detail)) is not None:
            detail, errors = None, faults
        if members and (faults := faults_given_by_name(members)) is not None:
            errors = faults
        # With nothing but faults, as nearly always, there is nothing for it to do.
        if detail is not None or code is not None or headers is not None or members or self.args:
            super().__init__(detail, code=code, headers=headers, **members)
        if type(errors) is list:  # the rest takes long
            self.errors = tuple(errors)
        elif errors is not None:
            self.errors = _members(type(self).__qualname__, errors)

    def __str__(self) -> str:
        faults = faults_in(self.errors)
        told = (f"{each.pointer or 'the value'}: {each.detail}" for each in faults)
        return "; ".join(told) or super().__str__()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults among `errors`, as `webaio.schemas.Invalid` had them; deprecated."""
        warn_of("ValidationError.faults", "ValidationError.errors")
        return faults_in(self.errors)

    @faults.setter
    def faults(self, faults: Iterable[Fault]) -> None:
        warn_of("ValidationError.faults", "ValidationError.errors")
        self.errors = tuple(faults)

    def problem(self) -> dict[str, Any]:
        """Give the problem with every fault; one whose source is not said has no `in` yet."""
        problem = super().problem()
        return {**problem, "errors": members_of(self.errors)} if self.errors else problem


def _members(name: str, errors: Any) -> Collection[Any]:
    if not isinstance(errors, Iterable):
        raise TypeError(
            f"{name}: errors={errors!r} cannot be iterated. "
            "Give a list of faults, such as errors=[Fault(…)]."
        )
    return errors if isinstance(errors, (str, Mapping)) else tuple(errors)


class Locked(APIException):
    """423: the resource is locked (RFC 4918)."""

    status_code = 423
    detail = "The resource is locked."


class PreconditionRequired(APIException):
    """428: the request needs a condition such as If-Match (RFC 6585)."""

    status_code = 428
    detail = "The request needs a condition, such as If-Match."


class Throttled(RetryLater):
    """429: too many requests; `retry_after` seconds say when to come back (RFC 6585).

    Raises `ValueError` for a `retry_after` that is negative or not finite.
    """

    status_code = 429
    code = "throttled"
    detail = "Too many requests."
