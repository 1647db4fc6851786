import asyncio
from typing import Any

from aiohttp import web

from ._server import running


async def assert_matches_openapi(
    app: web.Application, path: str = "/openapi.json", *, examples: int = 20
) -> None:
    """Assert that an application does what its OpenAPI document says, with schemathesis.

    Every operation of the document at `path` gets `examples` requests that fit it and as many that
    do not, and all checks of schemathesis look at the answers. The requests are real: DELETE
    deletes.

    `app` must be new: it is served here. It needs the extra `webaio-testing[openapi]`.

        await assert_matches_openapi(await get_web_app())

    Raises `AssertionError` with the failures of every operation, and `ImportError` without the
    extra.
    """
    async with running(app) as url:
        failures = await asyncio.to_thread(_failures, f"{url}{path}", url, examples)
    if failures:
        raise AssertionError("The application breaks its document:\n\n" + "\n\n".join(failures))


def _failures(document: str, url: str, examples: int) -> list[str]:
    try:
        import hypothesis
        import schemathesis
    except ImportError as error:
        raise ImportError(
            "Install webaio-testing[openapi] to use assert_matches_openapi."
        ) from error

    options = hypothesis.settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    failures = []
    try:
        schema = schemathesis.openapi.from_url(document)
    except schemathesis.errors.LoaderError as error:
        return [f"{document}: {error}"]
    for operation in (schema[path][method] for path in schema for method in schema[path]):
        for mode in schemathesis.GenerationMode:

            @options
            @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
            def replay(case: Any) -> None:
                case.call_and_validate(base_url=url)

            try:
                replay()
            except hypothesis.errors.Unsatisfiable:
                continue  # nothing breaks a document that asks for nothing
            except (Exception, BaseExceptionGroup) as error:
                failures.append(f"{operation.label}: {error}")
    return failures
