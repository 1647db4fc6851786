from sqlalchemy import select
from webaio.authentication import CurrentUser
from webaio.decorators import operation
from webaio.permissions import Anyone, IsAuthenticated
from webaio.sqlalchemy import Int

from . import models
from .security import IsAuthor, Me
from .statements import COMMENTS
from .tables import Comment
from .viewsets import ConduitViewSet


class CommentViewSet(ConduitViewSet):
    """Comments of an article."""

    permissions = {"list": Anyone(), "create": IsAuthenticated(), "destroy": IsAuthor()}

    async def get_object(self, id: Int) -> Comment | None:
        below = (Comment.id == id, Comment.article_id == self.parent.id)
        return await self.session.scalar(select(Comment).where(*below))

    async def list(self) -> models.CommentsOut:
        """List the latest 100 comments of an article."""
        below = COMMENTS.where(Comment.article_id == self.parent.id)
        rows = await self.read(below.limit(100))
        return models.CommentsOut([models.Comment(*row) for row in rows])

    @operation(status=200)  # as RealWorld has it
    async def create(self, body: models.NewCommentIn, me: CurrentUser[Me]) -> models.CommentOut:
        """Comment an article."""
        new = Comment(body=body.comment.body, article_id=self.parent.id, author_id=me.id)
        self.session.add(new)
        await self.session.flush()
        author = models.Profile(me.username, me.bio, me.image, following=False)
        shown = models.Comment(new.id, new.created_at, new.updated_at, new.body, author)
        return models.CommentOut(shown)

    async def destroy(self) -> None:
        """Remove a comment."""
        await self.session.delete(self.object)
