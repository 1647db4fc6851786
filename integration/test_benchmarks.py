"""The benchmark's parts that need neither wrk nor the other frameworks. Nothing here is timed."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import growth, uploads
from benchmarks.in_process import APPLICATIONS
from benchmarks.machine import describe, one_core
from benchmarks.options import FULL, parse
from benchmarks.production import VARIANTS
from benchmarks.ratio import Spread, ratios
from benchmarks.server import ServerFailed, serving
from benchmarks.service import (
    BY_HAND,
    CONDUIT,
    CONDUIT_SERVICES,
    DATA_SERVICES,
    MODEL_VIEWSET,
    READY,
    SERVICES,
    TYPED,
    Service,
)
from benchmarks.table import Table
from benchmarks.work import BROKEN, GOOD, WORKS, WrongAnswer
from integration.environment import run
from integration.packages import ROOT

BENCH = (sys.executable, "-m", "benchmarks")
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def rows_of(output: str) -> list[list[str]]:
    lines = [line for line in output.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_in_process() -> None:
    """A short run has a row for each application, each answer checked."""
    rows = rows_of(run(*BENCH, "--in-process", "--turns", "2", "--requests", "2"))
    assert rows[0] == ["", *(work.name for work in WORKS)]
    names = [row[0] for row in rows if row[0] and not row[0].startswith("-")]
    assert names == [*APPLICATIONS, *APPLICATIONS]


def test_uploads(capsys: pytest.CaptureFixture[str]) -> None:
    """Each way reads all, in memory that does not grow with the file."""
    uploads.main(64, rounds=1)
    rows = [row.split("|") for row in capsys.readouterr().out.splitlines()[2:]]
    assert [row[1].strip() for row in rows] == [*uploads.WAYS]
    for row in rows:
        before, after = (int(row[each].split()[0]) for each in (4, 6))
        assert after - before < 32, row


async def test_growth() -> None:
    """Each setting has the first and the last resource of each application."""
    works = [work for work in WORKS if work.name in growth.WORKS]
    spent: growth.Spent = {}
    for setting in growth.SETTINGS:
        spent |= await growth.measure(setting, works, turns=1, requests=1, sizes=(2, 3))
    table = growth.table(spent)
    assert len(table.rows) == 3 * 2 * 2 * 2
    assert table.header[-3:] == ("2", "3", "3 to 2")
    assert [row[3] for row in table.rows[:2]] == ["first", "last"]


def test_production() -> None:
    """Each variant answers rightly, and has a row."""
    rows = rows_of(run(*BENCH, "--production", "--turns", "2", "--requests", "2"))
    names = [row[0] for row in rows if row[0] and not row[0].startswith("-")]
    assert names == [variant.name for variant in VARIANTS]


def test_without_wrk(tmp_path: Path) -> None:
    """Without wrk it says how to get it, before any server starts."""
    done = subprocess.run(
        BENCH,
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("bench: wrk, which makes the load, is not installed. Install it")
    assert "Traceback" not in done.stderr


def test_spread() -> None:
    """A ratio is made in each round; of them the median and the quartiles are shown."""
    spread = ratios([2, 6, 12, 20, 30], [2, 3, 4, 5, 6])
    assert spread == Spread(low=2, median=3, high=4)
    assert spread.text() == "3.00 (2.00-4.00)"
    assert Spread.of([7]) == Spread(7, 7, 7)


def test_table() -> None:
    """Words stand left, figures right."""
    table = Table("Speed", ("", "detail"), [("aiohttp", "1.00")], "More is faster.")
    assert table.markdown() == (
        "## Speed\n\n"
        "More is faster.\n\n"
        "|         | detail |\n"
        "| ------- | -----: |\n"
        "| aiohttp |   1.00 |"
    )


def test_options() -> None:
    """Without a choice all is measured and written; one that is chosen is compared with by hand."""
    everything = parse([])
    assert everything.full
    assert everything.parts == FULL
    assert everything.services == [*SERVICES]
    assert everything.data_services == [*DATA_SERVICES]
    assert everything.conduit_services == [*CONDUIT_SERVICES]
    chosen = parse(["--only", "TYPED", "--works", "404"])
    assert not chosen.full
    assert chosen.services == [BY_HAND, TYPED]
    assert chosen.data_services == [MODEL_VIEWSET]
    assert chosen.conduit_services == [CONDUIT]
    assert [work.name for work in chosen.works] == ["404"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["--only", "django", "nonsense"], "no service is called 'nonsense'"),
        (["--rounds", "0"], "0 is not 1 or more"),
    ],
)
def test_wrong_options(wrong: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be meant is refused."""
    with pytest.raises(SystemExit, match="2"):
        parse(wrong)
    assert message in capsys.readouterr().err


def test_wrong_answers() -> None:
    """A wrong status and a wrong content are told with the answer."""
    works = {work.name: work for work in WORKS}
    with pytest.raises(WrongAnswer, match="it, detail: 500, not 200: b'oops'"):
        works["detail"].check("it", 500, b"oops")
    with pytest.raises(WrongAnswer, match="it, list: wrong content: b'\\[\\]'"):
        works["list"].check("it", 200, b"[]")
    with pytest.raises(WrongAnswer, match="it, create: wrong content"):
        works["create"].check("it", 201, b'{"name": "Gustavo Cerati"}')
    assert works["invalid"].data is BROKEN
    assert works["create"].data is GOOD
    works["invalid"].check("it", 400, b"", refusal=400)


def test_machine() -> None:
    """The results say what they depend on."""
    text = describe(["aiohttp", "aiohttp"], "2 rounds")
    assert "- Machine: " in text
    assert text.count("aiohttp ") == 1
    assert "- Options: 2 rounds" in text


@linux
@pytest.mark.parametrize(
    "service", [BY_HAND, READY, TYPED.with_resources(3)], ids=["by hand", "ready", "typed"]
)
def test_served(service: Service) -> None:
    """A server answers all works, uses CPU and memory, and is gone afterwards."""
    with serving(service) as server:
        assert server.wait() > 0
        for work in WORKS:
            server.check(work)
        assert server.cpu() > 0
        assert server.memory() > 1
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


@linux
def test_one_core() -> None:
    """Meanwhile all runs on one core, and afterwards where it ran before."""
    ask = (sys.executable, "-c", "import os; print(len(os.sched_getaffinity(0)))")
    before = os.sched_getaffinity(0)
    with one_core():
        assert run(*ask) == "1\n"
    assert os.sched_getaffinity(0) == before


@linux
def test_server_that_fails() -> None:
    """A server that ends by itself is told with its own output."""
    failing = Service("broken", ("benchmarks.nothing",), ())
    with (
        pytest.raises(ServerFailed, match=r"broken ended with 1\. Its output:\n.*No module named"),
        serving(failing) as server,
    ):
        server.wait()
