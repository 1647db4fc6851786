from collections.abc import Collection
from typing import Any

from msgspec import Struct


class Identity(Struct, frozen=True):
    """Who asks: the user, by whatever credentials, and what these allow.

    `id` is the user's own, never the credential's: rates and idempotency keys are counted by it.
    `scopes` are those of the credentials.
    """

    id: str
    user: Any
    scopes: Collection[str] = frozenset()
