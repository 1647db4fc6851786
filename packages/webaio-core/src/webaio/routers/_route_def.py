import functools
import weakref
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from aiohttp import web

from webaio.decorators._mark import record_on
from webaio.exceptions import ImproperlyConfigured
from webaio.permissions._guard import Guard
from webaio.throttling import Rate
from webaio.throttling._rate import claim

from ._path import Path
from ._unicode_resource import UnicodeResource
from ._url_index import URLIndex

_last: Final = weakref.WeakValueDictionary[tuple[int, str], URLIndex]()
"""By the router's id, as aiohttp's routers have no hash, and by what the index's paths begin with."""


_known: Final[dict[int, tuple[weakref.ref[web.UrlDispatcher], "_Known"]]] = {}
"""By the router's id too."""


class PathRouteDef(web.RouteDef):
    """A route's definition that refuses, when it is registered, what another URL has.

    That is its name, or all that it matches, as one of both would never be reached; and the name of
    another Rate.
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
        shapes, rates = _known_of(router)
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
        guard = record_on(self.handler, Guard)
        if guard is not None:
            claim(rates, guard.throttles)
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


class _Known(NamedTuple):
    """What was registered on a router: the path that has what URLs match, and the rates by name."""

    shapes: dict[str, str]
    rates: dict[str, Rate]


def _known_of(router: web.UrlDispatcher) -> _Known:
    owner, known = _known.get(id(router), (None, _Known({}, {})))
    if owner is None or owner() is not router:
        known = _Known({}, {})
        _known[id(router)] = weakref.ref(router, functools.partial(_forget, id(router))), known
    return known


def _forget(number: int, router: object) -> None:
    if number in _known and _known[number][0] is router:
        del _known[number]


def _index_for(beginning: str, router: web.UrlDispatcher) -> URLIndex:
    index = _last.get((id(router), beginning))
    if index is None or not index.is_last_in(router):
        index = _last[id(router), beginning] = URLIndex(router, beginning)
        router.register_resource(index)
    return index
