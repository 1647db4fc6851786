import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import uuid4

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, hdrs, web
from aiohttp.typedefs import Handler

from ._double import double_of, host_of
from ._failures import named
from ._form import SentProblem, differences
from ._log import without_logging
from ._paths import NoExample, example_path
from ._problem import problem_faults
from ._server import running

__tracebackhide__ = True  # pytest shows the line of the test, not ours

_MARK: Final = uuid4().hex
_CRASH_HEADER: Final = f"X-Crash-{_MARK}"
_DEEP_CRASH_HEADER: Final = f"X-Deep-Crash-{_MARK}"
_METHODS: Final = ("DELETE", "PATCH", "POST", "PUT", "GET")
_WITH_BODY: Final = frozenset({"PATCH", "POST", "PUT"})
_JSON: Final = {"Content-Type": "application/json"}
_TEXT: Final = {"Content-Type": "text/plain"}
_NO_SERVER_ERROR: Final = range(200, 500)
_NOT_LET_IN: Final = (401, 403)
"""Answers that end a request before it goes wrong."""
_UNKNOWN: Final = "unknown path"
_TIMEOUT: Final = ClientTimeout(total=10)

Crash: Final = type(f"Crash{_MARK}", (RuntimeError,), {})


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


async def assert_error_contract(
    app: web.Application,
    *,
    headers: Mapping[str, str] | None = None,
    parts: Mapping[str, str] | None = None,
    oversized: int = 2 * 1024**2,
) -> None:
    """Assert that every error of an application is a proper problem (RFC 9457).

    Asks for an unknown path, and for each URL makes requests with a wrong method, malformed JSON,
    a body of `oversized` bytes and a wrong media type, and raises an exception where each handler
    is called. An answer of 400 or above must be a problem; a client's fault must not be a 5xx, a
    crash must be a 500, and no answer may tell what crashed. All problems must be alike: one media
    type, one spelling of JSON, the same members but for those of one kind of error. The requests are
    real: DELETE deletes. What is raised for this is kept out of the log.

    `headers` go with each request, such as credentials: behind a 401 or 403, which may be the answer
    to any request, nothing is asked. `parts` fill the variables of URLs whose
    pattern takes none of the usual examples: `{"year": "1983"}`. Let `oversized` be more than the
    application's `client_max_size`. Where a sub-application has middlewares of its own, its handlers
    crash in a double of the whole: with the same URLs, middlewares and state, and without signals of
    start and cleanup.

    `app` must be new: it is served here.

        await assert_error_contract(await get_web_app())

    Raises `AssertionError` with every request that was answered wrongly.
    """
    if app.frozen:
        raise RuntimeError("This application runs already. Give a new application.")
    app.middlewares.append(_crash_on_demand)
    probes = list(_probes(app, parts or {}, oversized))
    faults = [str(each) for each in probes if isinstance(each, NoExample)]
    known = [each for each in probes if isinstance(each, Probe)]
    problems: list[SentProblem] = []
    with without_logging(Crash):
        async with running(app) as url:
            near = [each for each in known if not each.is_deep]
            faults += await _told(url, near, headers or {}, problems)
            if deep := [each for each in known if each.is_deep]:
                double = double_of(app, _crash_deep, parts or {})
                async with running(double) as url_of_double:
                    faults += await _told(url_of_double, deep, headers or {}, problems)
    faults += differences(problems)
    if faults:
        raise AssertionError("Not every error is a proper problem:\n" + "\n".join(faults))


async def _told(
    url: str, probes: Iterable[Probe], headers: Mapping[str, str], problems: list[SentProblem]
) -> list[str]:
    """Make the requests one by one, and give what is wrong with their answers; keep the problems."""
    async with ClientSession(url, timeout=_TIMEOUT) as session:
        return [
            f"{probe.name}: {fault}"
            for probe in probes
            for fault in await _faults(session, probe, headers, problems)
        ]


@web.middleware
async def _crash_on_demand(request: web.Request, handler: Handler) -> web.StreamResponse:
    if _CRASH_HEADER in request.headers:
        raise Crash(_MARK)
    return await handler(request)


def _crash_deep(request: web.Request) -> None:
    if _DEEP_CRASH_HEADER in request.headers:
        raise Crash(_MARK)


async def _faults(
    session: ClientSession, probe: Probe, headers: Mapping[str, str], problems: list[SentProblem]
) -> list[str]:
    try:
        async with session.request(
            probe.method,
            probe.path,
            data=None if probe.body is None else io.BytesIO(probe.body),
            headers={**headers, **probe.headers},
            allow_redirects=False,
        ) as response:
            await response.read()
            faults = await _faults_of(probe, response)
            if response.status >= 400 and not faults:
                problems.append(await _sent(probe, response))
            return faults
    except ClientError as error:
        return [f"the connection was cut: {error!r}"]
    except TimeoutError:
        return [f"no answer in {_TIMEOUT.total:.0f} s"]


async def _faults_of(probe: Probe, response: ClientResponse) -> list[str]:
    if response.status not in (*probe.statuses, *_NOT_LET_IN):
        return [f"answered {named(response.status)}"]
    if response.status < 400:
        return []
    faults = await problem_faults(response)
    if _MARK in f"{response.headers}{await response.text(errors='replace')}":
        faults.append("the answer tells what crashed")
    return faults


async def _sent(probe: Probe, response: ClientResponse) -> SentProblem:
    text = await response.text()
    media_type = response.headers[hdrs.CONTENT_TYPE]
    is_unknown = probe.why == _UNKNOWN and response.status == 404
    return SentProblem(probe.name, is_unknown, media_type, text, frozenset(json.loads(text)))


def _probes(
    app: web.Application, parts: Mapping[str, str], oversized: int
) -> Iterator[Probe | NoExample]:
    yield Probe(_UNKNOWN, "GET", f"/{uuid4().hex}")
    for resource, where in _resources(app):
        try:
            path = example_path(resource.get_info(), parts)
        except NoExample as error:
            yield error
        else:
            methods = _methods(resource)
            for probe in _probes_of(path, methods, _refusals(resource), oversized):
                yield replace(probe, headers={**probe.headers, **where.headers})
            name = _DEEP_CRASH_HEADER if where.is_deep else _CRASH_HEADER
            crash = {**where.headers, name: "1"}
            for method in sorted(methods):
                yield Probe(
                    "crash", method, path, range(500, 501), headers=crash, is_deep=where.is_deep
                )


def _probes_of(path: str, methods: set[str], refusals: range, oversized: int) -> Iterator[Probe]:
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
