import json
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import Key

from ._jwks import JWKS
from ._jwt_checks import fits, require_algorithms, require_keys, require_text
from ._verified_tokens import VerifiedTokens

_REFUSED: Final = frozenset({"b64", "crit", "jku", "jwk", "x5c", "x5u"})
"""What a header may not have: a key of its own, and what must be understood."""
_LEVELS: Final = 20
_WRONG: Final = (JoseError, RecursionError, TypeError, ValueError)
"""What a wrong token raises: joserfc lets errors of Python pass for what has an odd shape."""


class JWTVerifier:
    """Tells what a token claims, where it is signed with one of the keys and is for us, now."""

    def __init__(
        self,
        keys: JWKS | Key | Iterable[Key],
        *,
        issuer: str,
        audience: str,
        algorithms: Collection[str],
        leeway: int,
        max_size: int,
    ) -> None:
        require_text("issuer", issuer)
        require_text("audience", audience)
        require_algorithms(algorithms)
        self._keys = require_keys(keys, algorithms)
        self._algorithms = tuple(algorithms)
        self._registry = _Registry(algorithms=self._algorithms, strict_check_header=False)
        self._claims = jwt.JWTClaimsRegistry(
            leeway=leeway,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._max_size = max_size
        self._verified = VerifiedTokens(leeway)

    async def claims_of(self, token: str) -> Mapping[str, Any] | None:
        """Give the claims of a token; None for one that is wrong, whatever the reason.

        Raises `ServiceUnavailable` where no key is known, and the provider does not answer.
        """
        keys = self._keys.known() if isinstance(self._keys, JWKS) else self._keys
        claims = self._verified.get(token, keys)
        if claims is not None:
            return claims
        signed = self._parsed(token)
        if signed is None:
            return None
        if isinstance(self._keys, JWKS):
            keys = await self._keys.find(signed.headers().get("kid"))
        claims = self._checked(signed, keys)
        if claims is not None:
            self._verified.add(token, keys, claims)
        return claims

    def _parsed(self, token: str) -> jws.CompactSignature | None:
        if len(token) > self._max_size:
            return None
        try:
            signed = jws.extract_compact(token.encode("ascii"), registry=self._registry)
        except _WRONG:
            return None
        header: Any = signed.headers()
        is_good = (
            isinstance(header, dict)
            and header["alg"] in self._algorithms
            and _REFUSED.isdisjoint(header)
        )
        return signed if is_good else None

    def _checked(
        self, signed: jws.CompactSignature, keys: Collection[Key]
    ) -> Mapping[str, Any] | None:
        header = signed.headers()
        fitting = [key for key in keys if fits(key, header["alg"], header.get("kid"))]
        try:
            if not any(self._is_signed(signed, key) for key in fitting):
                return None
            claims = json.loads(signed.payload, object_pairs_hook=_unique)
            if not isinstance(claims, dict) or _is_deeper(claims, _LEVELS):
                return None
            self._claims.validate(claims)
            claims["sub"].encode()  # not with half of a surrogate pair
        except _WRONG:
            return None
        return MappingProxyType(claims)

    def _is_signed(self, signed: jws.CompactSignature, key: Key) -> bool:
        return jws.validate_compact(signed, key, registry=self._registry)


class _Registry(jws.JWSRegistry):
    """The algorithms that are allowed, without joserfc's warning of `EdDSA` at each token.

    The name is deprecated (RFC 9864), and providers sign with it.
    """

    def get_alg(self, name: str) -> JWSAlgModel:
        if self.allowed is None or name not in self.allowed:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name is there twice")
    return members


def _is_deeper(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return False
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in value)
