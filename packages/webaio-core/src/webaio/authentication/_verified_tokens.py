import time
from collections.abc import Collection, Mapping
from typing import Any, Final

_MOST: Final = 1024


class VerifiedTokens:
    """The claims of tokens that were verified: until they expire, or the keys are others."""

    def __init__(self, leeway: int) -> None:
        self._leeway = leeway
        self._claims: dict[str, Mapping[str, Any]] = {}
        self._keys: Collection[Any] = ()

    def get(self, token: str, keys: Collection[Any]) -> Mapping[str, Any] | None:
        """Give the claims; None where they must be verified."""
        claims = self._claims.get(token) if keys is self._keys else None
        if claims is None or claims["exp"] <= time.time() - self._leeway:
            return None
        return claims

    def add(self, token: str, keys: Collection[Any], claims: Mapping[str, Any]) -> None:
        """Keep the claims; the oldest make room."""
        if keys is not self._keys:
            self._claims.clear()
            self._keys = keys
        elif len(self._claims) >= _MOST:
            del self._claims[next(iter(self._claims))]
        self._claims[token] = claims
