from collections.abc import Collection, Iterable
from typing import Final

from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from webaio.exceptions import ImproperlyConfigured

from ._jwks import JWKS

_KINDS: Final = (OctKey, RSAKey, ECKey, OKPKey)
_SHORTEST_RSA: Final = 2048


def fits(key: Key, algorithm: str, kid: str | None) -> bool:
    """Tell whether a key can have signed a token; who names no key may have used any."""
    is_named = kid is None or key.kid in (None, kid)
    return is_named and bool(JWSRegistry.filter_algorithms(key, [algorithm]))


def require_text(name: str, value: str) -> None:
    """Refuse a missing issuer or audience: a token for anybody else would be taken."""
    if not isinstance(value, str) or not value:
        raise _refused(f"{name}={value!r} is no text", f"Name the {name} that tokens must have")


def require_algorithms(names: Collection[str]) -> None:
    """Refuse no algorithms, `none`, unknown ones, and secrets beside public keys."""
    if not names or isinstance(names, str):
        raise _refused(f"algorithms={names!r} is no list of names", 'Write ["RS256"]')
    known = JWSRegistry.algorithms.keys() - {"none"}
    for name in names:
        if name not in known:
            raise _refused(
                f"{name!r} is no algorithm that is safe", f"Choose of {', '.join(sorted(known))}"
            )
    if len({_is_secret(name) for name in names}) > 1:
        raise _refused(
            f"{', '.join(names)} have secrets and public keys, and a public key is no secret",
            "Take either HS* or the others, in two BearerJWT if need be",
        )


def require_keys(
    keys: JWKS | Key | Iterable[Key], algorithms: Collection[str]
) -> JWKS | tuple[Key, ...]:
    """Give the keys; refuse those that are too short, and those for other algorithms."""
    if isinstance(keys, JWKS):
        if any(map(_is_secret, algorithms)):
            raise _refused("a JWKS has public keys, and HS* needs a secret", "Leave HS* out")
        return keys
    if isinstance(keys, _KINDS):
        keys = (keys,)
    found = () if isinstance(keys, (str, bytes)) else tuple(keys)
    if not found:
        raise _refused(
            "there is no key", "Give a JWKS, or keys of joserfc: OctKey.import_key(secret)"
        )
    for key in found:
        _require_key(key, algorithms)
    return found


def _require_key(key: Key, algorithms: Collection[str]) -> None:
    if not isinstance(key, _KINDS):
        raise _refused(
            f"a {type(key).__name__} is no key of joserfc", "Write OctKey.import_key(secret)"
        )
    names = [each.name for each in JWSRegistry.filter_algorithms(key, [*algorithms])]
    if not names:
        raise _refused(
            f"a key of the type {key.key_type} fits none of {', '.join(algorithms)}",
            "Name its algorithm, or leave it out",
        )
    if isinstance(key, RSAKey) and key.public_key.key_size < _SHORTEST_RSA:
        raise _refused(
            f"an RSA key of {key.public_key.key_size} bits can be broken",
            f"Take one of {_SHORTEST_RSA} bits or more",
        )
    shortest = max(int(name[2:]) // 8 if _is_secret(name) else 0 for name in names)
    if isinstance(key, OctKey) and len(key.raw_value) < shortest:
        raise _refused(
            f"a secret of {len(key.raw_value)} bytes is too short",
            f"Take {shortest} random bytes or more: secrets.token_bytes({shortest})",
        )


def _is_secret(algorithm: str) -> bool:
    return algorithm.startswith("HS")


def _refused(what: str, fix: str) -> ImproperlyConfigured:
    return ImproperlyConfigured("BearerJWT", what, fix)
