import asyncio
import importlib.util
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from ._failures import named
from ._sent_forms import fits_as_sent, is_sendable
from ._server import running
from ._streams import end_streams
from ._tuples import with_loose_answers

_METHODS: Final = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "trace"})
_NOT_LET_IN: Final = frozenset({401, 403})
_LOGIN: Final = "Webaio-Login"
"""The header of `webaio.authentication.logged_in`."""
_IDEMPOTENCY_KEY: Final = "Idempotency-Key"
_LINE: Final = 8190
"""Bytes that aiohttp takes in a line of a request's head; more is a 400."""


async def assert_matches_openapi(
    app: web.Application,
    path: str = "/openapi.json",
    *,
    examples: int = 20,
    headers: Mapping[str, str] | None = None,
    exclude: Collection[str] = (),
    refusals: Mapping[str, Collection[int]] | None = None,
) -> None:
    """Assert that an application does what its OpenAPI document says, with schemathesis.

    Every operation of the document at `path` gets `examples` requests that fit it and as many that
    do not, and all checks of schemathesis look at the answers. `headers` go with each, such as
    credentials or what `webaio.authentication.logged_in` gives: an operation that answers every
    request with 401 or 403 fails, and no others are made up. `exclude` leaves out operations, named
    as failures name them: `["POST /artist/"]`. `refusals` are statuses that an operation may answer
    to a request that fits, where the document cannot say why, such as for a name that is taken:
    `{"POST /user/": [422]}`. The requests are real: DELETE deletes. Hypothesis keeps a cache in
    `.hypothesis`.

    Each request that fits has an `Idempotency-Key` of its own, where it has one.

    Of an operation that opens a WebSocket, which has a 101 and a 426 in the document, a 426 is what
    comes: nothing is said over it.

    A response that is streamed is ended after half a second; what came until then is checked. A
    request has no more in a line than aiohttp takes, 8190 bytes.

    `app` must be new: it is served here. It needs the extra `webaio-testing[openapi]`.

        await assert_matches_openapi(await get_web_app())

    Raises `AssertionError` with the failures of every operation, `ValueError` for an operation in
    `exclude` or `refusals` that the document has not, and `ImportError` without the extra.
    """
    if importlib.util.find_spec("schemathesis") is None:
        raise ImportError("Install webaio-testing[openapi] to use assert_matches_openapi.")
    if isinstance(exclude, str):
        raise TypeError(f"exclude={exclude!r} is one name. Write exclude=[{exclude!r}].")
    if app.frozen:
        raise RuntimeError("This application runs already. Give a new application.")
    end_streams(app)
    options = Options(examples, dict(headers or {}), frozenset(exclude), refusals or {})
    async with running(app) as url:
        failures = await asyncio.to_thread(_failures, url, path, options)
    if failures:
        raise AssertionError("The application breaks its document:\n\n" + "\n\n".join(failures))


@dataclass(frozen=True, slots=True)
class Options:
    """What the requests are like, and which operations get none."""

    examples: int
    headers: dict[str, str]
    exclude: frozenset[str]
    refusals: Mapping[str, Collection[int]]


def _failures(url: str, path: str, options: Options) -> list[str]:
    import schemathesis

    try:
        sent = schemathesis.openapi.from_url(f"{url}{path}", headers=options.headers)
        schema = schemathesis.openapi.from_dict(with_loose_answers(sent.raw_schema))
    except schemathesis.errors.LoaderError as error:
        return [f"{path}: {error}"]
    base_url = f"{url}{_server_path(schema.raw_schema)}"
    schema.config.update(base_url=base_url)  # for the requests that checks make by themselves
    _leave_credentials_to_us(schema, options.headers)
    operations = dict(_operations(schema.raw_schema))
    for word, names in (("exclude", options.exclude), ("refusals", options.refusals.keys())):
        if unknown := sorted(names - operations.keys()):
            raise ValueError(
                f"{word}: the document has no {', '.join(unknown)}. It has: {', '.join(operations)}"
            )
    if not operations:
        return [f"{path}: the document has no operation"]
    accepted = schema.config.checks.positive_data_acceptance
    usual = [*accepted.expected_statuses, "412"]  # no document tells the versions of items
    failures = []
    for name, place in operations.items():
        if name not in options.exclude:
            may = [*_of_socket(schema.raw_schema, place), *options.refusals.get(name, ())]
            accepted.expected_statuses = [*usual, *map(str, may)]
            found = _failures_of(schema, place, base_url, options)
            failures += [f"{name}: {failure}" for failure in found]
    return failures


