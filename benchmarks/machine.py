"""The machine: what was measured where, with which versions, and on which core."""

import contextlib
import datetime
import os
import platform
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path


def describe(distributions: Iterable[str], options: str) -> str:
    """Give a list in Markdown of all that the figures depend on."""
    versions = ", ".join(f"{name} {version(name)}" for name in sorted(set(distributions)))
    return "\n".join(
        (
            f"- Machine: {_processor()}, {os.cpu_count()} cores, {platform.platform()}",
            f"- Python: {platform.python_version()}",
            f"- Versions: {versions}",
            f"- Options: {options}",
            f"- Date: {datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        )
    )


def _processor() -> str:
    try:
        names = re.findall(
            r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE
        )
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


@contextlib.contextmanager
def one_core(core: int | None = None) -> Iterator[None]:
    """Keep this process, and all that it starts meanwhile, on one core: the last, unless it is named.

    A load that sleeps on another core must be woken by each answer. The kernel charges the server
    for that: a few microseconds, or as many as the answer itself, by the state of the machine.
    """
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores) if core is None else core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
