"""Model viewsets over a database, beside others over databases of their own."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from benchmarks import served
from benchmarks.database import ARTISTS, Engine, PostgreSQL, SQLite
from benchmarks.load import Turn
from benchmarks.machine import one_core
from benchmarks.ratio import Spread, ratios
from benchmarks.served import Served
from benchmarks.server import Server, serving
from benchmarks.service import ASYNCPG, MODEL_VIEWSET, Service
from benchmarks.table import Table
from benchmarks.work import Work

COUNTED: Final = 10
"""How many requests are made to count the statements of one."""
_NEW: Final = {"name": "Gustavo Cerati", "born": 1959}


def _artist(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"Artist {number}", "born": 1950}


def _is_page(answer: Any) -> bool:
    items = answer.get("items", answer.get("results"))
    total = answer.get("total", answer.get("count"))
    return (items, total) == ([_artist(number) for number in range(1, 21)], ARTISTS)


def _is_created(answer: Any) -> bool:
    return isinstance(answer.get("id"), int) and answer == {**_NEW, "id": answer["id"]}


WORKS: Final = (
    Work("detail", "GET", "/7/", 200, is_right=lambda answer: answer == _artist(7)),
    Work("list", "GET", "/?limit=20&count=true", 200, is_right=_is_page),
    Work("create", "POST", "/", 201, data=_NEW, is_right=_is_created),
    Work(
        *("patch", "PATCH", "/7/", 200, {"born": 1959}),
        is_right=lambda answer: answer == {**_artist(7), "born": 1959},
    ),
)
_KEPT: Final = Work(
    *("create, asked for afterwards", "GET", f"/{ARTISTS + 1}/", 200),
    is_right=lambda answer: answer == {**_NEW, "id": ARTISTS + 1},
)


def check(engine: Engine, services: Sequence[Service]) -> None:
    """Do each work once; raises `WrongAnswer` for a wrong answer, and if nothing is kept."""
    with with_databases(engine, services_on(engine, services)) as ready:
        for service in ready:
            with serving(service) as server:
                server.wait()
                for work in (*WORKS, _KEPT):
                    server.check(work)


def measure(
    engine: Engine,
    services: Sequence[Service],
    works: Sequence[Work],
    rounds: int,
    seconds: int,
    connections: int,
    tell: Callable[[str], None],
) -> Served:
    """Load each service with each work, round by round; each round has databases of its own."""
    own = services_on(engine, services)
    tell(f"data, {engine.name}: check")
    check(engine, own)
    turns: dict[tuple[str, str], list[Turn]] = {
        (service.name, work.name): [] for service in own for work in works
    }
    memory: dict[str, float] = {}
    for number in range(1, rounds + 1):
        tell(f"data, {engine.name}: round {number} of {rounds}")
        with with_databases(engine, own) as ready:
            seen = served.measure(ready, works, 1, seconds, connections, lambda text: None)
        for key, found in seen.turns.items():
            turns[key] += found
        memory = seen.memory
    return Served(turns, memory)


def services_on(engine: Engine, services: Sequence[Service]) -> list[Service]:
    """Leave out what has no such database."""
    return [each for each in services if each != ASYNCPG or not isinstance(engine, SQLite)]


@contextlib.contextmanager
def with_databases(engine: Engine, services: Sequence[Service]) -> Iterator[list[Service]]:
    """Give each service a new database until the block ends."""
    with contextlib.ExitStack() as stack:
        yield [each.with_database(stack.enter_context(engine.new())) for each in services]


def count(
    engine: PostgreSQL, services: Sequence[Service], works: Sequence[Work]
) -> dict[tuple[str, str], float]:
    """Give the statements of a request, for each service and work."""
    statements = {}
    with one_core(), with_databases(engine, services) as ready:
        for service in ready:
            with serving(service) as server:
                server.wait()
                for work in works:
                    statements[service.name, work.name] = _count(engine, server, work)
    return statements


def _count(engine: PostgreSQL, server: Server, work: Work) -> float:
    server.check(work)
    before = engine.statements(server.service.database)
    for _ in range(COUNTED):
        server.check(work)
    return (engine.statements(server.service.database) - before) / COUNTED


def tables(
    engine: Engine, seen: Served, services: Sequence[Service], works: Sequence[Work]
) -> list[Table]:
    """Show how many times as fast webaio is in the same round, and the figures behind it."""
    header = ("", *(work.name for work in works))
    ratio, rate = [], []
    for service in services_on(engine, services):
        rates = [_rates(seen, service, work) for work in works]
        own = [_rates(seen, MODEL_VIEWSET, work) for work in works]
        pairs = zip(own, rates, strict=True)
        ratio.append((service.name, *(ratios(*pair).text() for pair in pairs)))
        medians = (f"{Spread.of(each).median:.0f}" for each in rates)
        rate.append((service.name, *medians, f"{seen.memory[service.name]:.0f}"))
    return [
        Table(
            f"Data, {engine.name}: the speed of webaio as a ratio to each",
            header,
            ratio,
            "Requests per second of server CPU, without the database's where it is a server of its "
            "own, of webaio, divided by those of the other in the same round: median (quartiles). "
            "More is faster for webaio; differences under 10 % are noise.",
        ),
        Table(
            f"Data, {engine.name}: requests per second of server CPU, and memory in MB",
            (*header, "memory"),
            rate,
        ),
    ]


def table_of_statements(
    statements: dict[tuple[str, str], float], services: Sequence[Service], works: Sequence[Work]
) -> Table:
    """Show what `count` gives."""
    rows = [
        (service.name, *(f"{statements[service.name, work.name]:g}" for work in works))
        for service in services
    ]
    return Table(
        "Data, PostgreSQL: statements of a request",
        ("", *(work.name for work in works)),
        rows,
        "As PostgreSQL counts them, BEGIN and COMMIT among them. asyncpg's pool tidies each "
        "connection that is given back, with four.",
    )


def _rates(seen: Served, service: Service, work: Work) -> list[float]:
    return [turn.rate for turn in seen.turns[service.name, work.name]]
