import weakref
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from webaio.exceptions import ImproperlyConfigured

from ._path import Path
from ._unicode_resource import UnicodeResource
from ._url_index import URLIndex

_last: Final = weakref.WeakValueDictionary[tuple[int, str], URLIndex]()
"""By the router's id, as aiohttp's routers have no hash, and by what the index's paths begin with."""


class PathRouteDef(web.RouteDef):
    """A route's definition that refuses, when it is registered, a name that another URL has."""

    __slots__ = ("route_path",)
    route_path: Path

    def __init__(
        self,
        method: str,
        path: Path,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
        kwargs: dict[str, Any],
    ) -> None:
        super().__init__(method, path.text, handler, kwargs)
        object.__setattr__(self, "route_path", path)  # it is frozen

    def register(self, router: web.UrlDispatcher) -> list[web.AbstractRoute]:
        """Add the route to an application's router."""
        name = self.kwargs.get("name")
        other = router.get(name) if name is not None else None
        if other is not None and not other.raw_match(self.path):
            raise ImproperlyConfigured(
                f"add_routes, {self.path}",
                f"its name {name!r} is that of {other.canonical}",
                "Give one of the routers a namespace, or a viewset another basename",
            )
        return super().register(router)


class IndexedRouteDef(PathRouteDef):
    """A route's definition that puts its resource into a `URLIndex` when it is registered."""

    __slots__ = ()

    def register(self, router: web.UrlDispatcher) -> list[web.AbstractRoute]:
        """Add the route to an application's router, and the index where none can be added to."""
        name = self.kwargs.get("name")
        if name is None or name in router:  # aiohttp finds the resource by itself, or refuses
            return super().register(router)
        index = _index_for(self.route_path.beginning, router)
        if self.route_path.is_unicode:
            router.register_resource(UnicodeResource(self.route_path, name=name))
        routes: list[web.AbstractRoute] = super().register(router)
        index.add(router[name], self.route_path)
        return routes


def _index_for(beginning: str, router: web.UrlDispatcher) -> URLIndex:
    index = _last.get((id(router), beginning))
    if index is None or not index.is_last_in(router):
        index = _last[id(router), beginning] = URLIndex(router, beginning)
        router.register_resource(index)
    return index
