"""One small service, written once by hand on aiohttp and once for each form of webaio."""

from collections.abc import Callable
from typing import Final

from aiohttp import web

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


class WithoutSelf(BaseViewSet):
    list = staticmethod(list_artists)
    detail = staticmethod(detail_artist)


class WithSelf(BaseViewSet):
    async def list(self, request: web.Request) -> web.Response:
        return await list_artists(request)

    async def detail(self, request: web.Request) -> web.Response:
        return await detail_artist(request)


def by_hand() -> web.Application:
    app = web.Application()
    app.router.add_get("/artist/", list_artists)
    app.router.add_get("/artist/{id}/", detail_artist)
    return app


def without_self() -> web.Application:
    return _routed(WithoutSelf, web.Application())


def with_self() -> web.Application:
    return _routed(WithSelf, web.Application())


def with_errors() -> web.Application:
    return _routed(WithoutSelf, web.Application(middlewares=[api_exception_handler]))


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
}
