"""Who asks: ways to find out, and what an action is given of it."""

from ._base_authentication import BaseAuthentication, credentials_after, only_header
from ._identity import Identity

__all__ = ["BaseAuthentication", "Identity", "credentials_after", "only_header"]
