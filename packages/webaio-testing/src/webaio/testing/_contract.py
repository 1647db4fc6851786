import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from aiohttp import ClientResponse, ClientSession, web
from aiohttp.typedefs import Handler

from ._failures import named
from ._problem import problem_faults
from ._server import running

_CRASH: Final = f"X-Crash-{uuid4().hex}"
_METHODS: Final = ("DELETE", "PATCH", "POST", "PUT", "GET")
_WITH_BODY: Final = frozenset({"PATCH", "POST", "PUT"})
_PARTS: Final = ("1", "x", str(uuid4()), "2000-01-01")
_JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Probe:
    """A request that goes wrong: why, and the statuses that may answer it."""

    why: str
    method: str
    path: str
    statuses: range
    body: bytes | None = None
    headers: dict[str, str] | None = None


async def assert_error_contract(app: web.Application, *, oversized: int = 2 * 1024**2) -> None:
    """Assert that every error of an application is a proper problem (RFC 9457).

    Asks for an unknown path, and for each URL makes requests with a wrong method, malformed JSON,
    a body of `oversized` bytes and a wrong media type, and lets each handler crash. An answer of
    400 or above must be a problem; a client's fault must not be a 5xx, a crash must be a 500, and
    neither may tell what crashed. The requests are real: DELETE deletes.

    `app` must be new: it is served here.

        await assert_error_contract(await get_web_app())

    Raises `AssertionError` with every request that was answered wrongly.
    """
    _prepare(app)
    faults = []
    async with running(app) as url, ClientSession(url) as session:
        for probe in _probes(app, oversized):
            async with session.request(
                probe.method,
                probe.path,
                data=None if probe.body is None else io.BytesIO(probe.body),
                headers=probe.headers,
                allow_redirects=False,
            ) as response:
                faults += [
                    f"{probe.method} {probe.path} ({probe.why}): {fault}"
                    for fault in await _faults(probe, response)
                ]
    if faults:
        raise AssertionError("Not every error is a proper problem:\n" + "\n".join(faults))


def _prepare(app: web.Application) -> None:
    try:
        app.middlewares.append(_crash_on_demand)
    except RuntimeError as error:
        raise RuntimeError("This application runs already. Give a new application.") from error


@web.middleware
async def _crash_on_demand(request: web.Request, handler: Handler) -> web.StreamResponse:
    if _CRASH in request.headers:
        raise RuntimeError(_CRASH)
    return await handler(request)


async def _faults(probe: Probe, response: ClientResponse) -> list[str]:
    if response.status not in probe.statuses:
        return [f"answered {named(response.status)}"]
    if response.status < 400:
        return []
    faults = await problem_faults(response)
    if _CRASH in await response.text(errors="replace"):
        faults.append("the answer tells what crashed")
    return faults


def _probes(app: web.Application, oversized: int) -> Iterator[Probe]:
    no_server_error = range(200, 500)
    yield Probe("unknown path", "GET", f"/{uuid4().hex}", no_server_error)
    for path, methods in _urls(app).items():
        wrong = next((method for method in _METHODS if method not in methods), "PROPFIND")
        statuses = no_server_error if "*" in methods else range(405, 406)
        yield Probe("wrong method", wrong, path, statuses)
        for method in sorted(methods & _WITH_BODY):
            yield Probe("malformed JSON", method, path, no_server_error, b"{", _JSON)
            body = b'"%s"' % (b"x" * oversized)
            yield Probe("oversized", method, path, no_server_error, body, _JSON)
            wrong_type = {"Content-Type": "text/plain"}
            yield Probe("wrong media type", method, path, no_server_error, b"x", wrong_type)
        for method in sorted(methods - {"*", "HEAD"}):
            yield Probe("crash", method, path, range(500, 501), headers={_CRASH: "1"})


def _urls(app: web.Application) -> dict[str, set[str]]:
    """Give a path for each URL of an application and its sub-applications, with its methods."""
    found: dict[str, set[str]] = {}
    for route in app.router.routes():
        if route.resource is not None:
            found.setdefault(_path(route.resource.get_info()), set()).add(route.method)
    return found


def _path(info: Any) -> str:
    """Fill the variables of a URL with a part that its pattern takes, where one of ours does."""
    if "formatter" not in info:
        return str(info.get("path") or info.get("prefix") or "/")
    paths = [re.sub(r"\{\w+\}", part, info["formatter"]) for part in _PARTS]
    return next((path for path in paths if info["pattern"].fullmatch(path)), paths[0])
