"""Type-checked by mypy and pyright, and never run: the ways to authenticate, and their loaders."""

from collections.abc import Mapping
from typing import Any, assert_type

from aiohttp import web
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


async def user_of(claims: Mapping[str, Any], request: web.Request) -> Identity | None:
    return None


async def key_of(id: str, request: web.Request) -> KeyRecord | None:
    return None


async def session_of(value: str, request: web.Request) -> Identity | None:
    return None


async def key_of_number(id: int) -> KeyRecord | None:
    return None


secret, rsa = OctKey.generate_key(256), RSAKey.generate_key(2048)
url = "https://id.example/jwks.json"
BearerJWT(JWKS(url), load_user, issuer="i", audience="a", algorithms=["RS256"])
BearerJWT(secret, load_user, issuer="i", audience="a", algorithms=("HS256",), scheme="Token")
BearerJWT([rsa, rsa], load_user, issuer="i", audience="a", algorithms={"RS256"}, leeway=5)
APIKey(find_key, header="X-Key", scheme_name="key")
SessionCookie(load_session, name="session", origins=["https://app.example"])
BearerJWT(secret, user_of, issuer="i", audience="a", algorithms=["HS256"])
APIKey(key_of)
APIKey(key_of_number)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
SessionCookie(session_of)
CrossOriginProtection(["https://app.example"])
id, text, digest = new_key()
assert_type((id, text, digest), tuple[str, str, str])
