import functools
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


_shapes: Final[dict[int, tuple[weakref.ref[web.UrlDispatcher], dict[str, str]]]] = {}
"""By the router's id too: what the URLs match of each path that was registered, and the path."""


class PathRouteDef(web.RouteDef):
    """A route's definition that refuses, when it is registered, what another URL has.

    That is its name, or all that it matches: one of both would never be reached.
    """

    __slots__ = ("route_path",)
    route_path: Path | None

    def __init__(
        self,
        method: str,
        path: Path | str,  # a copy is made of the text
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
        kwargs: dict[str, Any],
    ) -> None:
        known = Path.read(path) if isinstance(path, str) else path
        text = path if isinstance(path, str) else path.text
        super().__init__(method, text, handler, kwargs)
        object.__setattr__(self, "route_path", known)  # it is frozen

    def register(self, router: web.UrlDispatcher) -> list[web.AbstractRoute]:
        """Add the route to an application's router."""
        where, name = f"add_routes, {self.path}", self.kwargs.get("name")
        other = router.get(name) if name is not None else None
        if other is not None and not other.raw_match(self.path):
            raise ImproperlyConfigured(
                where,
                f"its name {name!r} is that of {other.canonical}",
                "Give one of the routers a namespace, or a viewset another basename",
            )
        shapes = _shapes_of(router)
        if self.path not in shapes:  # as for the second route of a URL
            shape = self.path if self.route_path is None else self.route_path.shape
            shapes[self.path] = shapes.setdefault(shape, self.path)
        known = shapes[self.path]
        if other is None and known != self.path:
            raise ImproperlyConfigured(
                where,
                f"{known} answers its URLs",
                "Give one of them another prefix, basename or url_path",
            )
        return super().register(router)


class IndexedRouteDef(PathRouteDef):
    """A route's definition that puts its resource into a `URLIndex` when it is registered."""

    __slots__ = ()

    def register(self, router: web.UrlDispatcher) -> list[web.AbstractRoute]:
        """Add the route to an application's router, and the index where none can be added to."""
        name, path = self.kwargs.get("name"), self.route_path
        if path is None or name is None or name in router:  # aiohttp finds it by itself, or refuses
            return super().register(router)
        index = _index_for(path.beginning, router)
        if path.is_unicode:
            router.register_resource(UnicodeResource(path, name=name))
        routes: list[web.AbstractRoute] = super().register(router)
        index.add(router[name], path)
        return routes


def _shapes_of(router: web.UrlDispatcher) -> dict[str, str]:
    known, shapes = _shapes.get(id(router), (None, {}))
    if known is None or known() is not router:
        shapes = {}
        _shapes[id(router)] = weakref.ref(router, functools.partial(_forget, id(router))), shapes
    return shapes


def _forget(number: int, router: object) -> None:
    if number in _shapes and _shapes[number][0] is router:
        del _shapes[number]


def _index_for(beginning: str, router: web.UrlDispatcher) -> URLIndex:
    index = _last.get((id(router), beginning))
    if index is None or not index.is_last_in(router):
        index = _last[id(router), beginning] = URLIndex(router, beginning)
        router.register_resource(index)
    return index
