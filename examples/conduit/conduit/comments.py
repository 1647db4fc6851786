from sqlalchemy import select
from webaio.authentication import CurrentUser
from webaio.decorators import operation
from webaio.permissions import Anyone, IsAuthenticated
from webaio.sqlalchemy import Int

from .models import Comment as Shown
from .models import CommentOut, CommentsOut, NewCommentIn, Profile
from .security import IsAuthor, Me
from .statements import COMMENTS
from .tables import Comment
from .viewsets import ConduitViewSet


class CommentViewSet(ConduitViewSet):
    permissions = {"list": Anyone(), "create": IsAuthenticated(), "destroy": IsAuthor()}

    async def get_object(self, id: Int) -> Comment | None:
        below = (Comment.id == id, Comment.article_id == self.parent.id)
        return await self.session.scalar(select(Comment).where(*below))

    async def list(self) -> CommentsOut:
        """List the latest comments of an article."""
        below = COMMENTS.where(Comment.article_id == self.parent.id)
        return CommentsOut([Shown(*row) for row in await self.read(below.limit(100))])

    @operation(status=200)
    async def create(self, body: NewCommentIn, me: CurrentUser[Me]) -> CommentOut:
        """Comment an article."""
        new = Comment(body=body.comment.body, article_id=self.parent.id, author_id=me.id)
        self.session.add(new)
        await self.session.flush()
        author = Profile(me.username, me.bio, me.image, following=False)
        return CommentOut(Shown(new.id, new.created_at, new.updated_at, new.body, author))

    async def destroy(self) -> None:
        """Remove a comment."""
        await self.session.delete(self.object)
