"""How long a service takes from the start of its process to its first answer, and its memory."""

from collections.abc import Callable, Sequence
from typing import Final

from benchmarks.ratio import Spread, ratios
from benchmarks.server import serving
from benchmarks.service import BY_HAND, TYPED, Service
from benchmarks.table import Table

SIZES: Final = (10, 100, 1000)

Started = dict[tuple[str, int], list[tuple[float, float]]]


def measure(services: Sequence[Service], starts: int, tell: Callable[[str], None]) -> Started:
    """Give the milliseconds and MB of each start, by service and number of resources."""
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
                seen = server.wait() * 1000, server.memory()
            if number:
                started[key].append(seen)
    return started


def table(started: Started) -> Table:
    """Show the medians, and their ratio to aiohttp by hand with as many resources."""
    rows = []
    for (name, size), seen in started.items():
        times, sizes = zip(*seen, strict=True)
        base_times, base_sizes = zip(*started[BY_HAND.name, size], strict=True)
        rows.append(
            (
                name,
                str(size),
                f"{Spread.of(times).median:.0f}",
                ratios(times, base_times).text(),
                f"{Spread.of(sizes).median:.1f}",
                f"{ratios(sizes, base_sizes).median:.2f}",
            )
        )
    return Table(
        "Start: from the start of the process to the first answer",
        ("", "resources", "ms", "ratio", "MB", "ratio"),
        rows,
        "The ratios are to aiohttp by hand with as many resources: less is better.",
    )
