"""Exceptions that are answers: raise one in a handler, and the middleware sends its problem.

APIException                      500
├── BadRequest                    400
│   └── ParseError                400
├── Unauthorized                  401
│   ├── NotAuthenticated          401
│   └── AuthenticationFailed      401
├── PermissionDenied              403
├── NotFound                      404
├── MethodNotAllowed              405
├── NotAcceptable                 406
├── RequestTimeout                408
├── Conflict                      409
├── Gone                          410
├── PreconditionFailed            412
├── ContentTooLarge               413
├── UnsupportedMediaType          415
├── UnprocessableContent          422
│   └── ValidationError           422
├── Locked                        423
├── PreconditionRequired          428
├── Throttled                     429
├── InternalServerError           500
├── OperationNotImplemented       501
├── BadGateway                    502
├── ServiceUnavailable            503
└── GatewayTimeout                504

`ValidationError` carries a `Fault` for each place that is wrong. `ImproperlyConfigured` is no
answer: it is raised at the start, for what a programmer has declared and cannot work.
"""

from ._api_exception import APIException
from ._by_status import exception_of_status
from ._client_errors import (
    AuthenticationFailed,
    BadRequest,
    Conflict,
    ContentTooLarge,
    Gone,
    Locked,
    MethodNotAllowed,
    NotAcceptable,
    NotAuthenticated,
    NotFound,
    ParseError,
    PermissionDenied,
    PreconditionFailed,
    PreconditionRequired,
    RequestTimeout,
    Throttled,
    Unauthorized,
    UnprocessableContent,
    UnsupportedMediaType,
    ValidationError,
)
from ._fault import Fault, pointer
from ._improperly_configured import ImproperlyConfigured
from ._server_errors import (
    BadGateway,
    GatewayTimeout,
    InternalServerError,
    OperationNotImplemented,
    ServiceUnavailable,
)

__all__ = [
    "APIException",
    "AuthenticationFailed",
    "BadGateway",
    "BadRequest",
    "Conflict",
    "ContentTooLarge",
    "Fault",
    "GatewayTimeout",
    "Gone",
    "ImproperlyConfigured",
    "InternalServerError",
    "Locked",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotAuthenticated",
    "NotFound",
    "OperationNotImplemented",
    "ParseError",
    "PermissionDenied",
    "PreconditionFailed",
    "PreconditionRequired",
    "RequestTimeout",
    "ServiceUnavailable",
    "Throttled",
    "Unauthorized",
    "UnprocessableContent",
    "UnsupportedMediaType",
    "ValidationError",
    "exception_of_status",
    "pointer",
]
