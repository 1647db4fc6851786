"""webaio in the tutorial's form: actions that take aiohttp's request and give its response."""

from collections.abc import Sequence

from aiohttp import web

from benchmarks.serve import serve
from benchmarks.services.by_hand import (
    create_artist,
    detail_artist,
    list_artists,
    update_artist,
)
from webaio.middlewares import api_exception_handler
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet


class WithoutSelf(BaseViewSet):
    list = staticmethod(list_artists)
    detail = staticmethod(detail_artist)
    create = staticmethod(create_artist)
    partial_update = staticmethod(update_artist)


class WithSelf(BaseViewSet):
    async def list(self, request: web.Request) -> web.Response:
        return await list_artists(request)

    async def detail(self, request: web.Request) -> web.Response:
        return await detail_artist(request)

    async def create(self, request: web.Request) -> web.Response:
        return await create_artist(request)

    async def partial_update(self, request: web.Request) -> web.Response:
        return await update_artist(request)


def without_self(names: Sequence[str] = ("artist",)) -> web.Application:
    return _routed(WithoutSelf, names, web.Application())


def with_self(names: Sequence[str] = ("artist",)) -> web.Application:
    return _routed(WithSelf, names, web.Application())


def with_errors(names: Sequence[str] = ("artist",)) -> web.Application:
    return _routed(WithoutSelf, names, web.Application(middlewares=[api_exception_handler]))


def _routed(
    viewset: type[BaseViewSet], names: Sequence[str], app: web.Application
) -> web.Application:
    router = SimpleRouter()
    for name in names:
        router.register(viewset, basename=name)
    app.add_routes(router.routespatters)
    return app


if __name__ == "__main__":
    serve(without_self)
