"""What is read, each statement made once; `me` in them is who asks."""

from typing import Any

from sqlalchemy import Integer, bindparam, exists, func, select
from sqlalchemy.orm import Bundle

from .models import Profile
from .tables import Article, Comment, Favorite, Follow, Tag, User


class ProfileBundle(Bundle[Any]):
    """Columns that come as one, a profile."""

    def create_row_processor(self, query: Any, procs: Any, labels: Any) -> Any:
        return lambda row: Profile(*(each(row) for each in procs))


ME = bindparam("me", type_=Integer)  # null where nobody is known

USERS = select(User.id, User.username, User.email, User.bio, User.image)

FOLLOWING = exists().where(Follow.follower_id == ME, Follow.followed_id == User.id)
PROFILE = ProfileBundle("profile", User.username, User.bio, User.image, FOLLOWING)
PROFILES = select(User.id, PROFILE)

FAVORITED = exists().where(Favorite.user_id == ME, Favorite.article_id == Article.id)
FAVORITES = select(func.count()).where(Favorite.article_id == Article.id).scalar_subquery()
ARTICLES = (
    select(
        Article.id,
        Article.slug,
        Article.title,
        Article.description,
        Article.created_at,
        Article.updated_at,
        FAVORITED,
        FAVORITES,
        PROFILE,
    )
    .join(User, User.id == Article.author_id)
    .order_by(Article.id.desc())
)
TAGS = select(Tag.article_id, Tag.name).order_by(Tag.name)

COMMENTS = (
    select(Comment.id, Comment.created_at, Comment.updated_at, Comment.body, PROFILE)
    .join(User, User.id == Comment.author_id)
    .order_by(Comment.id.desc())
)
