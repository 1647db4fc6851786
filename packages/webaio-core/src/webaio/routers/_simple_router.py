import sys
from typing import Final

from aiohttp import web

from webaio.exceptions import ImproperlyConfigured
from webaio.viewsets import BaseViewSet

from ._action import Place
from ._handler import Handler, handler_of
from ._registration import action_of
from ._resource import resource
from ._route_names import RouteNames
from ._row import DETAIL, Row, rows_of
from ._words import is_path, is_segment, route_name, variables_in

_FEW: Final = 2
"""How many URLs of an item are tried as fast one after another as by a front."""


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
        if prefix != "" and not (
            isinstance(prefix, str) and prefix[0] == "/" and is_path(prefix[1:])
        ):
            raise ImproperlyConfigured(
                where,
                f"no URL can begin with prefix={prefix!r}",
                "Write it as '/api' or '/{tenant}'",
            )
        if namespace != "" and route_name(namespace) != namespace:
            raise ImproperlyConfigured(
                where, f"no name can begin with namespace={namespace!r}", "Write it as 'v1'"
            )
        self._prefix = prefix
        self._end = "/" if trailing_slash else ""
        self._namespace = f"{namespace}:" if namespace else ""
        self._check_results = sys.flags.dev_mode if check_results is None else check_results
        self._names = RouteNames()
        self._basenames: dict[str, str] = {}
        self.routespatters: list[web.AbstractRouteDef] = []

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """The same list as `routespatters`."""
        return self.routespatters

    def register(self, viewset: type[BaseViewSet], basename: str) -> None:
        """Add the routes of the viewset's actions, at `/{basename}/` and below.

        The routes are named `{basename}-list`, `{basename}-detail` and, for a marked action,
        `{basename}-google-it`.

        Raises `ImproperlyConfigured` for what cannot work: an object that is no viewset, a
        basename that no URL can match or that is in use, an action that is not async, a signature
        that no request could serve, two actions on one URL and method, a name or a path that
        aiohttp refuses. Then nothing is added.
        """
        _require_viewset(viewset)
        _require_lookup(viewset)
        self._require_basename(basename, viewset)
        routes = self._routes(viewset, basename)
        self._names.admit(routes, f"{self._where(viewset)}, {basename!r}")
        self.routespatters += routes
        self._basenames[basename] = viewset.__qualname__

    def _routes(self, viewset: type[BaseViewSet], basename: str) -> list[web.RouteDef]:
        rows: dict[str, Row] = {}
        for row in rows_of(viewset):
            path = self._path(viewset, basename, row)
            rows[path] = _merged(rows[path], row, viewset, path) if path in rows else row
        has_many = sum(row.detail for row in rows.values()) > _FEW
        routes: list[web.RouteDef] = []
        for path, row in rows.items():
            name = self._name(basename, row.name)
            handlers = self._handlers(viewset, basename, path, row)
            is_among_many = has_many and (row.detail or row.url_path is None)
            is_fronted = "{" in self._prefix or is_among_many
            routes += resource(path, name, handlers, is_fronted=is_fronted)
        return routes

    def _handlers(
        self, viewset: type[BaseViewSet], basename: str, path: str, row: Row
    ) -> dict[str, Handler]:
        has_items = any(getattr(viewset, each, None) for each in DETAIL.mapping.values())
        handlers: dict[str, Handler] = {}
        for name in dict.fromkeys(row.mapping.values()):
            methods = tuple(method for method, other in row.mapping.items() if other == name)
            place = Place(f"{self._namespace}{basename}", methods, variables_in(path), has_items)
            action = action_of(viewset, name, place)
            handler = handler_of(action, check_results=self._check_results)
            handlers |= dict.fromkeys(methods, handler)
        return handlers

    def _name(self, basename: str, ending: str) -> str:
        return f"{self._namespace}{route_name(basename)}-{ending}"

    def _path(self, viewset: type[BaseViewSet], basename: str, row: Row) -> str:
        lookup = f"{{{viewset.lookup_url_kwarg}:{viewset.lookup_value_regex}}}"
        segments = [self._prefix, basename, lookup if row.detail else None, row.url_path]
        return "/".join(segment for segment in segments if segment is not None) + self._end

    def _where(self, viewset: type[BaseViewSet]) -> str:
        return f"{type(self).__name__}.register({viewset.__qualname__})"

    def _require_basename(self, basename: str, viewset: type[BaseViewSet]) -> None:
        where = self._where(viewset)
        if not isinstance(basename, str) or not is_segment(basename):
            raise ImproperlyConfigured(
                where,
                f"no URL can match the basename {basename!r}",
                "Use ASCII letters, digits, '-' and '_', such as 'artist'",
            )
        if basename in self._basenames:
            raise ImproperlyConfigured(
                where,
                f"the basename {basename!r} is used by {self._basenames[basename]}",
                "Give each viewset of a router a basename of its own",
            )


def _require_viewset(viewset: object) -> None:
    if not isinstance(viewset, type) or not issubclass(viewset, BaseViewSet):
        raise ImproperlyConfigured(
            f"register({viewset!r})",
            "it is not a viewset",
            "Pass the class first, and let it extend webaio.viewsets.BaseViewSet",
        )


def _require_lookup(viewset: type[BaseViewSet]) -> None:
    for attribute in ("lookup_url_kwarg", "lookup_value_regex"):
        value = getattr(viewset, attribute)
        if not isinstance(value, str) or not value:
            raise ImproperlyConfigured(
                f"{viewset.__qualname__}.{attribute}",
                f"{value!r} is not a string with something in it",
                "Leave it out, or give such as 'id' and '[0-9]+'",
            )
    if not viewset.lookup_url_kwarg.isidentifier():
        raise ImproperlyConfigured(
            f"{viewset.__qualname__}.lookup_url_kwarg",
            f"{viewset.lookup_url_kwarg!r} cannot name a part of a URL",
            "Use an identifier, such as 'id'",
        )


def _merged(first: Row, second: Row, viewset: type[BaseViewSet], path: str) -> Row:
    """Join two rows of one URL: aiohttp has one resource, with one name, for each."""
    where = f"{viewset.__qualname__}, {path}"
    for method in first.mapping.keys() & second.mapping.keys():
        raise ImproperlyConfigured(
            where,
            f"{first.mapping[method]!r} and {second.mapping[method]!r} both answer {method}",
            "Give one of them another url_path or method",
        )
    if first.name != second.name:
        raise ImproperlyConfigured(
            where,
            f"one URL has two names, {first.name!r} and {second.name!r}",
            "Give both actions the same url_name",
        )
    return Row(first.name, first.detail, {**first.mapping, **second.mapping}, first.url_path)
