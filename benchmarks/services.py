"""One small service, written once by hand on aiohttp and once for each form of webaio."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from aiohttp import web
from msgspec import Meta, Struct, convert

from webaio.exceptions import NotFound
from webaio.middlewares import api_exception_handler
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

ARTISTS: Final = {
    str(number): {"id": str(number), "name": f"Artist {number}", "born": 1950, "tags": ["rock"]}
    for number in range(20)
}


async def list_artists(request: web.Request) -> web.Response:
    return web.json_response([*ARTISTS.values()])


async def detail_artist(request: web.Request) -> web.Response:
    artist = ARTISTS.get(request.match_info["id"])
    if artist is None:
        return web.json_response({"detail": "Not found"}, status=404)
    return web.json_response(artist)


async def create_artist(request: web.Request) -> web.Response:
    try:
        data = await request.json()
    except ValueError:
        return web.json_response({"detail": "Not JSON"}, status=400)
    if errors := errors_in(data):
        return web.json_response({"detail": "Invalid", "errors": errors}, status=422)
    artist = {"id": "20", **data}
    return web.json_response(artist, status=201, headers={"Location": "/artist/20/"})


def errors_in(data: Any) -> list[str]:
    """Validate as one does by hand."""
    if not isinstance(data, dict):
        return ["not an object"]
    errors = []
    name, born, tags = data.get("name"), data.get("born"), data.get("tags")
    if not isinstance(name, str) or not 1 <= len(name) <= 100:
        errors.append("name")
    if born is not None and not isinstance(born, int):
        errors.append("born")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        errors.append("tags")
    return errors


class ArtistIn(Struct):
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    born: int | None
    tags: list[str]


class Artist(Struct):
    id: str
    name: str
    born: int | None
    tags: list[str]


Artists = list[Artist]
STORED: Final = {key: convert(artist, Artist) for key, artist in ARTISTS.items()}


class Typed(BaseViewSet):
    async def list(self) -> Artists:
        return [*STORED.values()]

    async def detail(self, id: str) -> Artist:
        artist = STORED.get(id)
        if artist is None:
            raise NotFound
        return artist

    async def create(self, body: ArtistIn) -> Artist:
        return Artist(id="20", name=body.name, born=body.born, tags=body.tags)


class WithoutSelf(BaseViewSet):
    list = staticmethod(list_artists)
    detail = staticmethod(detail_artist)
    create = staticmethod(create_artist)


class WithSelf(BaseViewSet):
    async def list(self, request: web.Request) -> web.Response:
        return await list_artists(request)

    async def detail(self, request: web.Request) -> web.Response:
        return await detail_artist(request)

    async def create(self, request: web.Request) -> web.Response:
        return await create_artist(request)


def by_hand() -> web.Application:
    app = web.Application()
    app.router.add_get("/artist/", list_artists)
    app.router.add_post("/artist/", create_artist)
    app.router.add_get("/artist/{id}/", detail_artist)
    return app


def without_self() -> web.Application:
    return _routed(WithoutSelf, web.Application())


def with_self() -> web.Application:
    return _routed(WithSelf, web.Application())


def with_errors() -> web.Application:
    return _routed(WithoutSelf, web.Application(middlewares=[api_exception_handler]))


def typed() -> web.Application:
    return _routed(Typed, web.Application(middlewares=[api_exception_handler]))


def _routed(viewset: type[BaseViewSet], app: web.Application) -> web.Application:
    router = SimpleRouter()
    router.register(viewset, basename="artist")
    app.add_routes(router.routespatters)
    return app


SERVICES: Final[dict[str, Callable[[], web.Application]]] = {
    "aiohttp by hand": by_hand,
    "webaio, tutorial's form": without_self,
    "webaio, with self": with_self,
    "webaio, tutorial's form, errors": with_errors,
    "webaio, typed, errors": typed,
}
