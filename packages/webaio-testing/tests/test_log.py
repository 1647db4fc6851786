"""The cause of a failure is shown, however the project has logging."""

import asyncio
import logging
import logging.config
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import web

from webaio.testing import APIClientFactory

NAMES = ("", "aiohttp.server", "webaio.middlewares", "own")


async def crash(request: web.Request) -> web.Response:
    raise KeyError("the reason")


@web.middleware
async def answer(request: web.Request, handler: Any) -> web.StreamResponse:
    """Answer an exception, and log it, as the middleware of webaio-errors does."""
    try:
        response: web.StreamResponse = await handler(request)
    except KeyError:
        logging.getLogger("webaio.middlewares").exception("answered")
        return web.json_response({}, status=500)
    return response


async def log(request: web.Request) -> web.Response:
    try:
        raise KeyError("the reason")
    except KeyError:
        logging.getLogger("own").exception("failed")
        return web.Response(status=500)


def disabled() -> None:
    logging.disable(logging.CRITICAL)


def existing_loggers_disabled() -> None:
    logging.config.dictConfig({"version": 1})


def high_levels() -> None:
    for name in NAMES[1:3]:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def high_level_of_all() -> None:
    logging.getLogger().setLevel(logging.CRITICAL + 1)


def nothing_propagated() -> None:
    for name in NAMES[1:]:
        logging.getLogger(name).propagate = False


SWITCHES = [
    disabled,
    existing_loggers_disabled,
    high_levels,
    high_level_of_all,
    nothing_propagated,
]


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def kept() -> Iterator[Kept]:
    """What a project's own handlers get; afterwards logging is as it was."""
    handler = Kept()
    loggers = [logging.getLogger(name) for name in NAMES]
    before = [(each, each.level, each.disabled, each.propagate) for each in loggers]
    others = map(logging.getLogger, [*logging.root.manager.loggerDict])
    disabled = [(each, each.disabled) for each in others]
    root = logging.getLogger()
    handlers = root.handlers[:]
    root.addHandler(handler)
    yield handler
    logging.disable(logging.NOTSET)
    for logger, level, is_disabled, propagate in before:
        logger.setLevel(level)
        logger.disabled, logger.propagate = is_disabled, propagate
    for logger, is_disabled in disabled:
        logger.disabled = is_disabled
    root.handlers[:] = handlers


def state() -> list[object]:
    loggers = [logging.getLogger(name) for name in NAMES]
    levels = [(each.level, each.disabled, each.propagate) for each in loggers]
    return [levels, logging.root.manager.disable, logging.getLogRecordFactory()]


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("middlewares", [[], [answer]])
async def test_logging_that_is_off(
    kept: Kept,
    api_client_factory: APIClientFactory,
    switch: Callable[[], None],
    middlewares: list[Any],
) -> None:
    """The exception is the cause, no handler of the project gets it, and logging stays off."""
    app = web.Application(middlewares=middlewares)
    app.router.add_get("/", crash)
    client = await api_client_factory(app)
    switch()
    before = state()
    with pytest.raises(AssertionError, match="answered 500") as caught:
        await client.get("/")
    assert repr(caught.value.__cause__) == "KeyError('the reason')"
    assert not kept.records
    assert state() == before


@pytest.mark.parametrize("switch", [disabled, nothing_propagated])
async def test_own_logger(
    kept: Kept, api_client_factory: APIClientFactory, switch: Callable[[], None]
) -> None:
    """So is one that the application's own logger got."""
    app = web.Application()
    app.router.add_get("/", log)
    client = await api_client_factory(app)
    switch()
    with pytest.raises(AssertionError) as caught:
        await client.get("/")
    assert repr(caught.value.__cause__) == "KeyError('the reason')"
    assert not kept.records


async def test_logging_that_is_on(kept: Kept, api_client_factory: APIClientFactory) -> None:
    """A project's own handlers get what is logged as without the client."""
    app = web.Application()
    app.router.add_get("/", log)
    client = await api_client_factory(app)
    with pytest.raises(AssertionError):
        await client.get("/")
    assert [each.levelno for each in kept.records] == [logging.ERROR]
    assert logging.makeLogRecord({"levelno": logging.INFO}).levelno == logging.INFO


async def test_requests_that_overlap(kept: Kept, api_client_factory: APIClientFactory) -> None:
    """Logging stays as it was, in whatever order requests begin and end."""

    async def wait(request: web.Request) -> web.Response:
        await asyncio.sleep(float(request.query["for"]))
        raise KeyError("the reason")

    app = web.Application()
    app.router.add_get("/", wait)
    client = await api_client_factory(app)
    logging.disable(logging.CRITICAL)
    before = state()
    paths = ["/?for=0.1", "/?for=0", "/?for=0.05"]
    failures = await asyncio.gather(*map(client.get, paths), return_exceptions=True)
    causes = [each.__cause__ for each in failures if isinstance(each, AssertionError)]
    assert [repr(each) for each in causes] == ["KeyError('the reason')"] * 3
    assert state() == before
    assert not kept.records
