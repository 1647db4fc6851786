"""webaio: the example itself, as `examples/conduit` has it."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from benchmarks.articles import SECRET
from benchmarks.serve import serve


def conduit(names: Sequence[str]) -> web.Application:
    """Make the example's application on `DATABASE_URL`; it has one resource of each name."""
    sys.path.insert(0, str(Path(__file__).parents[3] / "examples" / "conduit"))
    os.environ["SECRET"] = SECRET
    import main

    return main.create_app()


if __name__ == "__main__":
    serve(conduit)
