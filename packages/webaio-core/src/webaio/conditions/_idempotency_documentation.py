"""What the API's document says of an action that is done once for each key."""

from typing import Any, Final

from webaio.exceptions import ServiceUnavailable
from webaio.parameters import Documentation
from webaio.parameters._openapi import parameter_object

from ._idempotency_errors import HEADER, REPLAYED, IdempotencyKeyInUse
from ._idempotency_key import PATTERN
from ._idempotent import Idempotent

_KEY: Final = {
    "type": "string",
    "pattern": PATTERN,
    "description": "A text of your own for this request, such as a UUID. Repeat the request with "
    "it, and nothing is done again: you get the answer of the first, or 409 while that runs. Another "
    "request with it is a 422.",
}
REPLAYED_HEADER: Final[dict[str, Any]] = {
    REPLAYED: {
        "description": "The answer is that of an earlier request with the same key.",
        "schema": {"type": "string", "const": "true"},
    }
}


def documentation_of(idempotent: Idempotent) -> Documentation:
    """Describe the header, and the errors that it may end with."""
    key = parameter_object(HEADER, "header", _KEY, is_required=idempotent.required)
    return Documentation((key,), errors=(400, IdempotencyKeyInUse, 413, 422, ServiceUnavailable))
