"""The tables as classes that know each other, for the frameworks that use SQLAlchemy's ORM."""

from datetime import datetime

from sqlalchemy import ColumnElement, DateTime, ForeignKey, String, Text, exists, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(50), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str] = mapped_column(String(200))
    bio: Mapped[str] = mapped_column(Text)
    image: Mapped[str] = mapped_column(String(1000))


class Follow(Base):
    __tablename__ = "follow"
    follower_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    followed_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)


class Favorite(Base):
    __tablename__ = "favorite"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)


class Tag(Base):
    __tablename__ = "tag"
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(50), primary_key=True)


class Article(Base):
    __tablename__ = "article"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(250), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(1000))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    author: Mapped[User] = relationship()
    tags: Mapped[list[Tag]] = relationship(order_by=Tag.name)
    favorites_count: Mapped[int] = column_property(
        select(func.count())
        .where(Favorite.article_id == id)
        .correlate_except(Favorite)
        .scalar_subquery()
    )


def is_favorite_of(user_id: int) -> ColumnElement[bool]:
    """Tell in a statement whether a user has marked its articles."""
    return exists().where(Favorite.article_id == Article.id, Favorite.user_id == user_id)


def is_followed_by(user_id: int) -> ColumnElement[bool]:
    """Tell in a statement whether a user follows the authors of its articles."""
    return exists().where(Follow.followed_id == Article.author_id, Follow.follower_id == user_id)
