import functools
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from webaio.decorators._mark import mark, record_on
from webaio.exceptions import MethodNotAllowed
from webaio.middlewares import handle_exceptions
from webaio.permissions import Anyone
from webaio.permissions._expectation import expect
from webaio.permissions._guard import Guard

from ._handler import Handler, action_served
from ._path import Path
from ._route_def import IndexedRouteDef, PathRouteDef

_REFUSAL: Final = "webaio_refusal"


def resource(
    path: Path, name: str, handlers: Mapping[str, Handler], *, is_indexed: bool
) -> list[web.RouteDef]:
    """Define all routes of one URL, in a row, so that aiohttp keeps them in one resource.

    HEAD comes with GET. Every other method is answered here too, and not by another URL that
    matches as well: `PUT /artist/import/` never means the artist whose id is `import`. With
    `is_indexed` the URL is found at once among many that begin alike.
    """
    complete = dict(handlers)
    if "GET" in complete:
        complete.setdefault("HEAD", complete["GET"])
    complete["*"] = _refusal((*sorted({*complete, "OPTIONS"}),))
    make = IndexedRouteDef if is_indexed or path.is_unicode else PathRouteDef
    plain: dict[str, Any] = {"name": name}
    waiting = {**plain, "expect_handler": expect}

    def words(method: str, handler: Handler) -> dict[str, Any]:
        found = waiting if _is_guarded_first(handler) else plain
        return {**found, "allow_head": False} if method == "GET" else found

    return [
        make(method, path, handler, words(method, handler)) for method, handler in complete.items()
    ]


def _is_guarded_first(handler: Handler) -> bool:
    """Tell whether the guard of a handler is asked before anything of it that may read the body."""
    guard, action = record_on(handler, Guard), action_served(handler)
    if guard is None or any(callable(rate.by) for rate in guard.throttles):
        return False
    return action is None or not action.middlewares


@functools.lru_cache
def _refusal(methods: tuple[str, ...]) -> Handler:
    """Make the handler that answers OPTIONS with 204 and the rest with 405, both with Allow.

    RFC 9110, 9.3.7 and 15.5.6.
    """
    allow = ",".join(methods)

    @handle_exceptions
    async def refuse(request: web.Request) -> web.StreamResponse:
        if request.method == "OPTIONS":
            return web.Response(status=204, headers={"Allow": allow})
        raise MethodNotAllowed(allowed=methods)

    setattr(refuse, _REFUSAL, True)
    mark(refuse, Guard((), Anyone(), ()))
    return refuse


def is_refusal(handler: object) -> bool:
    """Tell whether a handler of a route is the router's own, which only refuses other methods."""
    return getattr(handler, _REFUSAL, False) is True
