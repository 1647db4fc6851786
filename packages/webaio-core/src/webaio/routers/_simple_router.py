import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from aiohttp import web

from webaio.decorators._action import ActionMark
from webaio.decorators._mark import record_on
from webaio.exceptions import ImproperlyConfigured
from webaio.parameters._attributes import dependencies_on
from webaio.parameters._signature import Signature
from webaio.permissions._guard import Guard
from webaio.throttling import Rate
from webaio.throttling._rate import claim
from webaio.viewsets import BaseViewSet

from ._action_checks import require_item, require_variables
from ._handler import Handler, handler_of
from ._parent_checks import require_within_parent
from ._path import Path, is_segment
from ._place import Place, place_of
from ._registration import action_of
from ._resource import resource
from ._route_names import RouteNames, route_name
from ._url_table import actions_of, require_apart
from ._viewset_checks import require_viewset

_FEW: Final = 2
"""How many URLs of an item are tried as fast one after another as by an index."""


class SimpleRouter:
    """Makes the routes of viewsets: aiohttp's own definitions, in the list `routespatters`.

    `trailing_slash` ends each URL with `/`. `prefix` stands before each, such as `/api/v1` or
    `/{tenant}`. `namespace` stands before each route's name, `v1:artist-list`, so that two versions
    of an API can live in one application. `check_results` compares each result of a typed action
    with its declared type, and answers 500 where it does not fit; by itself it does so in Python's
    development mode (`python -X dev`, `PYTHONDEVMODE=1`).

        router = SimpleRouter()
        router.register(ArtistViewSet, basename="artist")
        app.add_routes(router.routespatters)
    """

    def __init__(
        self,
        *,
        trailing_slash: bool = True,
        prefix: str = "",
        namespace: str = "",
        check_results: bool | None = None,
    ) -> None:
        where = type(self).__name__
        self._prefix = _prefix(prefix, where)
        if namespace != "" and route_name(namespace) != namespace:
            raise ImproperlyConfigured(
                where, f"no name can begin with namespace={namespace!r}", "Write it as 'v1'"
            )
        self._end = "/" if trailing_slash else ""
        self._namespace = f"{namespace}:" if namespace else ""
        self._check_results = sys.flags.dev_mode if check_results is None else check_results
        self._names = RouteNames()
        self._places: dict[str, Place] = {}
        self._rates: dict[str, Rate] = {}
        self.routespatters: list[web.AbstractRouteDef] = []

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """The same list as `routespatters`."""
        return self.routespatters

    def register(
        self,
        viewset: type[BaseViewSet],
        basename: str,
        *,
        parent: type[BaseViewSet] | str | None = None,
        shallow: bool = False,
        singleton: bool = False,
    ) -> None:
        """Add the routes of the viewset's actions, at `/{basename}/` and below.

        The routes are named `{basename}-list`, `{basename}-detail` and, for a marked action,
        `{basename}-google-it`.

        `parent` is a viewset that is registered here, or its basename where that says more. Then they
        stand below its items, at `/artist/{artist_id}/album/`, and are named `artist-album-list`. The
        parent's item is loaded by its `get_object`, and asked for by the permission of its `detail`,
        before anything else; it is in `self.parent`. `shallow` leaves the collection there, and has
        the items at `/album/{id}/`. A `singleton` is one item, without an id: `/me/`.

            router.register(AlbumViewSet, basename="album", parent=ArtistViewSet)

        Raises `ImproperlyConfigured` for what cannot work: an object that is no viewset, a
        basename that no URL can match or that is in use, an action that is not async, a signature
        that no request could serve, two actions on one URL and method, a name or a path that
        aiohttp refuses, two rates of one name, a parent that is not registered here, or cannot find
        its item. Then nothing is added.
        """
        require_viewset(viewset)
        place = self._place(viewset, basename, parent, shallow=shallow, singleton=singleton)
        urls = self._urls(place)
        beginning = f"{self._namespace}{route_name(place.name)}"
        names = {path: f"{beginning}-{_first(marks).url_name}" for path, marks in urls.items()}
        routes = self._routes(place, urls, names)
        rates = dict(self._rates)
        claim(rates, _rates_of(routes))
        self._names.admit(names, f"{self._where(viewset)}, {basename!r}")
        self._rates = rates
        self.routespatters += routes
        self._places[place.name] = place

    def _place(
        self,
        viewset: type[BaseViewSet],
        basename: str,
        parent: type[BaseViewSet] | str | None,
        *,
        shallow: bool,
        singleton: bool,
    ) -> Place:
        """Find where the URLs of a viewset stand."""
        where = self._where(viewset)
        _require_segment(basename, where)
        above = None if parent is None else self._named(parent, where)
        place = place_of(
            viewset, basename, above, self._prefix, shallow=shallow, singleton=singleton
        )
        known = self._places.get(place.name)
        if known is not None:
            raise ImproperlyConfigured(
                where,
                f"the basename {place.name!r} is used by {known.viewset.__qualname__}",
                "Give each viewset of a router a basename of its own",
            )
        return place

    def _named(self, parent: type[BaseViewSet] | str, where: str) -> Place:
        """Find a parent among those that are registered."""
        found = [each for each in self._places.values() if parent in (each.viewset, each.name)]
        if len(found) == 1:
            return found[0]
        name = parent if isinstance(parent, str) else getattr(parent, "__qualname__", parent)
        if not found:
            raise ImproperlyConfigured(
                where,
                f"parent={name} is not registered with this router",
                "Register it first, with the same router",
            )
        names = ", ".join(repr(each.name) for each in found)
        raise ImproperlyConfigured(
            where, f"parent={name} is registered as {names}", "Name one: parent='artist'"
        )

    def _urls(self, place: Place) -> dict[Path, dict[str, ActionMark]]:
        urls: dict[Path, dict[str, ActionMark]] = {}
        for name, mark in actions_of(place.viewset).items():
            found = place.mark_of(mark)
            urls.setdefault(self._path(place, found), {})[name] = found
        for path, marks in urls.items():
            require_apart(marks, f"{place.viewset.__qualname__}, {path.text}")
        return urls

    def _routes(
        self, place: Place, urls: dict[Path, dict[str, ActionMark]], names: dict[Path, str]
    ) -> list[web.RouteDef]:
        viewset = place.viewset
        has_many = sum(_first(marks).detail for marks in urls.values()) > _FEW
        attributes = Signature(viewset, None, (), dependencies_on(viewset, BaseViewSet))
        routes: list[web.RouteDef] = []
        for path, marks in urls.items():
            handlers = self._handlers(place, path, marks, attributes)
            first = _first(marks)
            is_among_many = has_many and (first.detail or first.url_path == "")
            is_indexed = bool(place.collection.variables) or is_among_many
            routes += resource(path, names[path], handlers, is_indexed=is_indexed)
        return routes

    def _handlers(
        self,
        place: Place,
        path: Path,
        marks: dict[str, ActionMark],
        attributes: Signature,
    ) -> dict[str, Handler]:
        variables = frozenset(each.name for each in path.variables)
        of_prefix = [each.name for each in self._prefix.variables]
        handlers: dict[str, Handler] = {}
        for name, mark in marks.items():
            action = action_of(
                place.viewset,
                name,
                basename=f"{self._namespace}{place.name}",
                methods=mark.methods,
                variables=variables,
                attributes=attributes,
                has_item=mark.detail or place.viewset.lookup_url_kwarg in variables,
                beside=place.beside,
                parent=place.parent,
            )
            require_within_parent(action)
            handler = handler_of(action, check_results=self._check_results)
            require_variables(action, of_prefix)
            require_item(action, of_prefix)
            handlers |= dict.fromkeys(mark.methods, handler)
        return handlers

    def _path(self, place: Place, mark: ActionMark) -> Path:
        path = place.item if mark.detail else place.collection
        rest = Path.parse(mark.url_path)
        if rest is not None:
            path /= rest
        return path / "" if self._end else path

    def _where(self, viewset: type[BaseViewSet]) -> str:
        return f"{type(self).__name__}.register({viewset.__qualname__})"


def _require_segment(basename: object, where: str) -> None:
    if not isinstance(basename, str) or not is_segment(basename):
        raise ImproperlyConfigured(
            where,
            f"no URL can match the basename {basename!r}",
            "Use ASCII letters, digits, '-' and '_', such as 'artist'",
        )


def _rates_of(routes: Iterable[web.RouteDef]) -> Iterator[Rate]:
    """Give the rates that guard routes."""
    for route in routes:
        guard = record_on(route.handler, Guard)
        if guard is not None:
            yield from guard.throttles


def _prefix(text: str, where: str) -> Path:
    if text == "":
        return Path()
    path = Path.parse(text[1:]) if isinstance(text, str) and text[0] == "/" else None
    if path is None:
        raise ImproperlyConfigured(
            where, f"no URL can begin with prefix={text!r}", "Write it as '/api' or '/{tenant}'"
        )
    return path


def _first(marks: Mapping[str, ActionMark]) -> ActionMark:
    return next(iter(marks.values()))
