import math
from collections.abc import Mapping
from typing import Any

from ._api_exception import APIException, merged


class RetryLater(APIException):
    """The errors that pass by themselves; `retry_after` says in how many seconds.

    It becomes the header `Retry-After` (RFC 9110, 10.2.3), rounded up. Raises `ValueError` when it
    is negative or not finite.
    """

    def __init__(
        self,
        detail: str | None = None,
        *,
        retry_after: float | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail, code=code, headers=headers, **members)
        if retry_after is None:
            return
        if not math.isfinite(retry_after) or retry_after < 0:
            raise ValueError(
                f"{type(self).__qualname__}: retry_after={retry_after!r} is no time to wait. "
                "Give a number of seconds from 0 up."
            )
        self.headers = merged(self.headers, {"Retry-After": str(math.ceil(retry_after))})
