"""The benchmark's parts that have a database, without the other frameworks. Nothing here is timed."""

import os
import sys

import pytest

from benchmarks import conduit, data
from benchmarks.articles import articles_in
from benchmarks.database import Engine, PostgreSQL, engines
from benchmarks.load import Turn
from benchmarks.served import Served
from benchmarks.server import serving
from benchmarks.service import ASYNCPG, CONDUIT, CONDUIT_SERVICES, MODEL_VIEWSET
from benchmarks.work import WrongAnswer

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(params=["PostgreSQL", "SQLite"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each that there is; `POSTGRESQL_URL` says where databases of PostgreSQL may be made."""
    found = {each.name: each for each in engines(print)}
    if request.param not in found:
        if os.environ.get("REQUIRE_DATABASE"):
            pytest.fail("POSTGRESQL_URL names no server, and REQUIRE_DATABASE asks for one")
        pytest.skip("POSTGRESQL_URL names no server")
    return found[request.param]


@linux
def test_data(engine: Engine) -> None:
    """Services over databases of their own answer rightly, and keep what is written."""
    services = data.services_on(engine, [MODEL_VIEWSET, ASYNCPG])
    data.check(engine, services)
    with (
        data.with_databases(engine, services) as ready,
        serving(ready[0]) as server,
    ):
        server.wait()
        works = {work.name: work for work in data.WORKS}
        server.check(works["create"])
        with pytest.raises(WrongAnswer, match="webaio, model viewset, list: wrong content"):
            server.check(works["list"])


@linux
@pytest.mark.parametrize("engine", ["PostgreSQL"], indirect=True)
def test_statements(engine: PostgreSQL) -> None:
    """A model viewset makes one statement a request, and one more to count a list."""
    if not engine.counts(print):
        pytest.skip("the server has not loaded pg_stat_statements")
    counted = data.count(engine, [MODEL_VIEWSET], data.WORKS)
    table = data.table_of_statements(counted, [MODEL_VIEWSET], data.WORKS)
    assert table.rows == [(MODEL_VIEWSET.name, "1", "2", "1", "1")]


def test_data_tables() -> None:
    """The ratio says how many times as fast webaio is, in each round."""
    rates = {MODEL_VIEWSET: [200.0, 600.0], ASYNCPG: [100.0, 300.0]}
    turns = {
        (service.name, "detail"): [Turn(rate, 1) for rate in found]
        for service, found in rates.items()
    }
    seen = Served(turns, {service.name: 10.0 for service in rates})
    ratio, rate = data.tables(PostgreSQL(""), seen, [*rates], data.WORKS[:1])
    assert [row[1] for row in ratio.rows] == ["1.00 (1.00-1.00)", "2.00 (2.00-2.00)"]
    assert [row[1:] for row in rate.rows] == [("400", "10"), ("200", "10")]


@linux
@pytest.mark.parametrize("engine", ["PostgreSQL"], indirect=True)
def test_conduit(engine: PostgreSQL) -> None:
    """The example gives the latest articles with all that belongs to them, and their number."""
    with articles_in(engine.server, 25) as url, serving(CONDUIT.with_database(url)) as server:
        work = conduit.listing(25)
        server.wait(work)
        server.check(work)
        with pytest.raises(WrongAnswer, match="wrong content"):
            server.check(conduit.listing(24))


def test_conduit_tables() -> None:
    """Ratios are of the same round; statements that were not counted are left out."""
    other = CONDUIT_SERVICES[1]
    turns = {
        (CONDUIT.name, "list"): [Turn(rate=300, p99=2), Turn(rate=400, p99=3)],
        (other.name, "list"): [Turn(rate=100, p99=8), Turn(rate=200, p99=9)],
    }
    seen = Served(turns, {CONDUIT.name: 60.0, other.name: 70.0})
    measured = {10: (seen, {CONDUIT.name: 4.0}), 20: (seen, {})}
    ratio, rate, p99, memory, statements = conduit.tables(measured, [CONDUIT, other])
    assert ratio.header == ("", "10 articles", "20 articles")
    assert ratio.rows[1] == (other.name, "2.50 (2.25-2.75)", "2.50 (2.25-2.75)")
    assert rate.rows[0] == (CONDUIT.name, "350", "350")
    assert p99.rows[1][1] == "8"
    assert memory.rows[1][1] == "70"
    assert [row[1:] for row in statements.rows] == [("4", ""), ("", "")]
