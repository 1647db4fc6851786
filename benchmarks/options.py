"""The command line: what to measure, of whom, and how long."""

import argparse
from collections.abc import Sequence
from typing import Final

from benchmarks.load import CONNECTIONS
from benchmarks.service import (
    BY_HAND,
    CONDUIT,
    CONDUIT_SERVICES,
    DATA_SERVICES,
    MODEL_VIEWSET,
    SERVICES,
    Service,
)
from benchmarks.work import WORKS

FULL: Final = ("served", "growth", "start", "production")
"""The parts of a full run, in the order of the results; `in-process` is for a quick look, and
`data` and `conduit` have results of their own."""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; `parts`, `services` and `works` are complete and in order."""
    parser = argparse.ArgumentParser(
        "bench",
        description="Compare webaio with aiohttp by hand and with other frameworks.",
        epilog="Without a part all but --in-process, --data and --conduit are measured, and "
        "benchmarks/results is written anew.",
    )
    parts = parser.add_argument_group("parts")
    _flag(parts, "served", "all frameworks as servers, loaded by wrk")
    _flag(parts, "growth", "10, 100 and 1000 resources, in one process")
    _flag(parts, "start", "time to the first answer, and memory")
    _flag(parts, "production", "access log, request id, middlewares, in one process")
    _flag(parts, "in-process", "webaio and aiohttp by hand, in one process")
    _flag(parts, "data", "model viewsets and others, over PostgreSQL (POSTGRESQL_URL) and SQLite")
    _flag(parts, "conduit", "20 of many articles with all that belongs to them, over PostgreSQL")
    chosen = parser.add_argument_group("choice")
    chosen.add_argument("--only", nargs="+", metavar="NAME", help="services: parts of their names")
    chosen.add_argument("--works", nargs="+", metavar="WORK", choices=[work.name for work in WORKS])
    chosen.add_argument("--write", action="store_true", help="write the results of a part, too")
    length = parser.add_argument_group("length")
    _number(length, "rounds", 7, "round all servers")
    _number(length, "seconds", 1, "of load, a server and work")
    _number(length, "connections", CONNECTIONS, "of the load")
    _number(length, "starts", 5, "of each server")
    _number(length, "turns", 30, "in one process")
    _number(length, "requests", 200, "a turn in one process")
    options = parser.parse_args(arguments)
    options.full = not (options.parts or options.only or options.works)
    options.parts = options.parts or FULL
    options.services = [each for each in SERVICES if _is_chosen(each, options.only)]
    options.data_services = [each for each in DATA_SERVICES if _is_chosen(each, options.only)]
    options.conduit_services = [each for each in CONDUIT_SERVICES if _is_chosen(each, options.only)]
    options.works = [work for work in WORKS if not options.works or work.name in options.works]
    for name in options.only or ():
        known_services = (*SERVICES, *DATA_SERVICES, *CONDUIT_SERVICES)
        if not any(name.lower() in service.name.lower() for service in known_services):
            known = ", ".join(service.name for service in known_services)
            parser.error(f"no service is called {name!r}; there are: {known}")
    return options


def _flag(group: argparse._ArgumentGroup, part: str, text: str) -> None:
    group.add_argument(f"--{part}", dest="parts", action="append_const", const=part, help=text)


def _number(group: argparse._ArgumentGroup, name: str, default: int, text: str) -> None:
    group.add_argument(
        f"--{name}", type=_positive, default=default, help=f"{text}; default: %(default)s"
    )


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _is_chosen(service: Service, names: Sequence[str] | None) -> bool:
    """Tell whether a service was asked for; those that all are compared with always are."""
    if not names or service in (BY_HAND, CONDUIT, MODEL_VIEWSET):
        return True
    return any(name.lower() in service.name.lower() for name in names)


def text_of(options: argparse.Namespace) -> str:
    return (
        f"{options.rounds} rounds of {options.seconds} s with {options.connections} connections; "
        f"{options.turns} turns of {options.requests} requests in one process; "
        f"{options.starts} starts"
    )
