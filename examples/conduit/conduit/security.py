"""Who asks, by a token, and who may."""

import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import OctKey
from msgspec import Struct
from webaio.authentication import BearerJWT, Identity
from webaio.permissions import ObjectPermission
from webaio.sqlalchemy import database_of

import settings

from .statements import USERS
from .tables import Article, Comment, User

KEY = OctKey.import_key(settings.SECRET)
NAME = "conduit"  # who makes tokens, and who takes them
DAY = 24 * 3600


class Me(Struct, frozen=True):
    id: int
    username: str
    email: str
    bio: str
    image: str


def token_of(me: Me) -> str:
    """Make a token, good for a day."""
    now = int(time.time())
    claims = {"iss": NAME, "aud": NAME, "sub": str(me.id), "iat": now, "exp": now + DAY}
    return jwt.encode({"alg": "HS256"}, claims, KEY)


async def load_user(claims: Mapping[str, Any], request: web.Request) -> Identity | None:
    statement = USERS.where(User.id == int(claims["sub"]))
    row = await database_of(request).run(lambda connection: connection.execute(statement).first())
    return None if row is None else Identity(claims["sub"], Me(*row))


tokens = BearerJWT(
    KEY,
    load_user,
    issuer=NAME,
    audience=NAME,
    algorithms=["HS256"],
    scheme="Token",
    scheme_name="Token",
)


class IsAuthor(ObjectPermission[Me, Article | Comment]):
    async def allows(self, me: Me | None, item: Article | Comment) -> bool:
        return me is not None and item.author_id == me.id
