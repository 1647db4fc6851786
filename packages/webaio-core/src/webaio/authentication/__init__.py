"""Who asks: ways to find out, and what an action is given of it."""

from ._api_key import APIKey, KeyRecord, NewKey, new_key
from ._base_authentication import BaseAuthentication
from ._bearer_jwt import BearerJWT
from ._cross_origin_protection import CrossOriginProtection
from ._headers import credentials_after, only_header
from ._identified import CurrentUser, OptionalUser, current_user, identity_of, optional_user
from ._identity import Identity
from ._jwks import JWKS
from ._logins import logged_in
from ._session_cookie import SessionCookie

__all__ = [
    "JWKS",
    "APIKey",
    "BaseAuthentication",
    "BearerJWT",
    "CrossOriginProtection",
    "CurrentUser",
    "Identity",
    "KeyRecord",
    "NewKey",
    "OptionalUser",
    "SessionCookie",
    "credentials_after",
    "current_user",
    "identity_of",
    "logged_in",
    "new_key",
    "only_header",
    "optional_user",
]
