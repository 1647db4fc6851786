"""The operations that an application serves, as its routes tell them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aiohttp import hdrs, web

from webaio.routers import Action, action_served, is_refusal

_ANY: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""The methods that are told of a route for all of them."""
_METHODS: Final = (*_ANY, "HEAD", "OPTIONS", "TRACE")
_HIDDEN: Final = "webaio_openapi_hidden"
_SEGMENT: Final = r"[^{}/]+"
_Handler = TypeVar("_Handler", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation: its method and URL, who answers, and the action where a router knows one.

    `path` is OpenAPI's template; `variables` gives the pattern of each name in it, None where any
    segment will do. `name` is the route's. `is_alone` tells that no other method shares the handler.
    """

    method: str
    path: str
    variables: Mapping[str, str | None]
    name: str | None
    handler: Any
    action: Action | None
    is_alone: bool

    @property
    def where(self) -> str:
        """The operation's place in a message."""
        return f"{self.method} {self.path}"


def hidden(handler: _Handler) -> _Handler:
    """Mark a handler that no document tells of."""
    setattr(handler, _HIDDEN, True)
    return handler


def endpoints_of(app: web.Application) -> list[Endpoint]:
    """Give the operations of an application and its sub-applications, in the order of the routes.

    Left out are HEAD beside GET, files, sub-applications of another host, what a router only
    refuses, and what another route of the same path and method hides.
    """
    found: dict[tuple[str, str], Endpoint] = {}
    for resource in _resources(app):
        for endpoint in _endpoints(resource):
            found.setdefault((endpoint.path, endpoint.method), endpoint)
    return [*found.values()]


def _resources(app: web.Application) -> Iterator[web.AbstractResource]:
    for resource in app.router.resources():
        info = resource.get_info()
        if "app" in info and "rule" not in info:
            yield from _resources(info["app"])
        elif "path" in info or "formatter" in info:
            yield resource


def _endpoints(resource: web.AbstractResource) -> Iterator[Endpoint]:
    routes = [each for each in resource if not is_refusal(each.handler)]
    handlers = dict(_handlers(routes))
    if hdrs.METH_GET in handlers:
        handlers.pop(hdrs.METH_HEAD, None)
    shared = [*handlers.values()]
    for method in (each for each in _METHODS if each in handlers):
        handler = handlers[method]
        if not getattr(handler, _HIDDEN, False):
            yield Endpoint(
                method=method,
                path=resource.canonical,
                variables=_variables(resource),
                name=resource.name,
                handler=handler,
                action=action_served(handler),
                is_alone=shared.count(handler) == 1,
            )


def _handlers(routes: Iterable[web.AbstractRoute]) -> Iterator[tuple[str, Any]]:
    """Give methods and who answers them; a method of its own comes after, and so before, any."""
    for route in sorted(routes, key=lambda each: each.method != hdrs.METH_ANY):
        is_view = isinstance(route.handler, type)
        if route.method != hdrs.METH_ANY:
            own = getattr(route.handler, route.method.lower(), None) if is_view else None
            yield route.method, own or route.handler
        elif is_view:
            named = {each: getattr(route.handler, each.lower(), None) for each in _METHODS}
            yield from ((method, each) for method, each in named.items() if each is not None)
        else:
            yield from dict.fromkeys(_ANY, route.handler).items()


def _variables(resource: web.AbstractResource) -> dict[str, str | None]:
    """Give the names in a URL, each with its pattern where that is not any segment."""
    pattern = resource.get_info().get("pattern")
    if pattern is None:
        return {}
    return {name: _pattern(name, pattern.pattern) for name in pattern.groupindex}


def _pattern(name: str, whole: str) -> str | None:
    """Cut the pattern of one name out: it ends at the first bracket where it is one."""
    rest = whole.partition(f"(?P<{name}>")[2]
    for end in (index for index, character in enumerate(rest) if character == ")"):
        try:
            re.compile(rest[:end])
        except re.error:
            continue
        return None if rest[:end] == _SEGMENT else rest[:end]
    return None
