"""What a list of many rows takes: memory, and connections while its client waits."""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.database import PostgreSQL
from benchmarks.machine import one_core
from benchmarks.server import Server, serving
from benchmarks.service import Service
from benchmarks.table import Table
from benchmarks.work import WrongAnswer

ROWS: Final = 200_000
_WAITS: Final = 2.0
"""Seconds in which the client reads nothing: the server fills what is between them, and waits."""


@dataclass(frozen=True, slots=True)
class Export:
    """The MB that a server holds more at the most, connections that it holds, and seconds."""

    growth: float
    held: int
    seconds: float


def measure(
    engine: PostgreSQL, services: Sequence[Service], tell: Callable[[str], None]
) -> dict[str, Export]:
    """Read all rows from each service, at first slowly; raises `WrongAnswer` if one is missing."""
    found = {}
    with engine.new(ROWS) as url, one_core():
        for service in services:
            tell(f"data, {engine.name}: {ROWS} rows of {service.name}")
            with serving(service.with_database(url)) as server:
                server.wait()
                found[service.name] = _export(engine, server)
    return found


def _export(engine: PostgreSQL, server: Server) -> Export:
    before, most, is_over = server.memory(), 0.0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not is_over.wait(0.05):
            most = max(most, server.memory())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        held, seconds = _read(engine, server)
    finally:
        is_over.set()
        watching.join()
    return Export(most - before, held, seconds)


def _read(engine: PostgreSQL, server: Server) -> tuple[int, float]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    with contextlib.closing(connection):
        connection.request("GET", "/artist/export/")
        time.sleep(_WAITS)
        held, began = engine.held(server.service.database), time.perf_counter()
        keys = [json.loads(line)["id"] for line in connection.getresponse()]
    if keys != [*range(1, ROWS + 1)]:
        raise WrongAnswer(f"{server.service.name} gave {len(keys)} rows, or others")
    return held, time.perf_counter() - began


def table(found: dict[str, Export]) -> Table:
    """Show what `measure` gives."""
    rows = [
        (name, f"{each.growth:.1f}", str(each.held), f"{each.seconds:.1f}")
        for name, each in found.items()
    ]
    return Table(
        f"Data, PostgreSQL: a list of {ROWS} rows",
        ("", "MB more", "connections held", "seconds"),
        rows,
        f"All rows as lines of JSON, to a client that reads nothing for {_WAITS:.0f} seconds, and then "
        "as fast as they come. The connections are those in a statement or a transaction while it "
        "waits.",
    )
