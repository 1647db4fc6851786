"""The requests that go wrong, for each URL of an application."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import uuid4

from aiohttp import hdrs, web

from ._double import host_of
from ._paths import NoExample, example_path

MARK: Final = uuid4().hex
CRASH_HEADER: Final = f"X-Crash-{MARK}"
DEEP_CRASH_HEADER: Final = f"X-Deep-Crash-{MARK}"
UNKNOWN: Final = "unknown path"
_METHODS: Final = ("DELETE", "PATCH", "POST", "PUT", "GET")
_WITH_BODY: Final = frozenset({"PATCH", "POST", "PUT"})
_JSON: Final = {"Content-Type": "application/json"}
_TEXT: Final = {"Content-Type": "text/plain"}
_NO_SERVER_ERROR: Final = range(200, 500)


@dataclass(frozen=True, slots=True)
class Probe:
    """A request that goes wrong: why, and the statuses that may answer it.

    A deep one crashes below the middlewares of a sub-application.
    """

    why: str
    method: str
    path: str
    statuses: range = _NO_SERVER_ERROR
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_deep: bool = False

    @property
    def name(self) -> str:
        """The request in a message."""
        return f"{self.method} {self.path} ({self.why})"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a URL is: on a host of its own, or below middlewares of a sub-application."""

    host: str | None = None
    is_deep: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The headers that lead there."""
        return {} if self.host is None else {hdrs.HOST: self.host}


_HERE: Final = Where()


def probes_of(
    app: web.Application, parts: Mapping[str, str], oversized: int
) -> Iterator[Probe | NoExample]:
    """Give the requests; and, for a URL of which no example is known, the error that says so."""
    yield Probe(UNKNOWN, "GET", f"/{uuid4().hex}")
    for resource, where in _resources(app):
        try:
            path = example_path(resource.get_info(), parts)
        except NoExample as error:
            yield error
        else:
            methods = _methods(resource)
            for probe in _probes_at(path, methods, _refusals(resource), oversized):
                yield replace(probe, headers={**probe.headers, **where.headers})
            name = DEEP_CRASH_HEADER if where.is_deep else CRASH_HEADER
            crash = {**where.headers, name: "1"}
            for method in sorted(methods):
                yield Probe(
                    "crash", method, path, range(500, 501), headers=crash, is_deep=where.is_deep
                )


def _probes_at(path: str, methods: set[str], refusals: range, oversized: int) -> Iterator[Probe]:
    wrong = next((method for method in _METHODS if method not in methods), None)
    if wrong is not None:
        yield Probe("wrong method", wrong, path, refusals)
    for method in sorted(methods & _WITH_BODY):
        body = b'"%s"' % (b"x" * oversized)
        yield Probe("malformed JSON", method, path, body=b"{", headers=_JSON)
        yield Probe("oversized", method, path, body=body, headers=_JSON)
        yield Probe("wrong media type", method, path, body=b"x", headers=_TEXT)


def _resources(
    app: web.Application, where: Where = _HERE
) -> Iterator[tuple[web.AbstractResource, Where]]:
    """Give the URLs of an application and its sub-applications, those of other hosts too."""
    for resource in app.router.resources():
        info = resource.get_info()
        if "app" not in info:
            yield resource, where
        else:
            inner: web.Application = info["app"]
            host = host_of(resource) if "rule" in info else where.host
            is_deep = where.is_deep or bool(inner.middlewares)
            yield from _resources(inner, Where(host, is_deep))


def _methods(resource: web.AbstractResource) -> set[str]:
    """Give the methods that a URL serves; `*` beside others is taken for their refusal."""
    methods: set[str] = set()
    for route in resource:
        handler: Any = route.handler
        if route.method != hdrs.METH_ANY:
            methods.add(route.method)
        elif isinstance(handler, type):
            methods |= {each for each in _METHODS if hasattr(handler, each.lower())}
    return methods - {"HEAD"} or set(_METHODS)


def _refusals(resource: web.AbstractResource) -> range:
    """Give the statuses for another method: 405, or what the application's own `*` may say."""
    has_own = any(
        route.method == hdrs.METH_ANY and not isinstance(route.handler, type) for route in resource
    )
    return _NO_SERVER_ERROR if has_own else range(405, 406)
