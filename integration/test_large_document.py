"""The document of a large application."""

import time

from aiohttp import web
from msgspec import Struct
from openapi_spec_validator import OpenAPIV31SpecValidator

from webaio import openapi
from webaio.routers import SimpleRouter
from webaio.schemas import Partial
from webaio.viewsets import BaseViewSet


class Artist(Struct):
    id: int
    name: str
    born: int | None = None


Artists = list[Artist]


class CrudViewSet(BaseViewSet):
    """All six."""

    async def create(self, body: Artist) -> Artist:
        """Add one."""
        return body

    async def list(self, limit: int = 10) -> Artists:
        """List them."""
        return []

    async def detail(self, id: int) -> Artist:
        """Show one."""
        raise web.HTTPNotFound

    async def update(self, id: int, body: Artist) -> Artist:
        """Replace one."""
        return body

    async def partial_update(self, id: int, body: Partial[Artist]) -> Artist:
        """Change one."""
        raise web.HTTPNotFound

    async def destroy(self, id: int) -> None:
        """Take one out."""


async def test_a_thousand_viewsets() -> None:
    """The document of a thousand viewsets is valid, and has each operation; it takes no second."""
    router = SimpleRouter()
    for number in range(1000):
        router.register(CrudViewSet, basename=f"artist{number}")
    app = web.Application()
    app.add_routes(router.routespatters)
    openapi.setup(app, swagger=False)
    runner = web.AppRunner(app)
    before = time.process_time()
    await runner.setup()
    print(f"1000 viewsets start in {time.process_time() - before:.2f} s")
    await runner.cleanup()
    document = openapi.document_of(app)
    operations = [each for item in document["paths"].values() for each in item.values()]
    assert len({each["operationId"] for each in operations}) == len(operations) == 6000
    assert [*document["components"]["schemas"]] == [
        "Artist",
        "ArtistInput",
        "Fault",
        "PartialArtist",
        "Problem",
    ]
    OpenAPIV31SpecValidator(document).validate()
