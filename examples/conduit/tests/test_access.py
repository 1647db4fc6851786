import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy.ext.asyncio import AsyncSession
from webaio.testing import APIClient, assert_guarded

import settings
from conduit.security import KEY, Me, token_of
from conduit.tables import User
from conftest import Client

from .test_articles import write

OF_ALL = [
    "GET /livez",
    "GET /readyz",
    "GET /openapi.json",
    "POST /api/users",
    "POST /api/users/login",
    "GET /api/profiles/{username}",
    "GET /api/articles",
    "GET /api/articles/{slug}",
    "GET /api/articles/{articles_slug}/comments",
    "GET /api/tags",
]
OF_USERS = [
    *OF_ALL,
    "GET /api/user",
    "PUT /api/user",
    "POST /api/profiles/{username}/follow",
    "DELETE /api/profiles/{username}/follow",
    "POST /api/articles",
    "GET /api/articles/feed",
    "POST /api/articles/{slug}/favorite",
    "DELETE /api/articles/{slug}/favorite",
    "POST /api/articles/{articles_slug}/comments",
]
OF_AUTHORS = [
    *OF_USERS,
    "PUT /api/articles/{slug}",
    "DELETE /api/articles/{slug}",
    "DELETE /api/articles/{articles_slug}/comments/{id}",
]


@pytest.fixture(autouse=True)
def no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the files of /swagger, which are open."""
    monkeypatch.setattr(settings, "SWAGGER", False)


async def test_who_may(api_client: APIClient, client_of: Client, ann: Me, bob: Me) -> None:
    """Each may do what is named here, and nothing else."""
    client = await client_of(ann)
    slug = (await write(client))["slug"]
    url = f"/api/articles/{slug}/comments"
    comment = (await client.post(url, json={"comment": {"body": "Mine"}}))["comment"]
    parts = {"username": "ann", "slug": slug, "articles_slug": slug, "id": comment["id"]}
    who_may = [(None, OF_ALL), (bob, OF_USERS), (ann, OF_AUTHORS)]
    await assert_guarded(api_client, who_may, parts=parts)


def token(me: Me, key: OctKey = KEY, alg: str = "HS256", **claims: Any) -> str:
    """Make a token; a claim that is None is left out."""
    now = int(time.time())
    said = {"iss": "conduit", "aud": "conduit", "sub": str(me.id), "exp": now + 60, **claims}
    left = {name: each for name, each in said.items() if each is not None}
    return jwt.encode({"alg": alg}, left, key, algorithms=[alg])


async def test_tokens(api_client: APIClient, database: AsyncSession, ann: Me) -> None:
    """Only a token of ours lets in: of this key, this algorithm, in its time, of a user who is there."""
    good = token(ann)
    wrong = [
        token(ann, OctKey.import_key("another key that is long enough.")),
        token(ann, OctKey.import_key("k" * 64), "HS512"),
        token(ann, exp=None),
        token(ann, exp=int(time.time()) - 60),
        token(ann, iss="another"),
        token(ann, aud="another"),
        token(ann, sub=None),
        token(ann, sub="0"),
        f"eyJhbGciOiJub25lIn0.{good.split('.')[1]}.",
        good[:-4] + "AAAA",
        "a.b.c",
        "",
    ]
    for each in wrong:
        api_client.authenticate(each, scheme="Token")
        await api_client.get("/api/user", expect=401)
        await api_client.get("/api/articles", expect=401)
    api_client.authenticate(good, scheme="Bearer")
    await api_client.get("/api/user", expect=401)
    api_client.authenticate(good, scheme="token")
    await api_client.get("/api/user")
    await database.delete(await database.get_one(User, ann.id))
    await database.commit()
    await api_client.get("/api/user", expect=401)


async def test_what_a_token_says(ann: Me) -> None:
    """It names the user, and what it is for, and nothing else of him."""
    claims = jwt.decode(token_of(ann), KEY).claims
    assert claims.keys() == {"iss", "aud", "sub", "iat", "exp"}
    assert claims["sub"] == str(ann.id)
