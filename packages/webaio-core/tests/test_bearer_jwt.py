"""Bearer tokens, over sockets: who is let in, and who is not, whatever was sent."""

import asyncio
import base64
import hashlib
import hmac
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, KeySet, OctKey, OKPKey, RSAKey

from webaio.authentication import JWKS, BearerJWT, Identity
from webaio.exceptions import ImproperlyConfigured

ISSUER: Final = "https://id.example"
SECRET: Final = OctKey.import_key(b"0123456789abcdef0123456789abcdef")
RSA: Final = RSAKey.generate_key(2048, {"kid": "r1"})
OTHER_RSA: Final = RSAKey.generate_key(2048, {"kid": "r2"})
NEEDED: Final[dict[str, Any]] = {"issuer": ISSUER, "audience": "api"}
ClientOf = Callable[..., Any]


async def statuses(client: Any, *headers: Mapping[str, str]) -> list[int]:
    return [(await client.get("/", headers=each)).status for each in headers]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def load_user(claims: Mapping[str, Any]) -> Identity | None:
    return None if claims["sub"] == "deleted" else Identity(claims["sub"], claims["sub"])


HS256: Final = BearerJWT(SECRET, load_user, **NEEDED, algorithms=["HS256"])


def claims_of(**changes: Any) -> dict[str, Any]:
    """Give the claims of a good token; None as a change leaves one out."""
    claims = {"iss": ISSUER, "aud": "api", "sub": "ana", "exp": int(time.time()) + 600} | changes
    return {name: value for name, value in claims.items() if value is not None}


def token(
    claims: Mapping[str, Any] | None = None,
    *,
    key: Key = SECRET,
    alg: str = "HS256",
    **header: Any,
) -> str:
    return jwt.encode(
        {"alg": alg, **header},
        dict(claims or claims_of()),
        key,
        registry=jws.JWSRegistry(algorithms=[alg], strict_check_header=False),
    )


def encoded(part: str | bytes | Mapping[str, Any]) -> str:
    text = json.dumps(part) if isinstance(part, Mapping) else part
    data = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header: Any, payload: Any, secret: bytes = SECRET.raw_value) -> str:
    """Sign anything, as no library would."""
    content = f"{encoded(header)}.{encoded(payload)}"
    return f"{content}.{encoded(hmac.digest(secret, content.encode(), hashlib.sha256))}"


def soon() -> int:
    return int(time.time()) + 600


GOOD_TOKENS: Final[dict[str, Callable[[], str]]] = {
    "plain": token,
    "by hand": lambda: signed({"alg": "HS256"}, claims_of()),
    "expired within the leeway": lambda: token(claims_of(exp=int(time.time()) - 5)),
    "exp with a fraction": lambda: token(claims_of(exp=time.time() + 600.5)),
    "exp beyond all floats": lambda: token(claims_of(exp=10**400)),
    "nbf past": lambda: token(claims_of(nbf=int(time.time()) - 5)),
    "iat now": lambda: token(claims_of(iat=int(time.time()))),
    "several audiences": lambda: token(claims_of(aud=["x", "api"])),
    "any kid, for a key without": lambda: token(kid="k"),
    "an unknown header": lambda: token(nonce="1", x5t="1", typ="at+jwt"),
    "4 kB": lambda: token(claims_of(more="x" * 2700)),
}


@pytest.mark.parametrize("name", GOOD_TOKENS)
async def test_good_token(name: str, client_of: ClientOf) -> None:
    """A token that is signed, for us and of now lets its user in, and a second time too."""
    client = await client_of(HS256)
    header = bearer(GOOD_TOKENS[name]())
    assert await statuses(client, header, header) == [200, 200]


async def test_case_of_the_scheme(client_of: ClientOf) -> None:
    """The name of a scheme has no case, and may be another one."""
    client = await client_of(HS256)
    assert await statuses(client, {"Authorization": f"bEARER {token()}"}) == [200]
    way = BearerJWT(SECRET, load_user, **NEEDED, algorithms=["HS256"], scheme="Token")
    client = await client_of(way)
    assert await statuses(client, {"Authorization": f"token {token()}"}) == [200]
    assert await statuses(client, bearer(token())) == [401]


