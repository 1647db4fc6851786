"""All services at once, each in a server of its own, and the load, which goes round."""

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.load import Turn, load
from benchmarks.machine import one_core
from benchmarks.ratio import Spread, ratios
from benchmarks.server import serving
from benchmarks.service import BY_HAND, Service
from benchmarks.table import Table
from benchmarks.work import Work


@dataclass(frozen=True, slots=True)
class Served:
    """The turns of each service and work, in the order of the rounds; and the MB it then holds."""

    turns: dict[tuple[str, str], list[Turn]]
    memory: dict[str, float]


def measure(
    services: Sequence[Service],
    works: Sequence[Work],
    rounds: int,
    seconds: int,
    connections: int,
    tell: Callable[[str], None],
    *,
    cores: int = 1,
) -> Served:
    """Load each service with each work, round by round; each round has servers of its own.

    Two processes of one program differ by some hundredths, as their memory lies differently.
    The servers share one core, and the load has the same one, or another of two `cores`.
    """
    usable = sorted(os.sched_getaffinity(0))
    of_load, of_servers = usable[-cores], usable[-1]
    turns: dict[tuple[str, str], list[Turn]] = {
        (service.name, work.name): [] for service in services for work in works
    }
    memory: dict[str, float] = {}
    for number in range(1, rounds + 1):
        tell(f"served {_where(cores)}: round {number} of {rounds}")
        with one_core(of_servers), contextlib.ExitStack() as stack:
            servers = [stack.enter_context(serving(service)) for service in services]
            for server in servers:
                server.wait(works[0])
            for work in works:
                for server in servers:
                    server.check(work)
                for server in servers:
                    with one_core(of_load):
                        turn = load(server, work, seconds, connections)
                    turns[server.service.name, work.name].append(turn)
            memory = {server.service.name: server.memory() for server in servers}
    return Served(turns, memory)


def tables(
    served: Served, services: Sequence[Service], works: Sequence[Work], *, cores: int = 1
) -> list[Table]:
    """Show the ratio to aiohttp by hand in the same round, and the figures behind it."""
    where = _where(cores)
    header = ("", *(work.name for work in works))
    turns = served.turns
    ratio, rate, p99 = [], [], []
    for service in services:
        spreads = [ratio_of(served, service, work).text() for work in works]
        ratio.append((service.name, *spreads))
        rates = [Spread.of([turn.rate for turn in turns[service.name, w.name]]) for w in works]
        rate.append((service.name, *(f"{spread.median:.0f}" for spread in rates)))
        slowest = [Spread.of([turn.p99 for turn in turns[service.name, w.name]]) for w in works]
        memory = f"{served.memory[service.name]:.0f}"
        p99.append((service.name, *(f"{spread.median:.1f}" for spread in slowest), memory))
    return [
        Table(
            f"Served {where}: speed as a ratio to aiohttp by hand",
            header,
            ratio,
            "Requests per second of server CPU, divided by those of aiohttp by hand in the same "
            "round: median (quartiles). More is faster; differences under 10 % are noise.",
        ),
        Table(f"Served {where}: requests per second of server CPU", header, rate),
        Table(
            f"Served {where}: p99 latency in milliseconds, and memory in MB",
            (*header, "memory"),
            p99,
            "The latency is under full load: less is better.",
        ),
    ]


def _where(cores: int) -> str:
    return "on one core" if cores == 1 else f"on {cores} cores"


def ratio_of(served: Served, service: Service, work: Work) -> Spread:
    own, base = served.turns[service.name, work.name], served.turns[BY_HAND.name, work.name]
    return ratios([turn.rate for turn in own], [turn.rate for turn in base])
