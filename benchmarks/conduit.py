"""The list of 20 articles of RealWorld's API, over PostgreSQL, with few articles and with many."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from benchmarks import served
from benchmarks.articles import TAGS, USERS, articles_in, token
from benchmarks.database import PostgreSQL
from benchmarks.load import Turn
from benchmarks.machine import one_core
from benchmarks.ratio import Spread, ratios
from benchmarks.served import Served
from benchmarks.server import serving
from benchmarks.service import CONDUIT, Service
from benchmarks.table import Table
from benchmarks.work import Work

SIZES: Final = (10, 1000, 100_000)
CONNECTIONS: Final = 10
"""Of the load: as many as each service has to the database, so that none waits for one."""
_COUNTED: Final = 10
_TIMES: Final = ("createdAt", "updatedAt")

Measured = dict[int, tuple[Served, dict[str, float]]]
"""What the servers showed, and the statements of each, by the number of articles."""


def listing(articles: int) -> Work:
    """Give the request for the latest articles, as user 1, and what a right answer is."""
    latest = [_article(number) for number in range(articles, max(0, articles - 20), -1)]
    right = {"articles": latest, "articlesCount": articles}
    return Work(
        *("list", "GET", "?limit=20", 200),
        is_right=lambda answer: _without_times(answer) == right,
        resource="/api/articles",
        headers={"Authorization": f"Token {token()}"},
    )


def _article(number: int) -> dict[str, Any]:
    author = 1 + number % USERS
    return {
        "slug": f"article-{number}",
        "title": f"Article {number}",
        "description": f"About {number}",
        "favorited": number % 11 >= 1,
        "favoritesCount": number % 11,
        "author": {
            "username": f"user{author}",
            "bio": "I write.",
            "image": "",
            "following": author % 2 == 0,
        },
        "tagList": sorted(f"tag{(number + each) % TAGS:02}" for each in range(3)),
    }


def _without_times(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what each writes in a way of its own, where it is there."""
    articles = [
        {name: value for name, value in each.items() if name not in _TIMES}
        for each in answer["articles"]
        if all(each[name].startswith("2026-01-0") for name in _TIMES)
    ]
    return {**answer, "articles": articles}


def measure(
    services: Sequence[Service],
    rounds: int,
    seconds: int,
    tell: Callable[[str], None],
    sizes: Sequence[int] = SIZES,
) -> Measured:
    """Give what the list costs each service, by the number of articles, and its statements.

    All read one database, which none changes. Without `POSTGRESQL_URL` nothing is measured.
    """
    server = os.environ.get("POSTGRESQL_URL")
    if server is None:
        tell("conduit: POSTGRESQL_URL names no server, so nothing is measured")
        return {}
    engine, found = PostgreSQL(server), {}
    for size in sizes:
        tell(f"conduit: {size} articles")
        with articles_in(server, size) as url:
            ready = [each.with_database(url) for each in services]
            work = listing(size)
            seen = served.measure(ready, [work], rounds, seconds, CONNECTIONS, tell)
            counts = engine.counts(tell)
            found[size] = seen, (_statements(engine, ready, work) if counts else {})
    return found


def _statements(engine: PostgreSQL, services: Sequence[Service], work: Work) -> dict[str, float]:
    """Give how many statements each service needs for one list."""
    found = {}
    for service in services:
        with one_core(), serving(service) as server:
            server.wait(work)
            before = engine.statements(service.database)
            for _ in range(_COUNTED):
                server.check(work)
            found[service.name] = (engine.statements(service.database) - before) / _COUNTED
    return found


def tables(measured: Measured, services: Sequence[Service]) -> list[Table]:
    """Show how many times as fast webaio is in the same round, and the figures behind it."""
    header = ("", *(f"{size} articles" for size in measured))
    ratio, rate, p99, memory, statements = [], [], [], [], []
    for service in services:
        own = [seen.turns[CONDUIT.name, "list"] for seen, _ in measured.values()]
        turns = [seen.turns[service.name, "list"] for seen, _ in measured.values()]
        pairs = zip(map(_rates, own), map(_rates, turns), strict=True)
        ratio.append((service.name, *(ratios(*pair).text() for pair in pairs)))
        rate.append((service.name, *(f"{Spread.of(_rates(each)).median:.0f}" for each in turns)))
        slowest = (Spread.of([turn.p99 for turn in each]).median for each in turns)
        p99.append((service.name, *(f"{each:.0f}" for each in slowest)))
        held = (seen.memory[service.name] for seen, _ in measured.values())
        memory.append((service.name, *(f"{each:.0f}" for each in held)))
        counts = (found.get(service.name) for _, found in measured.values())
        statements.append((service.name, *("" if n is None else f"{n:g}" for n in counts)))
    return [
        Table(
            "Conduit: the speed of webaio as a ratio to each",
            header,
            ratio,
            "Requests per second of server CPU, without PostgreSQL's, of webaio, divided by those of "
            "the other in the same round: median (quartiles). More is faster for webaio; differences "
            "under 10 % are noise.",
        ),
        Table("Conduit: requests per second of server CPU", header, rate),
        Table("Conduit: p99 latency in milliseconds, under full load", header, p99),
        Table("Conduit: memory in MB", header, memory),
        Table(
            "Conduit: statements of a request, BEGIN and ROLLBACK among them", header, statements
        ),
    ]


def _rates(turns: Sequence[Turn]) -> list[float]:
    return [turn.rate for turn in turns]