def test_security_scheme() -> None:
    """A page can send the token, whatever word is before it: Swagger UI knows Bearer alone."""
    of_page = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    assert HS256.security_scheme == of_page
    way = BearerJWT(SECRET, load_user, **NEEDED, algorithms=["HS256"], scheme="Token")
    assert way.security_scheme.items() >= {"type": "apiKey", "name": "Authorization"}.items()
    assert "`Token`" in way.security_scheme["description"]


def nested(depth: int, brackets: str) -> str:
    opening, closing = brackets[: len(brackets) // 2], brackets[len(brackets) // 2 :]
    return json.dumps(claims_of())[:-1] + f', "a": {opening * depth}1{closing * depth}}}'


WRONG_TOKENS: Final[dict[str, Callable[[], str]]] = {
    "empty": lambda: "",
    "blank": lambda: "   ",
    "two tokens": lambda: f"{token()}, Bearer {token()}",
    "alg none": lambda: f"{encoded({'alg': 'none'})}.{encoded(claims_of())}.",
    "alg nOnE": lambda: f"{encoded({'alg': 'nOnE'})}.{encoded(claims_of())}.",
    "alg none, signed": lambda: signed({"alg": "none"}, claims_of()),
    "no alg": lambda: signed({}, claims_of()),
    "alg null": lambda: signed({"alg": None}, claims_of()),
    "alg a list": lambda: signed({"alg": ["HS256"]}, claims_of()),
    "alg an object": lambda: signed({"alg": {}}, claims_of()),
    "alg not allowed": lambda: token(alg="HS512"),
    "alg of another kind": lambda: token(alg="RS256", key=RSA),
    "another key": lambda: token(key=OctKey.generate_key(256)),
    "expired": lambda: token(claims_of(exp=int(time.time()) - 31)),
    "no exp": lambda: token(claims_of(exp=None)),
    "exp true": lambda: token(claims_of(exp=True)),
    "exp text": lambda: token(claims_of(exp=str(soon()))),
    "exp a list": lambda: token(claims_of(exp=[soon()])),
    "exp NaN": lambda: token(claims_of(exp=float("nan"))),
    "exp infinite": lambda: token(claims_of(exp=float("inf"))),
    "exp null": lambda: signed({"alg": "HS256"}, claims_of() | {"exp": None}),
    "nbf in an hour": lambda: token(claims_of(nbf=int(time.time()) + 3600)),
    "nbf text": lambda: token(claims_of(nbf="0")),
    "iat in an hour": lambda: token(claims_of(iat=int(time.time()) + 3600)),
    "no aud": lambda: token(claims_of(aud=None)),
    "another aud": lambda: token(claims_of(aud="other")),
    "other auds": lambda: token(claims_of(aud=["other", "apis"])),
    "aud of many kinds": lambda: token(claims_of(aud=["api", 1])),
    "aud an object": lambda: token(claims_of(aud={"api": 1})),
    "no iss": lambda: token(claims_of(iss=None)),
    "another iss": lambda: token(claims_of(iss=f"{ISSUER}/")),
    "iss a list": lambda: token(claims_of(iss=[ISSUER])),
    "no sub": lambda: token(claims_of(sub=None)),
    "sub empty": lambda: token(claims_of(sub="")),
    "sub a list": lambda: token(claims_of(sub=["ana"])),
    "sub a number": lambda: token(claims_of(sub=1)),
    "sub half a surrogate pair": lambda: signed({"alg": "HS256"}, claims_of(sub="\ud800")),
    "a deleted user": lambda: token(claims_of(sub="deleted")),
    "kid a path, no secret": lambda: signed(
        {"alg": "HS256", "kid": "../../dev/null"}, claims_of(), b""
    ),
    "kid a number": lambda: signed({"alg": "HS256", "kid": 1}, claims_of()),
    "jwk, signed with it": lambda: token(
        alg="RS256", key=OTHER_RSA, jwk=OTHER_RSA.as_dict(private=False)
    ),
    "jwk": lambda: token(jwk=SECRET.as_dict()),
    "jku": lambda: token(jku="https://evil.example"),
    "x5u": lambda: token(x5u="https://evil.example"),
    "x5c": lambda: token(x5c=["a"]),
    "crit": lambda: signed({"alg": "HS256", "crit": ["exp"], "exp": 1}, claims_of()),
    "crit a number": lambda: signed({"alg": "HS256", "crit": 5}, claims_of()),
    "b64": lambda: signed({"alg": "HS256", "b64": False, "crit": ["b64"]}, claims_of()),
    "5 kB": lambda: token(claims_of(more="x" * 3700)),
    "four segments": lambda: f"{token()}.{encoded('{}')}",
    "two segments": lambda: token().rpartition(".")[0],
    "no signature": lambda: f"{token().rpartition('.')[0]}.",
    "above ASCII": lambda: f"{token()}é",
    "only above ASCII": lambda: "ééé.é.é",
    "padded": lambda: f"{token()}=",
    "header no object": lambda: signed('["alg"]', claims_of()),
    "header a text": lambda: signed('"alg b64"', claims_of()),
    "header a list of names": lambda: signed('["alg", "b64"]', claims_of()),
    "header a number": lambda: signed("5", claims_of()),
    "header no JSON": lambda: signed("{", claims_of()),
    "header no UTF-8": lambda: signed(b"\xff", claims_of()),
    "payload a list": lambda: signed({"alg": "HS256"}, "[]"),
    "payload a text": lambda: signed({"alg": "HS256"}, '"sub"'),
    "payload no JSON": lambda: signed({"alg": "HS256"}, "{"),
    "payload no UTF-8": lambda: signed({"alg": "HS256"}, b"\xff\xff"),
    "payload empty": lambda: signed({"alg": "HS256"}, ""),
    "lists nested 1000 deep": lambda: signed({"alg": "HS256"}, nested(1000, "[]")),
    "lists nested 30 deep": lambda: signed({"alg": "HS256"}, nested(30, "[]")),
    "objects nested 400 deep": lambda: signed({"alg": "HS256"}, nested(400, '{"a":}')),
    "header nested": lambda: signed('{"alg":"HS256","a":' + "[" * 180 + "]" * 180, claims_of()),
    "an integer of 2500 digits": lambda: signed(
        {"alg": "HS256"}, json.dumps(claims_of())[:-1] + f',"exp":{"9" * 2500}}}'
    ),
    "sub twice": lambda: signed({"alg": "HS256"}, json.dumps(claims_of())[:-1] + ',"sub":"root"}'),
    "a member of a member twice": lambda: signed(
        {"alg": "HS256"}, json.dumps(claims_of())[:-1] + ',"a":{"b":1,"b":2}}'
    ),
    "a JWE": lambda: "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA",
}


@pytest.mark.parametrize("name", WRONG_TOKENS)
async def test_wrong_token(name: str, client_of: ClientOf) -> None:
    """Whatever is wrong with a token, the answer is one 401."""
    client = await client_of(HS256)
    answer = await client.get("/", headers=bearer(WRONG_TOKENS[name]()))
    assert answer.status == 401
    assert (await answer.json())["code"] == "authentication_failed"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_changed_signature(client_of: ClientOf) -> None:
    """Each other last letter of a signature is refused, also those whose bits are not used."""
    client = await client_of(HS256)
    good = token()
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    changed = [bearer(good[:-1] + letter) for letter in letters if letter != good[-1]]
    assert set(await statuses(client, *changed)) == {401}


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (RSA, "RS256"),
        (RSA, "PS512"),
        (ECKey.generate_key("P-256"), "ES256"),
        (OKPKey.generate_key("Ed25519"), "EdDSA"),
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
    ],
    ids=["RS256", "PS512", "ES256", "EdDSA", "Ed25519"],
)
async def test_public_keys(key: Key, alg: str, client_of: ClientOf) -> None:
    """Each public key verifies its tokens alone; its text is no secret."""
    way = BearerJWT(key, load_user, **NEEDED, algorithms=[alg])
    client = await client_of(way)
    pem = key.as_bytes(private=False)  # type: ignore[union-attr]  # no OctKey is in the table
    forged = signed({"alg": "HS256"}, claims_of(), pem)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joserfc warns of signing with EdDSA; reading must not
        good = token(key=key, alg=alg)
    headers = [bearer(good), bearer(forged), bearer(token())]
    assert await statuses(client, *headers) == [200, 401, 401]


