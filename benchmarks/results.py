"""The folder `results`: the tables as Markdown, and a picture of the served comparison."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.conduit import CONNECTIONS
from benchmarks.machine import describe
from benchmarks.options import text_of
from benchmarks.plot import draw
from benchmarks.served import Served
from benchmarks.service import Service
from benchmarks.table import Table

FOLDER: Final = Path(__file__).with_name("results")
PICTURE: Final = "served.svg"


def write(
    options: argparse.Namespace,
    tables: Sequence[Table],
    served: Served | None,
    folder: Path = FOLDER,
) -> Path:
    """Write what was measured; give the path of the text."""
    folder.mkdir(exist_ok=True)
    (folder / PICTURE).unlink(missing_ok=True)
    parts = _head("# Results", "hatch run bench", text_of(options), options.services)
    if served is not None:
        draw(served, options.services, options.works, folder / PICTURE)
        parts.append(f"![The bars of all services, for each work]({PICTURE})")
    return _written(folder / "results.md", parts, tables)


def write_data(options: argparse.Namespace, tables: Sequence[Table], folder: Path = FOLDER) -> Path:
    """Write what was measured over databases; give the path of the text."""
    folder.mkdir(exist_ok=True)
    title, command = "# Results with a database", "hatch run bench --data --write"
    parts = _head(title, command, text_of(options), options.data_services)
    return _written(folder / "data.md", parts, tables)


def write_conduit(
    options: argparse.Namespace, tables: Sequence[Table], folder: Path = FOLDER
) -> Path:
    """Write what was measured of lists of articles; give the path of the text."""
    folder.mkdir(exist_ok=True)
    title, command = "# Results of Conduit", "hatch run bench --conduit --write"
    length = f"{options.rounds} rounds of {options.seconds} s with {CONNECTIONS} connections"
    parts = _head(title, command, length, options.conduit_services)
    return _written(folder / "conduit.md", parts, tables)


def _head(title: str, command: str, length: str, services: Sequence[Service]) -> list[str]:
    distributions = [name for each in services for name in each.distributions]
    return [
        title,
        f"Written by `{command}`; [how to read it](../README.md).",
        describe(distributions, length),
    ]


def _written(path: Path, parts: Sequence[str], tables: Sequence[Table]) -> Path:
    path.write_text("\n\n".join([*parts, *(table.markdown() for table in tables)]) + "\n")
    return path
