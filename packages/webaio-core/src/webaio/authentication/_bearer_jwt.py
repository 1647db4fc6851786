from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from webaio.exceptions import ImproperlyConfigured, ServiceUnavailable

from ._base_authentication import BaseAuthentication
from ._checks import require_token
from ._headers import credentials_after
from ._identity import Identity
from ._jwks import JWKS
from ._loader import Loader, loader_of

if TYPE_CHECKING:
    from joserfc.jwk import Key


class BearerJWT(BaseAuthentication):
    """A signed token (RFC 7519) in the header `Authorization`; needs `webaio-core[jwt]`.

    `keys` verify it: those of an identity provider, `JWKS(url)`, or one or several keys of joserfc.
    `load_user(claims)` gives the identity of the user that the claims name, or None for one who may
    no longer come in. It is asked at each request, and gets that too where it names it,
    `load_user(claims, request)`; a verified token is remembered until it expires.

        secret = OctKey.import_key(os.environ["SECRET"])

        async def load_user(claims: Mapping[str, Any]) -> Identity | None:
            user = USERS.get(claims["sub"])
            return user and Identity(user.name, user)

        jwt = BearerJWT(
            secret, load_user, issuer="https://id.example", audience="api", algorithms=["HS256"]
        )

    A token has `exp`, a `sub` that is a text, the `iss` that is `issuer`, and `audience` as its
    `aud` or in it; the times may differ by `leeway` seconds. Its header brings no key and no `crit`,
    and all of it is no longer than `max_size`. `scheme` is the word before it.

    Raises `ImproperlyConfigured` for what is not safe: algorithms that are none, secrets beside
    public keys, keys that are too short or for another algorithm, no issuer, no audience; and where
    joserfc is not installed.
    """

    def __init__(
        self,
        keys: "JWKS | Key | Iterable[Key]",
        load_user: Loader[Mapping[str, Any], Identity],
        *,
        issuer: str,
        audience: str,
        algorithms: Collection[str],
        leeway: int = 30,
        max_size: int = 4096,
        scheme: str = "Bearer",
        scheme_name: str = "bearer",
    ) -> None:
        try:
            from ._jwt_verifier import JWTVerifier
        except ImportError as error:
            raise ImproperlyConfigured(
                "BearerJWT",
                "it needs joserfc, which is not installed",
                "Run `pip install 'webaio-core[jwt]'`",
            ) from error
        self._load_user = loader_of("BearerJWT", load_user)
        require_token("BearerJWT", "scheme", scheme)
        self._verifier = JWTVerifier(
            keys,
            issuer=issuer,
            audience=audience,
            algorithms=algorithms,
            leeway=leeway,
            max_size=max_size,
        )
        self.challenge = scheme
        self.errors = (ServiceUnavailable,) if isinstance(keys, JWKS) else ()
        self.scheme_name = scheme_name
        self.security_scheme = _security_scheme(scheme)

    def credentials(self, request: web.Request) -> str | None:
        """Give the token; raises `BadRequest` where the header is there twice."""
        return credentials_after(request, self.challenge)

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        """Give whose token it is.

        Raises `ServiceUnavailable` where no key of the provider is known, and it does not answer.
        """
        claims = await self._verifier.claims_of(credentials)
        return None if claims is None else await self._load_user(claims, request=request)


def _security_scheme(scheme: str) -> dict[str, str]:
    """Tell it so that Swagger UI can send it: of the tokens after a word it knows Bearer alone."""
    if scheme.lower() == "bearer":
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    return {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": f"`{scheme}`, a space, and the token.",
    }
