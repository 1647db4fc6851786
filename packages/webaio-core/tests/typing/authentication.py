"""Type-checked by mypy and pyright, and never run: the ways to authenticate, and their loaders."""

from collections.abc import Mapping
from typing import Any, assert_type

from joserfc.jwk import OctKey, RSAKey

from webaio.authentication import (
    JWKS,
    APIKey,
    BearerJWT,
    CrossOriginProtection,
    Identity,
    KeyRecord,
    SessionCookie,
    new_key,
)


async def load_user(claims: Mapping[str, Any]) -> Identity | None:
    return Identity(claims["sub"], None, ["artists:write"])


async def find_key(id: str) -> KeyRecord | None:
    return KeyRecord(Identity("ana", None), "digest")


async def load_session(value: str) -> Identity | None:
    return None


secret, rsa = OctKey.generate_key(256), RSAKey.generate_key(2048)
url = "https://id.example/jwks.json"
BearerJWT(JWKS(url), load_user, issuer="i", audience="a", algorithms=["RS256"])
BearerJWT(secret, load_user, issuer="i", audience="a", algorithms=("HS256",), scheme="Token")
BearerJWT([rsa, rsa], load_user, issuer="i", audience="a", algorithms={"RS256"}, leeway=5)
APIKey(find_key, header="X-Key", scheme_name="key")
SessionCookie(load_session, name="session", origins=["https://app.example"])
CrossOriginProtection(["https://app.example"])
id, text, digest = new_key()
assert_type((id, text, digest), tuple[str, str, str])
