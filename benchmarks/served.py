"""All services at once, each in a server of its own; the load goes round them in short turns."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.load import Turn, load
from benchmarks.server import serving
from benchmarks.service import Service
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
) -> Served:
    """Load each service with each work, round by round; the first round only warms up."""
    turns: dict[tuple[str, str], list[Turn]] = {
        (service.name, work.name): [] for service in services for work in works
    }
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(serving(service)) for service in services]
        for server in servers:
            server.wait()
            for work in works:
                server.check(work)
        for number in range(rounds + 1):
            tell(f"served: round {number} of {rounds}" if number else "served: warming up")
            for work in works:
                for server in servers:
                    turn = load(server, work, seconds, connections)
                    if number:
                        turns[server.service.name, work.name].append(turn)
        return Served(turns, {server.service.name: server.memory() for server in servers})
