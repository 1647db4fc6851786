"""Litestar and advanced-alchemy: the plugin's session, and the user of the token by `JWTAuth`."""

from datetime import datetime
from typing import Any, Final

from advanced_alchemy.extensions.litestar import (
    EngineConfig,
    SQLAlchemyAsyncConfig,
    SQLAlchemyPlugin,
)
from litestar import Litestar, Request, get
from litestar.connection import ASGIConnection
from litestar.security.jwt import JWTAuth, Token
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from benchmarks.articles import NAME, SECRET
from benchmarks.services.conduit import DATABASE_URL, POOL
from benchmarks.services.conduit.models import Article, User, is_favorite_of, is_followed_by


class Profile(Struct):
    username: str
    bio: str
    image: str
    following: bool


class ArticlePublic(Struct, rename="camel"):
    slug: str
    title: str
    description: str
    created_at: datetime
    updated_at: datetime
    favorited: bool
    favorites_count: int
    author: Profile
    tag_list: list[str]


class Articles(Struct, rename="camel"):
    articles: list[ArticlePublic]
    articles_count: int


async def get_user(token: Token, connection: ASGIConnection[Any, Any, Any, Any]) -> User | None:
    session = alchemy.provide_session(connection.app.state, connection.scope)
    return await session.get(User, int(token.sub))


@get("/api/articles")
async def list_articles(
    request: Request[User, Token, Any], db_session: AsyncSession, offset: int = 0, limit: int = 20
) -> Articles:
    user = request.user
    total = await db_session.scalar(select(func.count()).select_from(Article))
    found = await db_session.execute(
        select(Article, is_favorite_of(user.id), is_followed_by(user.id))
        .options(joinedload(Article.author), selectinload(Article.tags))
        .order_by(Article.id.desc())
        .offset(offset)
        .limit(min(limit, 100))
    )
    articles = [
        ArticlePublic(
            article.slug,
            article.title,
            article.description,
            article.created_at,
            article.updated_at,
            is_favorite,
            article.favorites_count,
            Profile(article.author.username, article.author.bio, article.author.image, is_followed),
            [tag.name for tag in article.tags],
        )
        for article, is_favorite, is_followed in found
    ]
    return Articles(articles, total or 0)


alchemy: Final = SQLAlchemyAsyncConfig(
    connection_string=DATABASE_URL,
    engine_config=EngineConfig(pool_size=POOL, max_overflow=0),
)
tokens: Final = JWTAuth[User](
    token_secret=SECRET,
    retrieve_user_handler=get_user,
    accepted_audiences=[NAME],
    accepted_issuers=[NAME],
)
app: Final = Litestar(
    [list_articles], plugins=[SQLAlchemyPlugin(config=alchemy)], on_app_init=[tokens.on_app_init]
)
