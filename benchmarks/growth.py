"""What a request costs as the number of resources grows, for the first and the last of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from aiohttp import web

from benchmarks.ratio import Spread, ratios
from benchmarks.serve import names
from benchmarks.services.by_hand import by_hand
from benchmarks.services.typed import typed
from benchmarks.table import Table
from benchmarks.turns import take_turns
from benchmarks.wire import Connection, connect
from benchmarks.work import Work

SIZES: Final = (10, 100, 1000)
POSITIONS: Final = {"first": 0, "last": -1}
WORKS: Final = ("detail", "list")


class Make(Protocol):
    def __call__(self, names: Sequence[str], prefix: str = "") -> web.Application: ...


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the resources are, and what stands before them in a URL."""

    name: str
    place: Callable[[Make, Sequence[str]], web.Application]
    before: str = ""


def _in_sub_app(make: Make, names: Sequence[str]) -> web.Application:
    app = web.Application()
    app.add_subapp("/api/", make(names))
    return app


SETTINGS: Final = (
    Setting("plain", lambda make, names: make(names)),
    Setting("`/{tenant}/…`", lambda make, names: make(names, "/{tenant}"), "/acme"),
    Setting("sub-app", _in_sub_app, "/api"),
)
MAKERS: Final[dict[str, Make]] = {"aiohttp by hand": by_hand, "webaio, typed": typed}


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table."""

    setting: str
    work: str
    service: str
    position: str


Spent = dict[tuple[Case, int], list[float]]


async def measure(
    setting: Setting, works: Sequence[Work], turns: int, requests: int, sizes: Sequence[int] = SIZES
) -> Spent:
    """Give the CPU microseconds of a request in this setting, by case and number of resources."""
    asked: dict[tuple[Case, int], tuple[Connection, bytes]] = {}
    for service, make in MAKERS.items():
        for size in sizes:
            connection = await connect(setting.place(make, names(size)))
            for position, index in POSITIONS.items():
                resource = f"{setting.before}/{names(size)[index]}"
                for work in works:
                    await connection.check(service, work, resource)
                    case = Case(setting.name, work.name, service, position)
                    asked[case, size] = connection, work.message(resource)
    return await take_turns(asked, turns, requests)


def table(spent: Spent) -> Table:
    """Show microseconds a request for each number of resources, and the ratio of most to fewest."""
    sizes = sorted({size for _, size in spent})
    cases = sorted({case for case, _ in spent}, key=_order)
    rows = []
    for case in cases:
        costs = [f"{Spread.of(spent[case, size]).median:.1f}" for size in sizes]
        ratio = ratios(spent[case, sizes[-1]], spent[case, sizes[0]]).text()
        rows.append((case.setting, case.work, case.service, case.position, *costs, ratio))
    return Table(
        "Growth: microseconds of CPU a request, by number of resources",
        ("setting", "work", "", "resource", *map(str, sizes), f"{sizes[-1]} to {sizes[0]}"),
        rows,
        "In one process. Each resource has list, create and detail; one registered first and one "
        "registered last are asked. The last column is a ratio: less is better.",
        labels=4,
    )


def _order(case: Case) -> tuple[int, int, int, int]:
    return (
        [setting.name for setting in SETTINGS].index(case.setting),
        WORKS.index(case.work),
        [*MAKERS].index(case.service),
        [*POSITIONS].index(case.position),
    )
