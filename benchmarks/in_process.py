"""The forms of webaio beside aiohttp by hand, in one process, without sockets."""

from collections.abc import Callable, Sequence
from typing import Final

from aiohttp import web

from benchmarks.ratio import Spread, ratios
from benchmarks.services.by_hand import by_hand
from benchmarks.services.typed import typed
from benchmarks.services.untyped import with_errors, with_self, without_self
from benchmarks.table import Table
from benchmarks.turns import take_turns
from benchmarks.wire import connect
from benchmarks.work import Work

BASE: Final = "aiohttp by hand"
APPLICATIONS: Final[dict[str, Callable[[], web.Application]]] = {
    BASE: by_hand,
    "webaio, typed": typed,
    "webaio, tutorial's form": without_self,
    "webaio, tutorial's form, with self": with_self,
    "webaio, tutorial's form, errors": with_errors,
}

Spent = dict[tuple[str, str], list[float]]


async def measure(works: Sequence[Work], turns: int, requests: int) -> Spent:
    """Give the CPU microseconds of a request, turn by turn, for each application and work."""
    connections = {name: await connect(make()) for name, make in APPLICATIONS.items()}
    for name, connection in connections.items():
        for work in works:
            await connection.check(name, work)
    asked = {
        (name, work.name): (connection, work.message())
        for name, connection in connections.items()
        for work in works
    }
    return await take_turns(asked, turns, requests)


def tables(spent: Spent, works: Sequence[Work]) -> list[Table]:
    """Show the ratio to aiohttp by hand in the same turn, and microseconds a request."""
    header = ("", *(work.name for work in works))
    ratio = [
        (name, *(ratios(spent[BASE, work.name], spent[name, work.name]).text() for work in works))
        for name in APPLICATIONS
    ]
    cost = [
        (name, *(f"{Spread.of(spent[name, work.name]).median:.1f}" for work in works))
        for name in APPLICATIONS
    ]
    return [
        Table("In one process: speed as a ratio to aiohttp by hand", header, ratio),
        Table("In one process: microseconds of CPU a request", header, cost),
    ]
