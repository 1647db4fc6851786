import sys

from benchmarks.__main__ import WORK
from benchmarks.services import SERVICES
from integration.environment import run


def test_every_service_does_all_work() -> None:
    """A short run has a row for each service and work, each answer checked."""
    table = run(sys.executable, "-m", "benchmarks", "--turns", "2", "--requests", "2")
    for service in SERVICES:
        for work in WORK:
            assert f"{service:34} {work:8} " in table