async def test_several_keys(client_of: ClientOf) -> None:
    """While a key is replaced, tokens of the old and the new one are good."""
    new, stranger = OctKey.generate_key(256), OctKey.generate_key(256)
    way = BearerJWT([new, SECRET], load_user, **NEEDED, algorithms=["HS256"])
    client = await client_of(way)
    headers = [bearer(token(key=key)) for key in (new, SECRET, stranger)]
    assert await statuses(client, *headers) == [200, 200, 401]
    way = BearerJWT(KeySet([RSA, OTHER_RSA]), load_user, **NEEDED, algorithms=["RS256"])
    client = await client_of(way)
    right = bearer(token(key=OTHER_RSA, alg="RS256", kid="r2"))
    wrong = bearer(token(key=OTHER_RSA, alg="RS256", kid="r1"))
    assert await statuses(client, right, wrong) == [200, 401]


async def test_disabled_user(client_of: ClientOf) -> None:
    """The user is asked for at each request, though the token is remembered."""
    users = {"ana"}

    async def load_user(claims: Mapping[str, Any]) -> Identity | None:
        return Identity("ana", "ana") if claims["sub"] in users else None

    way = BearerJWT(SECRET, load_user, **NEEDED, algorithms=["HS256"])
    client = await client_of(way)
    header = bearer(token())
    assert await statuses(client, header, header) == [200, 200]
    users.clear()
    assert await statuses(client, header) == [401]


