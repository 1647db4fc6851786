"""webaio with typed actions and the error middleware."""

from collections.abc import Sequence
from typing import Annotated, Final

from aiohttp import web
from aiohttp.typedefs import Middleware
from msgspec import Meta, Struct, convert

from benchmarks.serve import serve
from benchmarks.services.artists import ARTISTS
from webaio.exceptions import NotFound
from webaio.middlewares import api_exception_handler
from webaio.routers import SimpleRouter
from webaio.schemas import Partial
from webaio.viewsets import BaseViewSet


class Album(Struct):
    title: Annotated[str, Meta(min_length=1, max_length=100)]
    year: int | None = None


class ArtistIn(Struct):
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    born: int | None = None
    tags: list[str] = []
    albums: list[Album] = []


class Artist(Struct):
    id: str
    name: str
    born: int | None = None
    tags: list[str] = []
    albums: list[Album] = []


Artists = list[Artist]
STORED: Final = {key: convert(artist, Artist) for key, artist in ARTISTS.items()}


class ArtistViewSet(BaseViewSet):
    async def list(self) -> Artists:
        return [*STORED.values()]

    async def detail(self, id: str) -> Artist:
        artist = STORED.get(id)
        if artist is None:
            raise NotFound
        return artist

    async def create(self, body: ArtistIn) -> Artist:
        return Artist("20", body.name, body.born, body.tags, body.albums)

    async def partial_update(self, id: str, body: Partial[ArtistIn]) -> Artist:
        artist = STORED.get(id)
        if artist is None:
            raise NotFound
        return body.apply(artist)


def typed(
    names: Sequence[str] = ("artist",), prefix: str = "", middlewares: Sequence[Middleware] = ()
) -> web.Application:
    router = SimpleRouter(prefix=prefix)
    for name in names:
        router.register(type(name, (ArtistViewSet,), {}), basename=name)
    app = web.Application(middlewares=[*middlewares, api_exception_handler])
    app.add_routes(router.routespatters)
    return app


if __name__ == "__main__":
    serve(typed)
