#% filter replace("Artist", cookiecutter.resource_class)
from typing import Annotated, ClassVar
from uuid import UUID, uuid4

from msgspec import Meta
from msgspec.structs import asdict
from webaio.schemas import Partial
from webaio.viewsets import BaseViewSet

from .exceptions import ArtistDoesNotExist
from .models import Artist, ArtistIn, ArtistList

Limit = Annotated[int, Meta(ge=1, le=100)]


class ArtistViewSet(BaseViewSet):
    # In the memory of one process: put your database in its place.
    stored: ClassVar[dict[UUID, Artist]] = {}

    async def list(self, limit: Limit = 100) -> ArtistList:
        """List the first ones."""
        return [*self.stored.values()][:limit]

    async def create(self, body: ArtistIn) -> Artist:
        """Create one."""
        return self.store(Artist(id=uuid4(), **asdict(body)))

    async def detail(self, id: UUID) -> Artist:
        """Show one."""
        return self.find(id)

    async def update(self, id: UUID, body: ArtistIn) -> Artist:
        """Replace one."""
        return self.store(Artist(id=self.find(id).id, **asdict(body)))

    async def partial_update(self, id: UUID, body: Partial[ArtistIn]) -> Artist:
        """Change some of one."""
        return self.store(body.apply(self.find(id)))

    async def destroy(self, id: UUID) -> None:
        """Delete one."""
        del self.stored[self.find(id).id]

    def find(self, id: UUID) -> Artist:
        try:
            return self.stored[id]
        except KeyError:
            raise ArtistDoesNotExist from None

    def store(self, changed: Artist) -> Artist:
        self.stored[changed.id] = changed
        return changed
#% endfilter
