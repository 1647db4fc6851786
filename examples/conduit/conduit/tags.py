from sqlalchemy import select
from webaio.permissions import Anyone

from .models import TagsOut
from .tables import Tag
from .viewsets import ConduitViewSet


class TagViewSet(ConduitViewSet):
    """The tags of all articles."""

    permissions = Anyone()

    async def list(self) -> TagsOut:
        """List the first 1000 tags, by name."""
        statement = select(Tag.name).distinct().order_by(Tag.name).limit(1000)
        return TagsOut([*await self.session.scalars(statement)])
