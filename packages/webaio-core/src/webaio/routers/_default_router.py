from aiohttp import web

from webaio.viewsets import BaseViewSet

from ._resource import resource
from ._simple_router import SimpleRouter
from ._words import route_name


class DefaultRouter(SimpleRouter):
    """A `SimpleRouter` with a root that lists the collections: `{"artist": "/artist/"}`.

    The root is at `/`, or at the prefix, and is named `api-root`. A collection without `list` or
    `create` is left out.
    """

    def __init__(self, *, trailing_slash: bool = True, prefix: str = "") -> None:
        super().__init__(trailing_slash=trailing_slash, prefix=prefix)
        self._collections: dict[str, str] = {}
        root = f"{prefix}/" if trailing_slash else prefix or "/"
        routes = resource(root, "api-root", {"GET": self._root})
        self._names.admit(routes, type(self).__name__)
        self.routespatters += routes

    def register(self, viewset: type[BaseViewSet], basename: str) -> None:
        """Add the routes of the viewset's actions, and its collection to the root."""
        super().register(viewset, basename)
        name = f"{route_name(basename)}-list"
        if name in self._names:
            self._collections[basename] = name

    async def _root(self, request: web.Request) -> web.StreamResponse:
        router = request.app.router
        return web.json_response(
            {
                basename: str(router[name].url_for(**request.match_info))
                for basename, name in self._collections.items()
            }
        )
