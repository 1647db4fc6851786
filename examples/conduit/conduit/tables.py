from datetime import UTC, datetime
from typing import Annotated

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from webaio.sqlalchemy import UTCDateTime

from database import Base

UserKey = Annotated[int, mapped_column(ForeignKey("user.id", ondelete="CASCADE"))]
ArticleKey = Annotated[int, mapped_column(ForeignKey("article.id", ondelete="CASCADE"))]


def now() -> datetime:
    return datetime.now(UTC)


class User(Base):
    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(50), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str] = mapped_column(String(200))  # its hash
    bio: Mapped[str] = mapped_column(Text, default="")
    image: Mapped[str] = mapped_column(String(1000), default="")


class Follow(Base):
    __tablename__ = "follow"

    follower_id: Mapped[UserKey] = mapped_column(primary_key=True)
    followed_id: Mapped[UserKey] = mapped_column(primary_key=True, index=True)


class Article(Base):
    """An article; ids count up, so the latest has the greatest."""

    __tablename__ = "article"
    __table_args__ = (Index(None, "author_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(250), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(1000))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)
    author_id: Mapped[UserKey]


class Tag(Base):
    """A tag of an article."""

    __tablename__ = "tag"
    __table_args__ = (Index(None, "name", "article_id"),)

    article_id: Mapped[ArticleKey] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), primary_key=True)


class Favorite(Base):
    __tablename__ = "favorite"

    user_id: Mapped[UserKey] = mapped_column(primary_key=True)
    article_id: Mapped[ArticleKey] = mapped_column(primary_key=True, index=True)


class Comment(Base):
    __tablename__ = "comment"
    __table_args__ = (Index(None, "article_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)
    article_id: Mapped[ArticleKey]
    author_id: Mapped[UserKey] = mapped_column(index=True)
