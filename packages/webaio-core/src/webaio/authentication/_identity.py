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

    def __post_init__(self) -> None:
        if isinstance(self.scopes, str):  # a part of it would be a scope
            raise TypeError(f"Identity: scopes={self.scopes!r} is one text: give several texts")
