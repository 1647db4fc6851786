"""The folder `results`: the tables as Markdown, and a picture of the served comparison."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.machine import describe
from benchmarks.options import text_of
from benchmarks.plot import draw
from benchmarks.served import Served
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
    parts = ["# Results", "Written by `hatch run bench`; [how to read it](../README.md)."]
    distributions = [name for each in options.services for name in each.distributions]
    parts.append(describe(distributions, text_of(options)))
    if served is not None:
        draw(served, options.services, options.works, folder / PICTURE)
        parts.append(f"![The bars of all services, for each work]({PICTURE})")
    parts += [table.markdown() for table in tables]
    path = folder / "results.md"
    path.write_text("\n\n".join(parts) + "\n")
    return path