async def test_remembered_token_expires(client_of: ClientOf) -> None:
    """A token that is remembered ends when it expires."""
    way = BearerJWT(SECRET, load_user, **NEEDED, algorithms=["HS256"], leeway=0)
    client = await client_of(way)
    header = bearer(token(claims_of(exp=int(time.time()) + 2)))
    assert await statuses(client, header, header) == [200, 200]
    await asyncio.sleep(2.1)
    assert await statuses(client, header) == [401]


async def test_claims_cannot_be_changed() -> None:
    """What a loader does to the claims stays out of those that are remembered."""

    async def load_user(claims: Mapping[str, Any]) -> Identity | None:
        with pytest.raises(TypeError):
            claims["sub"] = "root"  # type: ignore[index]  # that is what is refused
        return Identity(claims["sub"], None)

    way = BearerJWT(SECRET, load_user, **NEEDED, algorithms=["HS256"])
    request, good = make_mocked_request("GET", "/"), token()
    for _ in range(2):
        assert await way.authenticate(request, good) == Identity("ana", None)


async def test_remembered_tokens_are_bounded() -> None:
    """However many tokens are sent, 1024 are remembered, and all are good."""
    request = make_mocked_request("GET", "/")
    tokens = [token(claims_of(jti=str(number))) for number in range(1100)]
    for each in [*tokens, *tokens]:
        assert await HS256.authenticate(request, each)
    assert len(HS256._verifier._verified._claims) <= 1024


async def test_time_of_a_remembered_token() -> None:
    """A remembered token costs a part of what verifying it does."""
    key = ECKey.generate_key("P-256")
    way = BearerJWT(key, load_user, **NEEDED, algorithms=["ES256"])
    request = make_mocked_request("GET", "/")
    tokens = [token(claims_of(jti=str(each)), key=key, alg="ES256") for each in range(50)]

    async def best() -> float:
        times = []
        for each in tokens:
            begin = time.perf_counter()
            assert await way.authenticate(request, each)
            times.append(time.perf_counter() - begin)
        return min(times)

    first = await best()
    assert await best() < first / 5


MUTATIONS: Final = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from("abcXYZ019-_.=+/ {}[]\"'é\x7f")), min_size=1
)


@given(MUTATIONS)
async def test_mutated_tokens(mutations: list[tuple[int, str]]) -> None:
    """No change makes a token of another user, and none is an error."""
    good = token()
    letters = list(good)
    for place, letter in mutations:
        letters[place % len(letters)] = letter
    mutated = "".join(letters)
    identity = await HS256.authenticate(make_mocked_request("GET", "/"), mutated)
    assert (identity is not None) is (mutated == good)


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
NAMES: Final = st.sampled_from(["alg", "aud", "exp", "iat", "iss", "jti", "kid", "nbf", "sub"])


@given(
    st.dictionaries(NAMES | st.text(), JSON, max_size=3),
    st.dictionaries(NAMES | st.text(), JSON, max_size=3),
)
async def test_signed_nonsense(header: dict[str, Any], claims: dict[str, Any]) -> None:
    """Whatever the issuer signs, the answer is a user that its claims name, or nobody."""
    nonsense = signed({"alg": "HS256", **header}, claims_of() | claims)
    identity = await HS256.authenticate(make_mocked_request("GET", "/"), nonsense)
    if identity is not None:
        assert identity.id == claims.get("sub", "ana")
        assert isinstance(identity.id, str)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("latin-1")))
