import copy
import inspect
from typing import Any, Final, Literal

from msgspec import Struct

from webaio.schemas import Schema

Source = Literal["body", "cookie", "header", "path", "query"]
"""Where a value comes from: OpenAPI's `in`, or the body."""
REQUIRED: Final = inspect.Parameter.empty


class Parameter(Struct, frozen=True):
    """One parameter of an action: where it comes from, and what it looks like there.

    `source` is OpenAPI's `in`, or `body`; `key` is the name on the wire, and empty for the body.
    `default` is `inspect.Parameter.empty` where the parameter is required.
    """

    name: str
    source: Source
    key: str
    schema: Schema
    default: Any = REQUIRED

    @property
    def is_required(self) -> bool:
        """Whether a request without it is refused."""
        return self.default is REQUIRED

    def fallback(self) -> Any:
        """Give a copy of the default, so that no request changes it for the next."""
        return copy.deepcopy(self.default)
