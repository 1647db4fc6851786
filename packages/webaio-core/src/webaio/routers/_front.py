import contextlib
from collections.abc import Iterator
from typing import Any, NoReturn

from aiohttp import web

from ._index import Index, Resolved, known_of
from ._segments import segments_of


class Front(web.AbstractResource):
    """Finds the resource that a URL is of, and its route, among all whose paths begin alike.

    aiohttp finds resources by what their paths begin with, up to the first variable, and tries
    those one after another. A front stands there in their place, and answers what they would.

    It has no routes and no name. What it stands for stays in the application's router, and is taken
    out of its index with the first request. Before, as long as routes may still be added, the front
    answers nothing and leaves the resources to aiohttp. `keep` lives as long as the front.
    """

    def __init__(self, router: web.UrlDispatcher, beginning: str, *, keep: object = None) -> None:
        super().__init__()
        self._router = router
        self._keep = keep
        self._beginning = beginning
        self._paths: dict[web.AbstractResource, str] = {}
        self._index: Index | None = None

    def add(self, resource: web.AbstractResource, path: str) -> None:
        """Stand for one more resource, whose path begins alike."""
        self._paths.setdefault(resource, path.removeprefix(self._beginning))

    async def resolve(self, request: web.Request) -> Resolved:
        """Answer for the resources."""
        index = self._index or self._take_over()
        if index is None:
            return None, set()
        path, method = request.rel_url.path_safe, request.method
        plain = index.plain.get(path)
        if plain is not None:
            return plain.found({}, method)
        allowed = set[str]()
        for known in index.candidates(path):
            if "%" in path:  # aiohttp knows what is to be unquoted
                match_info, methods = await known.resource.resolve(request)
            else:
                match_info, methods = known.resolve(path, method)
            if match_info is not None:
                return match_info, methods
            allowed |= methods
        return None, allowed

    def _take_over(self) -> Index | None:
        """Stand in the place of the resources from now on, if no more routes can come."""
        if not self._router.frozen:
            return None
        before = self._beginning.count("/")
        self._index = Index(
            (known_of(number, resource), segments_of(path, before))
            for number, (resource, path) in enumerate(self._paths.items())
        )
        for resource in self._paths:
            with contextlib.suppress(KeyError, ValueError):  # somebody else has taken it out
                self._router.unindex_resource(resource)
        return self._index

    def add_prefix(self, prefix: str) -> None:
        """Begin with what a sub-application is mounted at.

        aiohttp takes each resource out of its index to do the same: there it must be.
        """
        if self._index is not None:
            for resource in self._paths:
                self._router.index_resource(resource)
            self._index = None
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
        raise RuntimeError("url_for() is not supported by a front: it has no URL of its own")

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[web.AbstractRoute]:
        return iter(())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.canonical}>"
