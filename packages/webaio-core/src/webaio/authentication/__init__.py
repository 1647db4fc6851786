"""Who asks: ways to find out, and what an action is given of it."""

from ._base_authentication import BaseAuthentication, credentials_after, only_header
from ._identified import CurrentUser, OptionalUser, current_user, identity_of, optional_user
from ._identity import Identity
from ._logins import logged_in

__all__ = [
    "BaseAuthentication",
    "CurrentUser",
    "Identity",
    "OptionalUser",
    "credentials_after",
    "current_user",
    "identity_of",
    "logged_in",
    "only_header",
    "optional_user",
]
