"""`hatch run bench`: what webaio costs beside aiohttp by hand and beside other frameworks."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from types import FrameType
from typing import Any, TypeVar

from benchmarks import conduit, data, export, growth, in_process, production, served, start
from benchmarks.database import PostgreSQL, engines
from benchmarks.load import LoadFailed, WrkMissing, require_wrk
from benchmarks.options import parse
from benchmarks.serve import new_event_loop
from benchmarks.server import ServerFailed
from benchmarks.service import EXPORTING
from benchmarks.table import Table
from benchmarks.work import WORKS, WrongAnswer

Result = TypeVar("Result")


def main() -> int:
    options = parse()
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, _leave)
    try:
        run(options)
    except WrkMissing as error:
        return _refuse(error, 2)
    except (LoadFailed, ServerFailed, WrongAnswer) as error:
        return _refuse(error, 1)
    except KeyboardInterrupt:
        return _refuse("stopped", 130)
    return 0


def run(options: argparse.Namespace) -> None:
    """Measure each part, print its tables, and write the results of a full run."""
    if {"served", "data", "conduit"} & {*options.parts}:
        require_wrk()
    tables: dict[str, list[Table]] = {}
    seen: served.Served | None = None
    for part in options.parts:
        if part == "served":
            seen, found = _serve(options)
        else:
            found = _PARTS[part](options)
        for table in found:
            print(f"\n{table.markdown()}", flush=True)
        tables[part] = found
    if options.full or options.write:
        from benchmarks.results import write, write_conduit, write_data

        for part, write_own in (("data", write_data), ("conduit", write_conduit)):
            if own := tables.pop(part, None):
                print(f"\nWritten: {write_own(options, own)}")
        if tables:
            others = [table for found in tables.values() for table in found]
            print(f"\nWritten: {write(options, others, seen)}")


def _serve(options: argparse.Namespace) -> tuple[served.Served, list[Table]]:
    """Measure on one core, and on two where there are; the first is the one that is drawn."""
    chosen, length = (options.services, options.works), (options.rounds, options.seconds)
    ways: list[served.Served] = []
    found: list[Table] = []
    for cores in range(1, min(2, len(os.sched_getaffinity(0))) + 1):
        seen = served.measure(*chosen, *length, options.connections, _tell, cores=cores)
        found += served.tables(seen, *chosen, cores=cores)
        ways.append(seen)
    return ways[0], found


def _start(options: argparse.Namespace) -> list[Table]:
    return [start.table(start.measure(options.services, options.starts, _tell))]


def _grow(options: argparse.Namespace) -> list[Table]:
    works = [work for work in WORKS if work.name in growth.WORKS]
    spent: growth.Spent = {}
    for setting in growth.SETTINGS:
        _tell(f"growth: {setting.name}")
        spent |= _run(growth.measure(setting, works, options.turns, options.requests))
    return [growth.table(spent)]


def _produce(options: argparse.Namespace) -> list[Table]:
    _tell("production")
    return [production.table(_run(production.measure(WORKS[0], options.turns, options.requests)))]


def _in_process(options: argparse.Namespace) -> list[Table]:
    _tell("in process")
    spent = _run(in_process.measure(options.works, options.turns, options.requests))
    return in_process.tables(spent, options.works)


def _store(options: argparse.Namespace) -> list[Table]:
    names = {work.name for work in options.works}
    works = [work for work in data.WORKS if work.name in names]
    services, length = options.data_services, (options.rounds, options.seconds, options.connections)
    found = []
    for engine in engines(_tell):
        seen = data.measure(engine, services, works, *length, _tell)
        found += data.tables(engine, seen, services, works)
        if isinstance(engine, PostgreSQL) and engine.counts(_tell):
            counted = data.count(engine, services, works)
            found.append(data.table_of_statements(counted, services, works))
        if isinstance(engine, PostgreSQL):
            exporting = [each for each in services if each in EXPORTING]
            found.append(export.table(export.measure(engine, exporting, _tell)))
    return found


def _read_articles(options: argparse.Namespace) -> list[Table]:
    services = options.conduit_services
    measured = conduit.measure(services, options.rounds, options.seconds, _tell)
    return conduit.tables(measured, services) if measured else []


_PARTS = {
    "data": _store,
    "conduit": _read_articles,
    "start": _start,
    "growth": _grow,
    "production": _produce,
    "in-process": _in_process,
}


def _run(measuring: Coroutine[Any, Any, Result]) -> Result:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(measuring)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _refuse(error: object, status: int) -> int:
    print(f"bench: {error}", file=sys.stderr)
    return status


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
