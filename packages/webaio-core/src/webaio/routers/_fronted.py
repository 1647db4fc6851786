import weakref
from itertools import islice
from typing import Final

from aiohttp import web

from ._front import Front


class Fronted(web.RouteDef):
    """A route's definition that puts a `Front` before its resource when it is registered."""

    __slots__ = ()

    def register(self, router: web.UrlDispatcher) -> list[web.AbstractRoute]:
        """Add the route to an application's router, and the front where none stands yet."""
        fronts = _fronts_of(router)
        front = fronts.front_for(self)
        routes: list[web.AbstractRoute] = super().register(router)
        if front is not None:
            for route in routes:
                if route.resource is not None:
                    front.add(route.resource, self.path)
        fronts.count = len(router.resources())
        return routes


class _Fronts:
    """The fronts of an application's router that may still be added to."""

    def __init__(self, router: web.UrlDispatcher) -> None:
        self.router: Final = router
        self.count = len(router.resources())
        self._open: dict[str, Front] = {}

    def front_for(self, definition: web.RouteDef) -> Front | None:
        """Give the front for a definition; None where aiohttp would not find its resource there.

        A resource of somebody else closes the front that it comes after: what is added from now on
        comes after it in turn.
        """
        beginning, name = _beginning_of(definition.path), definition.kwargs.get("name")
        if self.count != len(self.router.resources()):
            for resource in islice(self.router.resources(), self.count, None):
                self._open.pop(_beginning_of(resource.canonical), None)
        if beginning not in self._open:
            if name is None or name in self.router:
                return None
            self._open[beginning] = Front(self.router, beginning, keep=self)
            self.router.register_resource(self._open[beginning])
        return self._open[beginning]


_known: Final = weakref.WeakValueDictionary[int, _Fronts]()
"""By the router's id: aiohttp's routers have no hash."""


def _fronts_of(router: web.UrlDispatcher) -> _Fronts:
    fronts = _known.get(id(router))
    if fronts is None or fronts.router is not router:
        fronts = _known[id(router)] = _Fronts(router)
    return fronts


def _beginning_of(path: str) -> str:
    """Give the part of a path that aiohttp finds a resource by: all before a variable's segment."""
    before, brace, _ = path.partition("{")
    return (before.rpartition("/")[0] if brace else before).rstrip("/")
