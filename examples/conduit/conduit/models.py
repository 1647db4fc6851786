"""What goes over the wire, in the words of RealWorld's description."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

NO_NUL = r"^[^\x00]*$"  # which PostgreSQL does not hold
Bio = Annotated[str, Meta(max_length=10_000, pattern=NO_NUL)]
Body = Annotated[str, Meta(min_length=1, max_length=100_000, pattern=NO_NUL)]
Description = Annotated[str, Meta(min_length=1, max_length=1000, pattern=NO_NUL)]
Email = Annotated[str, Meta(max_length=254, pattern=r"^[^@\x00-\x20]+@[^@\x00-\x20]+$")]
Image = Annotated[str, Meta(max_length=1000, pattern=NO_NUL)]
Password = Annotated[str, Meta(min_length=8, max_length=200)]
TagName = Annotated[str, Meta(min_length=1, max_length=50, pattern=NO_NUL)]
Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Username = Annotated[str, Meta(min_length=1, max_length=50, pattern=NO_NUL)]


class LogIn(Struct):
    email: Email
    password: Annotated[str, Meta(max_length=200)]


class NewUser(Struct):
    username: Username
    email: Email
    password: Password


class UserChanges(Struct):
    username: Username | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    password: Password | UnsetType = UNSET
    bio: Bio | UnsetType = UNSET
    image: Image | UnsetType = UNSET


class User(Struct):
    email: str
    token: str
    username: str
    bio: str
    image: str


class Profile(Struct):
    username: str
    bio: str
    image: str
    following: bool


class NewArticle(Struct, rename="camel"):
    title: Title
    description: Description
    body: Body
    tag_list: Annotated[set[TagName], Meta(max_length=20)] = set()


class ArticleChanges(Struct):
    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    body: Body | UnsetType = UNSET


class ArticleSummary(Struct, rename="camel"):
    slug: str
    title: str
    description: str
    created_at: datetime
    updated_at: datetime
    favorited: bool
    favorites_count: int
    author: Profile
    tag_list: list[str] = []


class Article(ArticleSummary, rename="camel", kw_only=True):
    body: str


class NewComment(Struct):
    body: Body


class Comment(Struct, rename="camel"):
    id: int
    created_at: datetime
    updated_at: datetime
    body: str
    author: Profile


# Each body has one member, with the name of what is in it.


class LogInIn(Struct):
    user: LogIn


class NewUserIn(Struct):
    user: NewUser


class UserChangesIn(Struct):
    user: UserChanges


class UserOut(Struct):
    user: User


class ProfileOut(Struct):
    profile: Profile


class NewArticleIn(Struct):
    article: NewArticle


class ArticleChangesIn(Struct):
    article: ArticleChanges


class ArticleOut(Struct):
    article: Article


class ArticlesOut(Struct, rename="camel"):
    articles: list[ArticleSummary]
    articles_count: int


class NewCommentIn(Struct):
    comment: NewComment


class CommentOut(Struct):
    comment: Comment


class CommentsOut(Struct):
    comments: list[Comment]


class TagsOut(Struct):
    tags: list[str]
