import io
import json
from collections.abc import Iterable, Mapping
from typing import Final

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, hdrs, web
from aiohttp.typedefs import Handler

from ._double import double_of
from ._failures import named
from ._form import SentProblem, differences
from ._log import without_logging
from ._paths import NoExample
from ._probes import CRASH_HEADER, DEEP_CRASH_HEADER, MARK, UNKNOWN, Probe, probes_of
from ._problem import problem_faults
from ._server import running

__tracebackhide__ = True  # pytest shows the line of the test, not ours

_NOT_LET_IN: Final = (401, 403)
"""Answers that end a request before it goes wrong."""
_TIMEOUT: Final = ClientTimeout(total=10)

Crash: Final = type(f"Crash{MARK}", (RuntimeError,), {})


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
    probes = list(probes_of(app, parts or {}, oversized))
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
    if CRASH_HEADER in request.headers:
        raise Crash(MARK)
    return await handler(request)


def _crash_deep(request: web.Request) -> None:
    if DEEP_CRASH_HEADER in request.headers:
        raise Crash(MARK)


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
    if MARK in f"{response.headers}{await response.text(errors='replace')}":
        faults.append("the answer tells what crashed")
    return faults


async def _sent(probe: Probe, response: ClientResponse) -> SentProblem:
    text = await response.text()
    media_type = response.headers[hdrs.CONTENT_TYPE]
    is_unknown = probe.why == UNKNOWN and response.status == 404
    return SentProblem(probe.name, is_unknown, media_type, text, frozenset(json.loads(text)))
