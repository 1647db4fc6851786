from sqlalchemy import select
from webaio.permissions import Anyone

from .models import TagsOut
from .tables import Tag
from .viewsets import ConduitViewSet


class TagViewSet(ConduitViewSet):
    permissions = Anyone()

    async def list(self) -> TagsOut:
        """List the tags."""
        statement = select(Tag.name).distinct().order_by(Tag.name).limit(1000)
        return TagsOut([*await self.session.scalars(statement)])
