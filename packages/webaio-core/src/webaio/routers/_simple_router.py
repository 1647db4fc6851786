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
from ._path import Path, Variable, is_segment
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
        self._basenames: dict[str, str] = {}
        self._rates: dict[str, Rate] = {}
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
        aiohttp refuses, two rates of one name. Then nothing is added.
        """
        require_viewset(viewset)
        self._require_basename(basename, viewset)
        urls = self._urls(viewset, basename)
        beginning = f"{self._namespace}{route_name(basename)}"
        names = {path: f"{beginning}-{_first(marks).url_name}" for path, marks in urls.items()}
        routes = self._routes(viewset, basename, urls, names)
        rates = dict(self._rates)
        claim(rates, _rates_of(routes))
        self._names.admit(names, f"{self._where(viewset)}, {basename!r}")
        self._rates = rates
        self.routespatters += routes
        self._basenames[basename] = viewset.__qualname__

    def _urls(self, viewset: type[BaseViewSet], basename: str) -> dict[Path, dict[str, ActionMark]]:
        urls: dict[Path, dict[str, ActionMark]] = {}
        for name, mark in actions_of(viewset).items():
            urls.setdefault(self._path(viewset, basename, mark), {})[name] = mark
        for path, marks in urls.items():
            require_apart(marks, f"{viewset.__qualname__}, {path.text}")
        return urls

    def _routes(
        self,
        viewset: type[BaseViewSet],
        basename: str,
        urls: dict[Path, dict[str, ActionMark]],
        names: dict[Path, str],
    ) -> list[web.RouteDef]:
        has_variables = bool(self._prefix.variables)
        has_many = sum(_first(marks).detail for marks in urls.values()) > _FEW
        attributes = Signature(viewset, None, (), dependencies_on(viewset, BaseViewSet))
        routes: list[web.RouteDef] = []
        for path, marks in urls.items():
            handlers = self._handlers(viewset, basename, path, marks, attributes)
            first = _first(marks)
            is_among_many = has_many and (first.detail or first.url_path == "")
            is_indexed = has_variables or is_among_many
            routes += resource(path, names[path], handlers, is_indexed=is_indexed)
        return routes

    def _handlers(
        self,
        viewset: type[BaseViewSet],
        basename: str,
        path: Path,
        marks: dict[str, ActionMark],
        attributes: Signature,
    ) -> dict[str, Handler]:
        variables = frozenset(each.name for each in path.variables)
        handlers: dict[str, Handler] = {}
        for name, mark in marks.items():
            action = action_of(
                viewset,
                name,
                basename=f"{self._namespace}{basename}",
                methods=mark.methods,
                variables=variables,
                attributes=attributes,
            )
            handler = handler_of(action, check_results=self._check_results)
            of_prefix = [each.name for each in self._prefix.variables]
            require_variables(action, of_prefix)
            require_item(action, of_prefix)
            handlers |= dict.fromkeys(mark.methods, handler)
        return handlers

    def _path(self, viewset: type[BaseViewSet], basename: str, mark: ActionMark) -> Path:
        path = self._prefix / basename
        if mark.detail:
            path /= Variable(viewset.lookup_url_kwarg, viewset.lookup_value_regex)
        rest = Path.parse(mark.url_path)
        if rest is not None:
            path /= rest
        return path / "" if self._end else path

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
