import contextlib
from collections.abc import Callable, Coroutine, Iterator
from itertools import islice
from operator import itemgetter
from typing import Any, Final, NoReturn

from aiohttp import web

from ._path import Path, Segments, beginning_of

_Resolved = tuple[web.UrlMappingMatchInfo | None, set[str]]
_Candidates = tuple[tuple[int, web.AbstractResource], ...]
"""Resources, each after the number of its place in the order of registration."""
_Table = tuple[Callable[[Any], Any], dict[Any, _Candidates]]
"""What takes the segments at some positions out of a URL, and the resources by these segments."""

_UNKNOWN: Final[list[list[_Table]]] = [[]]


class URLIndex(web.AbstractResource):
    """Finds the few resources that a URL can be of, among all whose paths begin alike.

    aiohttp finds resources by what their paths begin with, up to the first variable, and tries
    those one after another. An index stands there in their place: it looks at the segments that
    follow, and asks only the resources with these, in the order of their registration.

    It has no routes and no name. Its resources stay in the application's router, and aiohttp is
    told with the first request to look for them no more. Before, as long as routes may still be
    added, the index answers nothing and leaves them to aiohttp.
    """

    def __init__(self, router: web.UrlDispatcher, beginning: str) -> None:
        super().__init__()
        self._router = router
        self._beginning = beginning
        self._start = beginning.count("/")
        self._paths: dict[web.AbstractResource, Path] = {}
        self._tables: list[list[_Table]] = []
        self._count = len(router.resources())

    def add(self, resource: web.AbstractResource, path: Path) -> None:
        """Take in the resource that the router was given last."""
        self._paths[resource] = path
        self._count = len(self._router.resources())

    def is_last_in(self, router: web.UrlDispatcher) -> bool:
        """Tell whether it may be added to: no path of somebody else that begins alike came after."""
        if router is not self._router:
            return False
        if self._count == len(router.resources()):
            return True
        since = islice(router.resources(), self._count, None)
        return all(beginning_of(each.canonical) != self._beginning for each in since)

    # Not `async`: what a resource gives is handed on, and awaited once.
    def resolve(self, request: web.Request) -> Coroutine[Any, Any, _Resolved]:
        """Answer for the resources."""
        tables = self._tables or self._take_over()
        segments = request.rel_url.path_safe.split("/")
        count = len(segments)
        found: _Candidates = ()
        for key_of, known in tables[count] if count < len(tables) else tables[-1]:
            found += known.get(key_of(segments), ())
        if len(found) == 1:
            return found[0][1].resolve(request)
        return _first(found, request)

    def _take_over(self) -> list[list[_Table]]:
        if not self._router.frozen:
            return _UNKNOWN
        where = {"start": self._start, "before": self._beginning.count("/")}
        known = [(each, path.known_segments(**where)) for each, path in self._paths.items()]
        self._tables = list(_tables(known))
        for resource in self._paths:
            with contextlib.suppress(KeyError, ValueError):  # somebody else has taken it out
                self._router.unindex_resource(resource)
        return self._tables

    def add_prefix(self, prefix: str) -> None:
        """Begin with what a sub-application is mounted at.

        aiohttp looks for each resource to do the same: there it must be.
        """
        if self._tables:
            for resource in self._paths:
                self._router.index_resource(resource)
            self._tables = []
        self._beginning = prefix + self._beginning

    @property
    def canonical(self) -> str:
        """Where aiohttp looks for it: what all the paths begin with."""
        return self._beginning or "/"

    def raw_match(self, path: str) -> bool:
        return False

    def get_info(self) -> Any:
        return {}

    def url_for(self, **parts: str) -> NoReturn:
        raise RuntimeError("url_for() is not supported by an index: it has no URL of its own")

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[web.AbstractRoute]:
        return iter(())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.canonical}>"


async def _first(found: _Candidates, request: web.Request) -> _Resolved:
    """Ask as aiohttp does: the first that answers, else the methods that all of them allow."""
    allowed = set[str]()
    for _, resource in sorted(found):
        match_info, methods = await resource.resolve(request)
        if match_info is not None:
            return match_info, methods
        allowed |= methods
    return None, allowed


def _tables(known: list[tuple[web.AbstractResource, Segments]]) -> Iterator[list[_Table]]:
    """Give the tables for URLs of no segment, of one, and so on; the last are for all with more."""
    most = max((segments.least for _, segments in known), default=0)
    for count in range(most + 2):
        tables: dict[tuple[int, ...], _Table] = {}
        for number, (resource, segments) in enumerate(known):
            if count == segments.least or (segments.is_open and count > segments.least):
                positions = tuple(segments.literals)
                key_of, candidates = tables.setdefault(positions, (_key_of(positions), {}))
                key = key_of(segments.literals)
                candidates[key] = (*candidates.get(key, ()), (number, resource))
        yield [*tables.values()]


def _key_of(positions: tuple[int, ...]) -> Callable[[Any], Any]:
    return itemgetter(*positions) if positions else lambda segments: ()
