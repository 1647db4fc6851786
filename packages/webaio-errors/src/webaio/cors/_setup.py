from collections.abc import Collection
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from webaio.exceptions import ImproperlyConfigured

from ._policy import POLICY, policy_for
from ._written import WHERE, policy

_METHODS: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_HEADERS: Final = (
    *("Authorization", "Content-Type", "Idempotency-Key"),
    *("If-Match", "If-Modified-Since", "If-None-Match", "If-Unmodified-Since", "X-Request-ID"),
)
_EXPOSED: Final = (
    *("Content-Disposition", "ETag", "Idempotent-Replayed", "Link", "Location"),
    *("Retry-After", "X-Request-ID"),
)


def setup(
    app: web.Application,
    origins: Collection[str],
    *,
    credentials: bool = False,
    methods: Collection[str] = _METHODS,
    headers: Collection[str] = _HEADERS,
    expose_headers: Collection[str] = _EXPOSED,
    max_age: int = 600,
) -> None:
    """Let pages of other origins use the application, and its sub-applications (Fetch, 3.3).

    `origins` are written as browsers send them, `https://app.example`, or are `["*"]`: all. With
    `credentials` the browser sends cookies, client certificates and what it knows of HTTP
    authentication. `methods` and `headers` are what a page may ask with, `expose_headers` what it
    may read of an answer beside those that every page may. A browser asks again whether it may
    after `max_age` seconds.

    Every answer has the headers, whoever gives it: errors, streams, static files. The question
    before a request (preflight) is answered before all middlewares that the application has now.
    A sub-application with a `setup` of its own has that one only.

    Raises `ImproperlyConfigured` when it is called twice for one application or after that was
    added to another or started, for what is no origin or cannot be the one of a page that is known,
    for `"*"` with credentials, and for what is no name.

        cors.setup(app, ["https://app.example"], credentials=True)
    """
    if POLICY in app:
        raise ImproperlyConfigured(WHERE, "this application has it already", "Call it once")
    if app.pre_frozen:
        fix = "Call it where the application is made"
        raise ImproperlyConfigured(WHERE, "this application takes no middleware any more", fix)
    app[POLICY] = made = policy(
        origins,
        credentials=credentials,
        methods=methods,
        headers=headers,
        expose_headers=expose_headers,
        max_age=max_age,
    )
    app.middlewares.insert(0, answer_preflights)
    app.on_response_prepare.append(made)


@web.middleware
async def answer_preflights(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what a browser asks before a request of another origin, whoever may make that."""
    if request.method != hdrs.METH_OPTIONS or not _is_preflight(request):
        return await handler(request)
    response = web.Response(status=204)
    policy = policy_for(request)
    if hdrs.ACCESS_CONTROL_ALLOW_ORIGIN in policy.lines_for(request):
        response.headers.update(policy.preflight)
        if isinstance(request.match_info.http_exception, web.HTTPNotFound):
            del response.headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS]
    return response


def _is_preflight(request: web.Request) -> bool:
    asked = (hdrs.ORIGIN, hdrs.ACCESS_CONTROL_REQUEST_METHOD)
    return all(name in request.headers for name in asked)
