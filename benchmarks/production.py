"""What an application in production adds to a typed detail: access log, request id, middlewares."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_log import AccessLogger as AccessLoggerOfAiohttp

from benchmarks.ratio import Spread, ratios
from benchmarks.services.typed import typed
from benchmarks.table import Table
from benchmarks.turns import take_turns
from benchmarks.wire import Connection, connect
from benchmarks.work import Work
from webaio.access_log import AccessLogger
from webaio.middlewares import request_id_middleware


@web.middleware
async def do_nothing(request: web.Request, handler: Handler) -> web.StreamResponse:
    return await handler(request)


@dataclass(frozen=True, slots=True)
class Variant:
    """An application with something more."""

    name: str
    middlewares: Sequence[Middleware] = ()
    access_log_class: type[AbstractAccessLogger] | None = None

    async def connect(self, log: logging.Logger) -> Connection:
        app = typed(middlewares=self.middlewares)
        if self.access_log_class is None:
            return await connect(app)
        return await connect(app, log, self.access_log_class)


VARIANTS: Final = (
    Variant("nothing"),
    Variant("aiohttp's access log", access_log_class=AccessLoggerOfAiohttp),
    Variant("webaio's access log", access_log_class=AccessLogger),
    Variant("request_id_middleware", [request_id_middleware]),
    Variant("five middlewares that do nothing", [do_nothing] * 5),
    Variant(
        "all of these, with aiohttp's access log",
        [request_id_middleware, *[do_nothing] * 5],
        AccessLoggerOfAiohttp,
    ),
    Variant(
        "all of these, with webaio's access log",
        [request_id_middleware, *[do_nothing] * 5],
        AccessLogger,
    ),
)

Spent = dict[str, list[float]]


async def measure(work: Work, turns: int, requests: int) -> Spent:
    """Give the CPU microseconds of a request, turn by turn, for each variant."""
    log = logging.getLogger("benchmarks.access")
    log.propagate = False
    log.setLevel(logging.INFO)
    handler = logging.FileHandler(os.devnull)
    log.addHandler(handler)
    try:
        asked = {}
        for variant in VARIANTS:
            connection = await variant.connect(log)
            await connection.check(variant.name, work)
            asked[variant.name] = connection, work.message()
        return await take_turns(asked, turns, requests)
    finally:
        log.removeHandler(handler)
        handler.close()


def table(spent: Spent) -> Table:
    """Show microseconds a request, and what each variant adds to it."""
    base = spent[VARIANTS[0].name]
    rows = []
    for variant in VARIANTS:
        own = spent[variant.name]
        added = Spread.of([mine - plain for mine, plain in zip(own, base, strict=True)]).median
        cost = Spread.of(own).median
        rows.append((variant.name, f"{cost:.1f}", f"{added:+.1f}", ratios(base, own).text()))
    return Table(
        "Production: what is added to webaio's typed detail",
        ("", "µs of CPU", "added", "ratio"),
        rows,
        "In one process. The access log is written to the null device.",
    )
