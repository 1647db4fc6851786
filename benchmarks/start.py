"""How long a service takes from the start of its process to its first answer, and its memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.ratio import Spread, ratios
from benchmarks.server import serving
from benchmarks.service import BY_HAND, TYPED, Service
from benchmarks.table import Table

SIZES: Final = (10, 100, 1000)


@dataclass(frozen=True, slots=True)
class Begun:
    """What one start showed: milliseconds by the clock and of CPU, and MB."""

    clock: float
    cpu: float
    memory: float


Started = dict[tuple[str, int], list[Begun]]


def measure(services: Sequence[Service], starts: int, tell: Callable[[str], None]) -> Started:
    """Give what each start costs, by service and number of resources."""
    commands = {(service.name, 1): service for service in services}
    commands |= {
        (service.name, size): service.with_resources(size)
        for size in SIZES
        for service in (BY_HAND, TYPED)
        if service in services
    }
    started: Started = {key: [] for key in commands}
    for number in range(starts + 1):
        tell(f"start: {number} of {starts}" if number else "start: warming up")
        for key, service in commands.items():
            with serving(service) as server:
                clock = server.wait()
                seen = Begun(clock * 1000, server.cpu() * 1000, server.memory())
            if number:
                started[key].append(seen)
    return started


def table(started: Started) -> Table:
    """Show the medians, and their ratio to aiohttp by hand with as many resources."""
    rows = []
    for (name, size), seen in started.items():
        base = started[BY_HAND.name, size]
        cells = []
        for figure in ("clock", "cpu", "memory"):
            own = [getattr(each, figure) for each in seen]
            cells += [
                f"{Spread.of(own).median:.0f}",
                ratios(own, [getattr(each, figure) for each in base]).text(),
            ]
        rows.append((name, str(size), *cells))
    return Table(
        "Start: from the start of the process to the first answer",
        ("", "resources", "ms", "ratio", "ms of CPU", "ratio", "MB", "ratio"),
        rows,
        "The ratios are to aiohttp by hand with as many resources: less is better.",
    )
