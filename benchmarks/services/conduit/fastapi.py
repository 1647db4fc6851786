"""FastAPI and SQLAlchemy: a session and the user of the token, each given by a dependency."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Final

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query, Security
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import joinedload, selectinload

from benchmarks.articles import NAME, SECRET
from benchmarks.services.conduit import DATABASE_URL, POOL
from benchmarks.services.conduit.models import Article, User, is_favorite_of, is_followed_by


class Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Profile(Model):
    username: str
    bio: str
    image: str
    following: bool


class ArticlePublic(Model):
    slug: str
    title: str
    description: str
    created_at: datetime
    updated_at: datetime
    favorited: bool
    favorites_count: int
    author: Profile
    tag_list: list[str]


class Articles(Model):
    articles: list[ArticlePublic]
    articles_count: int


engine: Final = create_async_engine(DATABASE_URL, pool_size=POOL, max_overflow=0)
new_session: Final = async_sessionmaker(engine)
token_header: Final = APIKeyHeader(name="Authorization")
app: Final = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]


async def get_user(session: Session, header: Annotated[str, Security(token_header)]) -> User:
    try:
        token = header.removeprefix("Token ")
        claims = jwt.decode(token, SECRET, ["HS256"], audience=NAME, issuer=NAME)
    except jwt.InvalidTokenError:
        raise HTTPException(status_code=401) from None
    user = await session.get(User, int(claims["sub"]))
    if user is None:
        raise HTTPException(status_code=401)
    return user


@app.get("/api/articles", response_model=Articles)
async def list_articles(
    session: Session,
    user: Annotated[User, Depends(get_user)],
    offset: int = 0,
    limit: Annotated[int, Query(le=100)] = 20,
) -> Any:
    total = await session.scalar(select(func.count()).select_from(Article))
    found = await session.execute(
        select(Article, is_favorite_of(user.id), is_followed_by(user.id))
        .options(joinedload(Article.author), selectinload(Article.tags))
        .order_by(Article.id.desc())
        .offset(offset)
        .limit(limit)
    )
    articles = [
        ArticlePublic(
            slug=article.slug,
            title=article.title,
            description=article.description,
            created_at=article.created_at,
            updated_at=article.updated_at,
            favorited=is_favorite,
            favorites_count=article.favorites_count,
            author=Profile(
                username=article.author.username,
                bio=article.author.bio,
                image=article.author.image,
                following=is_followed,
            ),
            tag_list=[tag.name for tag in article.tags],
        )
        for article, is_favorite, is_followed in found
    ]
    return Articles(articles=articles, articles_count=total or 0)
