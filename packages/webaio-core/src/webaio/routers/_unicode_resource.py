import re
from typing import Any

from aiohttp import hdrs, web
from yarl import URL

from ._path import Path

_Resolved = tuple[web.UrlMappingMatchInfo | None, set[str]]


class UnicodeResource(web.DynamicResource):
    """Matches a URL with a variable, and with letters beyond ASCII beside it.

    aiohttp decodes the path of a request, and encodes what stands beside the variables of a dynamic
    resource: one never matches the other. Here both are decoded. `url_for` gives an encoded URL.
    """

    def __init__(self, path: Path, *, name: str) -> None:
        super().__init__(path.text, name=name)
        self._decoded = re.compile(path.regex)

    @property
    def canonical(self) -> str:
        """Where aiohttp looks for it."""
        return URL.build(path=super().canonical, encoded=True).path_safe

    def add_prefix(self, prefix: str) -> None:
        """Begin with what a sub-application is mounted at."""
        super().add_prefix(prefix)
        self._decoded = re.compile(re.escape(prefix) + self._decoded.pattern)

    async def resolve(self, request: web.Request) -> _Resolved:
        """Answer as aiohttp's resources do: the route and the variables, else the methods allowed."""
        found = self._decoded.fullmatch(request.rel_url.path_safe)
        if found is None:
            return None, set()
        allowed = {route.method for route in self}
        for route in self:  # one for all methods can only be the last
            if route.method in (request.method, hdrs.METH_ANY):
                return web.UrlMappingMatchInfo(_decoded(found.groupdict()), route), allowed
        return None, allowed

    def get_info(self) -> Any:
        return {**super().get_info(), "pattern": self._decoded}


def _decoded(variables: dict[str, str]) -> dict[str, str]:
    """Decode the two escapes that `path_safe` leaves."""
    return {
        name: value.replace("%2F", "/").replace("%25", "%") for name, value in variables.items()
    }
