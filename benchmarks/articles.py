"""Databases of articles, with the tables of `examples/conduit`, and the token of who reads them."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Iterator
from typing import Final

import asyncpg
from joserfc import jwt
from joserfc.jwk import OctKey

NAME: Final = "conduit"
"""Who makes tokens, and whom they are for."""
SECRET: Final = "what all services sign tokens with"
USERS: Final = 100
TAGS: Final = 50
_TABLES: Final = """
    CREATE TABLE "user" (
        id serial PRIMARY KEY, username varchar(50) UNIQUE NOT NULL,
        email varchar(254) UNIQUE NOT NULL, password varchar(200) NOT NULL,
        bio text NOT NULL, image varchar(1000) NOT NULL
    );
    CREATE TABLE follow (
        follower_id integer REFERENCES "user", followed_id integer REFERENCES "user",
        PRIMARY KEY (follower_id, followed_id)
    );
    CREATE TABLE article (
        id serial PRIMARY KEY, slug varchar(250) UNIQUE NOT NULL, title varchar(200) NOT NULL,
        description varchar(1000) NOT NULL, body text NOT NULL, created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL, author_id integer NOT NULL REFERENCES "user"
    );
    CREATE TABLE tag (
        article_id integer REFERENCES article, name varchar(50), PRIMARY KEY (article_id, name)
    );
    CREATE TABLE favorite (
        user_id integer REFERENCES "user", article_id integer REFERENCES article,
        PRIMARY KEY (user_id, article_id)
    );
"""
_ROWS: Final = f"""
    INSERT INTO "user" (username, email, password, bio, image)
        SELECT 'user' || n, 'user' || n || '@example.org', '', 'I write.', ''
        FROM generate_series(1, {USERS}) n;
    INSERT INTO follow SELECT 1, n FROM generate_series(2, {USERS}, 2) n;
    INSERT INTO article (slug, title, description, body, created_at, updated_at, author_id)
        SELECT 'article-' || n, 'Article ' || n, 'About ' || n, repeat('Words. ', 200),
            timestamptz '2026-01-01' + n * interval '1 second',
            timestamptz '2026-01-01' + n * interval '1 second', 1 + n %% {USERS}
        FROM generate_series(1, %s) n;
    INSERT INTO tag SELECT id, 'tag' || lpad(((id + n) %% {TAGS})::text, 2, '0')
        FROM article, generate_series(0, 2) n;
    INSERT INTO favorite SELECT n, id FROM article, generate_series(1, 10) n WHERE n <= id %% 11;
    CREATE INDEX ON follow (followed_id);
    CREATE INDEX ON article (author_id, id);
    CREATE INDEX ON tag (name, article_id);
    CREATE INDEX ON favorite (article_id);
"""


@contextlib.contextmanager
def articles_in(server: str, articles: int) -> Iterator[str]:
    """Make a database on a server of PostgreSQL, and give its URL; it is dropped at the end."""
    name = f"bench_{uuid.uuid4().hex}"
    own = f"{server.rpartition('/')[0]}/{name}"
    asyncio.run(_execute(server, f"CREATE DATABASE {name}"))
    try:
        asyncio.run(_execute(own, _TABLES + _ROWS % articles))
        asyncio.run(_execute(own, "VACUUM ANALYZE"))
        yield own.replace("://", "+asyncpg://", 1)
    finally:
        asyncio.run(_execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


def token() -> str:
    """Make what says that user 1 asks, for a day."""
    now = int(time.time())
    claims = {"iss": NAME, "aud": NAME, "sub": "1", "iat": now, "exp": now + 24 * 3600}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
