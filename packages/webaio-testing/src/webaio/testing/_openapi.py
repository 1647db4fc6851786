import asyncio
import importlib.util
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from ._server import running
from ._tuples import with_loose_answers

_METHODS: Final = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "trace"})


async def assert_matches_openapi(
    app: web.Application,
    path: str = "/openapi.json",
    *,
    examples: int = 20,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Assert that an application does what its OpenAPI document says, with schemathesis.

    Every operation of the document at `path` gets `examples` requests that fit it and as many that
    do not, and all checks of schemathesis look at the answers. `headers` go with each, such as
    credentials. The requests are real: DELETE deletes. Hypothesis keeps a cache in `.hypothesis`.

    `app` must be new: it is served here. It needs the extra `webaio-testing[openapi]`.

        await assert_matches_openapi(await get_web_app())

    Raises `AssertionError` with the failures of every operation, and `ImportError` without the
    extra.
    """
    if importlib.util.find_spec("schemathesis") is None:
        raise ImportError("Install webaio-testing[openapi] to use assert_matches_openapi.")
    async with running(app) as url:
        failures = await asyncio.to_thread(_failures, url, path, examples, dict(headers or {}))
    if failures:
        raise AssertionError("The application breaks its document:\n\n" + "\n\n".join(failures))


def _failures(url: str, path: str, examples: int, headers: dict[str, str]) -> list[str]:
    import schemathesis

    try:
        sent = schemathesis.openapi.from_url(f"{url}{path}")
        schema = schemathesis.openapi.from_dict(with_loose_answers(sent.raw_schema))
    except schemathesis.errors.LoaderError as error:
        return [f"{path}: {error}"]
    base_url = f"{url}{_server_path(schema.raw_schema)}"
    operations = list(_operations(schema.raw_schema))
    if not operations:
        return [f"{path}: the document has no operation"]
    return [
        f"{method.upper()} {template}: {failure}"
        for template, method in operations
        for failure in _failures_of(schema, template, method, base_url, examples, headers)
    ]


def _failures_of(
    schema: Any, path: str, method: str, base_url: str, examples: int, headers: dict[str, str]
) -> Iterator[str]:
    import hypothesis
    import schemathesis

    options = hypothesis.settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )

    def replay(case: Any) -> None:
        case.call_and_validate(base_url=base_url, headers=headers)

    for mode in schemathesis.GenerationMode:
        try:
            strategy = schema[path][method].as_strategy(generation_mode=mode)
            options(hypothesis.given(case=strategy)(replay))()
        except hypothesis.errors.Unsatisfiable:
            continue  # nothing breaks an operation that asks for nothing
        except (Exception, BaseExceptionGroup) as error:
            yield str(error) or repr(error)


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, item in document.get("paths", {}).items():
        if path.startswith("/"):
            yield from ((path, method) for method in item if method.lower() in _METHODS)


def _server_path(document: Mapping[str, Any]) -> str:
    """Give the path of the document's first server; its host is ours, whatever it says."""
    server, *_ = document.get("servers") or [{}]
    return urlsplit(str(server.get("url", ""))).path.rstrip("/")
