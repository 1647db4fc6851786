"""webaio: the example itself."""

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aiohttp import web

from benchmarks.articles import SECRET
from benchmarks.serve import serve

EXAMPLE: Final = Path(__file__).parents[3] / "examples" / "conduit"


def conduit(names: Sequence[str]) -> web.Application:
    """Make the example's application on `DATABASE_URL`, whatever `names` says."""
    sys.path.insert(0, str(EXAMPLE))
    os.environ["SECRET"] = SECRET
    return importlib.import_module("main").create_app()


if __name__ == "__main__":
    serve(conduit)
