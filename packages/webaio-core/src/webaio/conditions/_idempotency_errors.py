from types import MappingProxyType
from typing import Final

from webaio.exceptions import BadRequest, Conflict, Fault, ValidationError

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"


class IdempotencyKeyRequired(BadRequest):
    """400: the action needs a key."""

    code = "idempotency_key_required"
    detail = f"The request needs the header {HEADER}."


class IdempotencyKeyInvalid(BadRequest):
    """400: the key is none."""

    code = "idempotency_key_invalid"
    detail = (
        f"{HEADER} must be one text of 16 to 255 visible ASCII characters, in double quotes or "
        "bare, without commas, double quotes and backslashes in it."
    )


class IdempotencyKeyInUse(Conflict):
    """409: the first request with the key still runs."""

    code = "idempotency_key_in_use"
    detail = f"A request with this {HEADER} is running. Try again."
    headers = MappingProxyType({"Retry-After": "1"})


class IdempotencyKeyReused(ValidationError):
    """422: the key was sent with another request."""

    code = "idempotency_key_reused"
    detail = f"This {HEADER} was sent with another request."
    errors = (Fault(f"/{HEADER}", "reused", "Sent with another request", "header"),)