@settings(suppress_health_check=[HealthCheck.too_slow])
async def test_anything_as_credentials(credentials: str) -> None:
    """Nothing that is sent is an error, whatever it is."""
    assert await HS256.authenticate(make_mocked_request("GET", "/"), credentials) is None


async def plain(*_: Any) -> Identity | None:
    return None


def not_async(claims: Mapping[str, Any]) -> Identity | None:
    return None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"algorithms": []}, "no list of names"),
        ({"algorithms": "HS256"}, "no list of names"),
        ({"algorithms": ["none"]}, "'none' is no algorithm"),
        ({"algorithms": ["HS256", "NONE"]}, "'NONE' is no algorithm"),
        ({"algorithms": ["HS257"]}, "Choose of ES256, "),
        ({"algorithms": ["HS256", "RS256"]}, "a public key is no secret"),
        ({"algorithms": ["ES256", "HS256"]}, "a public key is no secret"),
        ({"algorithms": ["EdDSA", "HS256"]}, "a public key is no secret"),
        ({"algorithms": ["RS256"]}, "fits none of RS256"),
        ({"algorithms": ["HS512"]}, "a secret of 32 bytes is too short.* 64 random bytes"),
        ({"keys": OctKey.import_key(b"x" * 31)}, "a secret of 31 bytes is too short"),
        ({"keys": []}, "there is no key"),
        ({"keys": "0123456789abcdef0123456789abcdef"}, "OctKey.import_key"),
        ({"keys": [SECRET, b"secret"]}, "a bytes is no key"),
        ({"keys": [SECRET, RSA]}, "fits none of HS256"),
        ({"keys": JWKS("https://id.example/keys")}, "HS\\* needs a secret"),
        (
            {"keys": ECKey.generate_key("P-384"), "algorithms": ["ES256"]},
            "fits none of ES256",
        ),
        (
            {"keys": RSAKey.generate_key(2048, {"use": "enc"}), "algorithms": ["RS256"]},
            "fits none of RS256",
        ),
        ({"issuer": ""}, "issuer='' is no text"),
        ({"issuer": None}, "issuer=None is no text"),
        ({"audience": ""}, "audience='' is no text"),
        ({"audience": ["api"]}, "audience=\\['api'\\] is no text"),
        ({"load_user": not_async}, "not_async is no coroutine function"),
        ({"load_user": None}, "None is no coroutine function"),
        ({"scheme": "Bearer "}, "scheme='Bearer ' is no name"),
    ],
)
def test_refused_at_the_start(changes: dict[str, Any], words: str) -> None:
    """What is not safe does not start."""
    options: dict[str, Any] = {
        "keys": SECRET,
        "load_user": plain,
        **NEEDED,
        "algorithms": ["HS256"],
    } | changes
    with pytest.raises(ImproperlyConfigured, match=f"BearerJWT: .*{words}"):
        BearerJWT(**options)


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_short_rsa_key_is_refused() -> None:
    """An RSA key under 2048 bits does not start."""
    with pytest.raises(ImproperlyConfigured, match="1024 bits can be broken"):
        BearerJWT(RSAKey.generate_key(1024), plain, **NEEDED, algorithms=["RS256"])


@pytest.mark.parametrize("option", ["issuer", "audience", "algorithms"])
def test_needed_at_the_start(option: str) -> None:
    """Issuer, audience and algorithms have no default."""
    options: dict[str, Any] = {**NEEDED, "algorithms": ["HS256"]}
    del options[option]
    with pytest.raises(TypeError, match=option):
        BearerJWT(SECRET, plain, **options)


def test_without_joserfc() -> None:
    """Nothing of joserfc is imported unless it is used; where it is missing, the extra is named."""
    code = """
import sys
from webaio.authentication import JWKS, APIKey, BearerJWT
from webaio.exceptions import ImproperlyConfigured
assert "joserfc" not in sys.modules
sys.modules["joserfc"] = None
async def load_user(claims): ...
try:
    BearerJWT(JWKS("https://a"), load_user, issuer="a", audience="a", algorithms=["RS256"])
except ImproperlyConfigured as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "pip install 'webaio-core[jwt]'" in done.stdout, done.stderr