def _of_socket(document: Mapping[str, Any], place: tuple[str, str]) -> Collection[int]:
    """Give what a WebSocket answers to a request that fits, as none of these opens it."""
    path, method = place
    responses = document["paths"][path][method].get("responses", {})
    return (426,) if "101" in responses and "426" in responses else ()


def _leave_credentials_to_us(schema: Any, headers: Mapping[str, str]) -> None:
    """Let no credentials be made up beside those that are given: two kinds are a 400.

    A log-in is let in without the credentials that the document asks for.
    """
    schema.config.generation.update(with_security_parameters=not headers)
    if _LOGIN in headers:
        schema.config.checks.update(excluded_check_names=["ignored_auth"])


def _failures_of(schema: Any, place: tuple[str, str], base_url: str, options: Options) -> list[str]:
    import hypothesis
    import schemathesis

    path, method = place
    settings = hypothesis.settings(
        max_examples=options.examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    statuses = set[int]()
    failures = []

    def replay(case: Any) -> None:
        if mode is schemathesis.GenerationMode.POSITIVE:
            _give_own_key(case)
        else:
            hypothesis.assume(not fits_as_sent(case, schema.raw_schema))
        hypothesis.assume(is_sendable(case) and _fits(case, base_url, options.headers))
        response = case.call_and_validate(base_url=base_url, headers=options.headers)
        statuses.add(response.status_code)

    for mode in schemathesis.GenerationMode:
        try:
            strategy = schema[path][method].as_strategy(generation_mode=mode)
            settings(hypothesis.given(case=strategy)(replay))()
        except hypothesis.errors.Unsatisfiable:
            if mode is schemathesis.GenerationMode.POSITIVE:
                failures.append(f"no request fits that has at most {_LINE} bytes in a line")
            continue  # nothing breaks an operation that asks for nothing
        except (Exception, BaseExceptionGroup) as error:
            failures.append(str(error) or repr(error))
    if not failures and statuses <= _NOT_LET_IN:
        answers = " or ".join(named(status) for status in sorted(statuses))
        failures.append(f"every request was answered {answers}; give headers= that are let in")
    return failures


def _give_own_key(case: Any) -> None:
    """Let no two requests that fit have one idempotency key: it is for one of them."""
    if _IDEMPOTENCY_KEY in (case.headers or {}):
        case.headers[_IDEMPOTENCY_KEY] = str(uuid.uuid4())


def _fits(case: Any, base_url: str, headers: Mapping[str, str]) -> bool:
    """Tell whether aiohttp takes the lines of a request's head; another answer is not the app's."""
    import requests

    request = requests.Request(**case.as_transport_kwargs(base_url, headers)).prepare()
    line = f"{request.method} {request.path_url} HTTP/1.1"
    fields = [len(name) + len(": ") + len(value) for name, value in request.headers.items()]
    return max(len(line), *fields) <= _LINE


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give the operations as path and method, by the names that they have in failures."""
    for path, item in document.get("paths", {}).items():
        if path.startswith("/"):
            for method in item:
                if method.lower() in _METHODS:
                    yield f"{method.upper()} {path}", (path, method)


def _server_path(document: Mapping[str, Any]) -> str:
    """Give the path of the document's first server; its host is ours, whatever it says."""
    server, *_ = document.get("servers") or [{}]
    return urlsplit(str(server.get("url", ""))).path.rstrip("/")
