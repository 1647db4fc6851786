import re
import secrets
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct, structs, to_builtins
from sqlalchemy import ColumnElement, delete, func, select
from webaio.authentication import CurrentUser
from webaio.decorators import action
from webaio.parameters import Query
from webaio.permissions import Anyone, IsAuthenticated

from . import models
from .security import IsAuthor, Me
from .statements import ARTICLES, TAGS
from .tables import Article, Favorite, Follow, Tag, User
from .viewsets import ConduitViewSet

Summaries = list[models.ArticleSummary]


class Page(Struct):
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    offset: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


class Filters(Page):
    author: models.Username | None = None
    favorited: models.Username | None = None
    tag: models.TagName | None = None


class ArticleViewSet(ConduitViewSet):
    """Articles, and who likes them."""

    lookup_url_kwarg = "slug"
    lookup_value_regex = r"[\w-]{1,250}"
    permissions = {
        "list": Anyone(),
        "detail": Anyone(),
        "update": IsAuthor(),
        "destroy": IsAuthor(),
        "*": IsAuthenticated(),
    }

    async def get_object(self, slug: str) -> Article | None:
        return await self.session.scalar(select(Article).where(Article.slug == slug))

    async def list(self, filters: Annotated[Filters, Query]) -> models.ArticlesOut:
        """List the articles, the latest first."""
        return await self.read_page(filters, *conditions_of(filters))

    @action(detail=False)
    async def feed(self, page: Annotated[Page, Query], me: CurrentUser[Me]) -> models.ArticlesOut:
        """List the articles of those whom you follow, the latest first."""
        followed = select(Follow.followed_id).where(Follow.follower_id == me.id)
        return await self.read_page(page, Article.author_id.in_(followed))

    async def detail(self) -> models.ArticleOut:
        """Show an article."""
        (row,) = await self.read(ARTICLES.where(Article.id == self.object.id))
        (summary,) = await self.with_tags([row])
        article = models.Article(**structs.asdict(summary), body=self.object.body)
        return models.ArticleOut(article)

    async def create(self, body: models.NewArticleIn, me: CurrentUser[Me]) -> models.ArticleOut:
        """Write an article."""
        new = body.article
        self.object = Article(
            slug=slug_of(new.title),
            title=new.title,
            description=new.description,
            body=new.body,
            author_id=me.id,
        )
        self.session.add(self.object)
        await self.session.flush()
        self.session.add_all(Tag(article_id=self.object.id, name=each) for each in new.tag_list)
        return await self.detail()

    async def update(self, body: models.ArticleChangesIn) -> models.ArticleOut:
        """Change an article; with another title it gets another slug."""
        changes = to_builtins(body.article)
        if "title" in changes:
            changes["slug"] = slug_of(changes["title"])
        for name, value in changes.items():
            setattr(self.object, name, value)
        return await self.detail()

    async def destroy(self) -> None:
        """Remove an article."""
        await self.session.delete(self.object)

    @action(detail=True, method="post")
    async def favorite(self, me: CurrentUser[Me]) -> models.ArticleOut:
        """Make an article a favorite."""
        await self.add(Favorite(user_id=me.id, article_id=self.object.id))
        return await self.detail()

    @action(detail=True, method="delete", url_path="favorite")
    async def unfavorite(self, me: CurrentUser[Me]) -> models.ArticleOut:
        """Make an article a favorite no more."""
        mine = (Favorite.user_id == me.id, Favorite.article_id == self.object.id)
        await self.session.execute(delete(Favorite).where(*mine))
        return await self.detail()

    async def read_page(self, page: Page, *conditions: ColumnElement[bool]) -> models.ArticlesOut:
        found = select(Article.id).where(*conditions).order_by(Article.id.desc())
        shown = found.limit(page.limit).offset(page.offset)
        articles = await self.with_tags(await self.read(ARTICLES.where(Article.id.in_(shown))))
        total = await self.session.scalar(select(func.count(Article.id)).where(*conditions))
        return models.ArticlesOut(articles, total or 0)

    async def with_tags(self, rows: Sequence[Any]) -> Summaries:
        found = {id: models.ArticleSummary(*values) for id, *values in rows}
        for id, name in await self.read(TAGS.where(Tag.article_id.in_(found))):
            found[id].tag_list.append(name)
        return [*found.values()]


def conditions_of(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.author is not None:
        author = select(User.id).where(User.username == filters.author)
        yield Article.author_id == author.scalar_subquery()
    if filters.favorited is not None:
        favorites = select(Favorite.article_id).join(User, User.id == Favorite.user_id)
        yield Article.id.in_(favorites.where(User.username == filters.favorited))
    if filters.tag is not None:
        yield Article.id.in_(select(Tag.article_id).where(Tag.name == filters.tag))


def slug_of(title: str) -> str:
    """Make a slug that no other article has, of the same title neither."""
    words = re.sub(r"\W+", "-", title.lower())
    return f"{words[:200].strip('-')}-{secrets.token_hex(6)}".lstrip("-")
