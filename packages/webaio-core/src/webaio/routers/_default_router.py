from aiohttp import web

from webaio.viewsets import BaseViewSet

from ._resource import resource
from ._row import route_name
from ._simple_router import SimpleRouter


class DefaultRouter(SimpleRouter):
    """A `SimpleRouter` with a root that lists the collections: `{"artist": "/artist/"}`.

    The root is at `/`, or at the prefix, and is named `api-root`. A collection without `list` or
    `create` is left out.
    """

    def __init__(self, *, trailing_slash: bool = True, prefix: str = "") -> None:
        super().__init__(trailing_slash=trailing_slash, prefix=prefix)
        self._collections: dict[str, str] = {}
        root = f"{prefix}/" if trailing_slash else prefix or "/"
        self.routespatters += resource(root, "api-root", {"GET": self._root})

    def register(self, viewset: type[BaseViewSet], basename: str) -> None:
        super().register(viewset, basename)
        if hasattr(viewset, "list") or hasattr(viewset, "create"):
            self._collections[basename] = f"{route_name(basename)}-list"

    async def _root(self, request: web.Request) -> web.StreamResponse:
        router = request.app.router
        return web.json_response(
            {
                basename: str(router[name].url_for(**request.match_info))
                for basename, name in self._collections.items()
            }
        )
