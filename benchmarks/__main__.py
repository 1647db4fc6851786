"""`hatch run bench`: what webaio costs beside aiohttp by hand, in CPU time, in one process.

The services take turns, so that a change of the machine's speed meets all of them.
"""

import argparse
import asyncio
import statistics
import sys
import time
from importlib.metadata import version
from typing import Final

from benchmarks.services import SERVICES
from benchmarks.wire import Connection, connect

GOOD: Final = b'{"name": "Gustavo Cerati", "born": 1959, "tags": ["rock", "pop"]}'
BROKEN: Final = b'{"name": "", "born": "1959", "tags": ["rock", 1]}'
POST: Final = (
    b"POST /artist/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s"
)
WORK: Final = {
    "list": (b"GET /artist/ HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200"),
    "detail": (b"GET /artist/7/ HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200"),
    "404": (b"GET /artist/x/ HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 404"),
    "create": (POST % (len(GOOD), GOOD), b"HTTP/1.1 201"),
    "invalid": (POST % (len(BROKEN), BROKEN), b"HTTP/1.1 422"),
}
BASE: Final = next(iter(SERVICES))


async def measure(turns: int, requests: int) -> dict[tuple[str, str], list[float]]:
    """Give the CPU seconds of each turn, by service and work."""
    connections = {name: await connect(make()) for name, make in SERVICES.items()}
    spent: dict[tuple[str, str], list[float]] = {
        (name, work): [] for name in SERVICES for work in WORK
    }
    for turn in range(turns + 1):
        for (name, work), seconds in spent.items():
            used = await _one_turn(connections[name], *WORK[work], requests)
            if turn:  # the first warms up
                seconds.append(used)
    return spent


async def _one_turn(
    connection: Connection, request: bytes, expected: bytes, requests: int
) -> float:
    answer = await connection.ask(request)
    assert answer.startswith(expected), answer
    start = time.process_time()
    for _ in range(requests):
        await connection.ask(request)
    return time.process_time() - start


def table(spent: dict[tuple[str, str], list[float]], requests: int) -> str:
    """Show microseconds a request, and the ratio to aiohttp by hand, median and quartiles."""
    lines = [f"{'':34} {'work':8} {'µs':>6} {'ratio':>6}  quartiles"]
    for (name, work), seconds in spent.items():
        ratios = [base / own for base, own in zip(spent[BASE, work], seconds, strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        cost = statistics.median(seconds) / requests * 1e6
        lines.append(f"{name:34} {work:8} {cost:6.1f} {middle:6.2f}  {low:.2f} to {high:.2f}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser("bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=30, help="default: %(default)s")
    parser.add_argument("--requests", type=int, default=500, help="a turn; default: %(default)s")
    options = parser.parse_args()
    print(f"aiohttp {version('aiohttp')}, Python {sys.version.split()[0]}; ratio: more is faster\n")
    print(table(asyncio.run(measure(options.turns, options.requests)), options.requests))
    return 0


if __name__ == "__main__":
    sys.exit(main())
