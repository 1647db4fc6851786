"""The operations that an application serves, as its routes tell them."""

import dataclasses
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import hdrs, web

from webaio.decorators._mark import record_on
from webaio.decorators._operation import Operation, added_by
from webaio.middlewares._exception_handler import responder_of
from webaio.middlewares._responder import Responder
from webaio.routers._action import Action
from webaio.routers._handler import action_served
from webaio.routers._resource import is_refusal

_ANY: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""The methods that are told of a route for all of them."""
_METHODS: Final = (*_ANY, "HEAD", "OPTIONS", "TRACE")
_KNOWN: Final = (web.DynamicResource, web.PlainResource)
_VARIABLE: Final = re.compile(r"\{(\w+)\}")
_OF_PYTHON: Final = re.compile(r"\(\?(?!:|=|!|<=|<!)|\\[AZ]")
"""Of a pattern, what ECMA-262 has not: flags, groups as Python names them, its anchors."""
_SEGMENT: Final = r"[^{}/]+"
_OF_HANDLERS: Final = (
    *("consumes", "deprecated", "errors", "include_in_schema", "produces"),
    *("security", "summary", "tags"),
)
"""The words of an operation that a handler may have which no router made."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A name in a URL: as the document has it, as the route has it, and what may stand there.

    They differ where two routes have one path but for the names: a document can have one of them.
    `pattern` is None where any segment will do.
    """

    name: str
    key: str
    pattern: str | None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation: its method and URL, who answers, and the action where a router knows one.

    `path` is OpenAPI's template. `name` is the route's. `words` are what `@operation` says of it.
    `is_alone` tells that no other method shares the handler. `responder` answers its errors, where
    an error middleware is known.
    """

    method: str
    path: str
    variables: tuple[Variable, ...]
    name: str | None
    handler: Any
    action: Action | None
    words: Operation
    is_alone: bool
    responder: Responder | None

    @property
    def where(self) -> str:
        """The operation's place in a message."""
        return f"{self.method} {self.path}"


def endpoints_of(app: web.Application) -> list[Endpoint]:
    """Give the operations of an application and its sub-applications, in the order of the routes.

    Left out are what hides itself, HEAD beside GET, files, sub-applications of another host, what a
    router only refuses, resources that are not aiohttp's own, and what another route hides: one of
    the same path and method, or of the path and all methods.
    """
    found: dict[tuple[str, str], Endpoint] = {}
    templates: dict[str, Endpoint] = {}
    closed = set[str]()
    for resource, responder in _resources(app, None):
        path, variables = _template(resource)
        shape = _VARIABLE.sub("{}", path)
        if shape in closed:
            continue
        for endpoint in _endpoints(resource, responder, path, variables):
            first = templates.setdefault(shape, endpoint)
            found.setdefault((shape, endpoint.method), _at(first, endpoint))
        if any(each.method == hdrs.METH_ANY for each in resource):
            closed.add(shape)
    return [each for each in found.values() if each.words.include_in_schema is not False]


def _at(first: Endpoint, endpoint: Endpoint) -> Endpoint:
    """Give an operation the path of the first that has it, with the names of that."""
    variables = tuple(
        dataclasses.replace(own, name=other.name)
        for own, other in zip(endpoint.variables, first.variables, strict=True)
    )
    return dataclasses.replace(endpoint, path=first.path, variables=variables)


def _resources(
    app: web.Application, above: Responder | None
) -> Iterator[tuple[web.Resource, Responder | None]]:
    """Give the resources of an application, each with what answers its errors: what is nearest."""
    found = filter(None, map(responder_of, reversed(app.middlewares)))
    responder = next(found, above)
    for resource in app.router.resources():
        if isinstance(resource, web.PrefixedSubAppResource):
            info = resource.get_info()
            if "rule" not in info:  # of a host
                yield from _resources(info["app"], responder)
        elif isinstance(resource, _KNOWN) and resource.canonical.startswith("/"):
            yield resource, responder


def _endpoints(
    resource: web.Resource,
    responder: Responder | None,
    path: str,
    variables: tuple[Variable, ...],
) -> Iterator[Endpoint]:
    routes = [each for each in resource if not is_refusal(each.handler)]
    handlers = dict(_handlers(routes))
    if hdrs.METH_GET in handlers:
        handlers.pop(hdrs.METH_HEAD, None)
    shared = [*handlers.values()]
    for method in (each for each in _METHODS if each in handlers):
        handler = handlers[method]
        action = action_served(handler)
        yield Endpoint(
            method=method,
            path=path,
            variables=variables,
            name=resource.name,
            handler=handler,
            action=action,
            words=action.operation if action else _words_on(handler, f"{method} {path}"),
            is_alone=shared.count(handler) == 1,
            responder=responder,
        )


def _words_on(handler: Any, where: str) -> Operation:
    """Give the words of a handler that no router made; one that makes a response may have a status."""
    has_content = (record_on(handler, Operation) or Operation()).produces is not None
    return added_by(handler, where, *_OF_HANDLERS, *(["status"] if has_content else []))


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


def _template(resource: web.Resource) -> tuple[str, tuple[Variable, ...]]:
    """Give OpenAPI's template of a URL, and the names in it; other braces are no names."""
    pattern = resource.get_info().get("pattern")
    names = [] if pattern is None else list(pattern.groupindex)
    shown = [each for each in _VARIABLE.findall(resource.canonical) if each in names]

    def kept(match: re.Match[str]) -> str:
        return match[0] if match[1] in shown else match[0].replace("{", "%7B").replace("}", "%7D")

    path = _VARIABLE.sub(kept, resource.canonical)
    whole = "" if pattern is None else pattern.pattern
    return path, tuple(Variable(name, name, _pattern(name, whole)) for name in shown)


def _pattern(name: str, whole: str) -> str | None:
    """Cut the pattern of one name out: it ends at the first bracket where it is one.

    None for any segment, and for what only Python understands.
    """
    rest = whole.partition(f"(?P<{name}>")[2]
    for end in (index for index, character in enumerate(rest) if character == ")"):
        try:
            re.compile(rest[:end])
        except re.error:
            continue
        is_known = rest[:end] != _SEGMENT and not _OF_PYTHON.search(rest[:end])
        return rest[:end] if is_known else None
    return None
