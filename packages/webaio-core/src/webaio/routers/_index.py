import re
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Any, Final, NamedTuple

from aiohttp import web

from ._segments import Segments

_FEW: Final = 1
"""How many resources with variables are tried as fast as looked for."""


Resolved = tuple[web.UrlMappingMatchInfo | None, set[str]]
"""What a resource says to a request: who answers, or None; and the methods that it allows."""


class Known(NamedTuple):
    """A resource of which all is known: its place in the order, what it matches, its routes."""

    number: int
    resource: web.AbstractResource
    match: Callable[[str], re.Match[str] | None]
    routes: dict[str, web.AbstractRoute]
    methods: set[str]

    def resolve(self, path: str, method: str) -> Resolved:
        """Answer as the resource does for a path without escapes."""
        match = self.match(path)
        return (None, set()) if match is None else self.found(match.groupdict(), method)

    def found(self, variables: dict[str, str], method: str) -> Resolved:
        """Answer for a path that has these variables."""
        route = self.routes.get(method) or self.routes.get("*")
        if route is None:
            return None, self.methods
        return web.UrlMappingMatchInfo(variables, route), self.methods


def known_of(number: int, resource: web.AbstractResource) -> Known:
    """Look at a resource that no more routes come to."""
    info = resource.get_info()
    pattern = info.get("pattern") or re.compile(re.escape(info["path"]))
    routes = {route.method: route for route in resource}
    return Known(number, resource, pattern.fullmatch, routes, {*routes})


_Candidates = tuple[Known, ...]
_Table = tuple[Callable[[Any], Any], dict[Any, _Candidates]]
"""What takes the segments at some positions out of a path, and the resources by these segments."""


class Index:
    """Finds the resources that a path can be of.

    `plain` are those without variables, by their paths, where none that comes before can match the
    same. The others are found by the segments that stand between their variables.
    """

    def __init__(self, known: Iterable[tuple[Known, Segments]]) -> None:
        self.plain: dict[str, Known] = {}
        others: list[tuple[Known, Segments]] = []
        for each, segments in known:
            path = each.resource.get_info().get("path")
            if path is None or "*" not in each.routes or any(o.match(path) for o, _ in others):
                others.append((each, segments))
            else:
                self.plain.setdefault(path, each)
        self._all = tuple(each for each, _ in others)
        self._tables = [] if len(others) <= _FEW else list(_tables(others))

    def candidates(self, path: str) -> _Candidates:
        """Give those with variables that a path can be of, in the order of registration."""
        if not self._tables:
            return self._all
        segments = path.split("/")
        count = len(segments)
        found: _Candidates = ()
        for key_of, known in self._tables[count if count < len(self._tables) else -1]:
            found += known.get(key_of(segments), ())
        return found if len(found) < 2 else tuple(sorted(found))


def _tables(known: list[tuple[Known, Segments]]) -> Iterator[list[_Table]]:
    """Give the tables for paths of no segment, of one, and so on; the last are for all with more."""
    most = max(segments.least for _, segments in known)
    for count in range(most + 2):
        tables: dict[tuple[int, ...], _Table] = {}
        for each, segments in known:
            if count == segments.least or (segments.is_open and count > segments.least):
                positions = tuple(segments.literals)
                key_of, candidates = tables.setdefault(positions, (_key_of(positions), {}))
                key = key_of(segments.literals)
                candidates[key] = (*candidates.get(key, ()), each)
        yield [*tables.values()]


def _key_of(positions: tuple[int, ...]) -> Callable[[Any], Any]:
    return itemgetter(*positions) if positions else lambda segments: ()
