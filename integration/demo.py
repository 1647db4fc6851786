"""`hatch run demo`: the tutorial's project, served by the development server."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from integration import tutorial
from integration.chore import busy_port, failed, serve_until_stopped, stop_by_signals
from integration.serving import ServerFailed, request, serving

PORT: Final = int(tutorial.ANSWERS["port"])
LAST_PORT: Final = 65534
_JSON: Final = {"Content-Type": "application/json"}


def main() -> int:
    parser = argparse.ArgumentParser("demo", description="Serve the tutorial's project.")
    parser.add_argument(
        "--check", action="store_true", help="make the tutorial's requests, then stop"
    )
    parser.add_argument(
        "--port", type=int, default=PORT, help="also takes the next one; default: %(default)s"
    )
    options = parser.parse_args()
    if not 1 <= options.port <= LAST_PORT:
        parser.error(f"--port must be from 1 to {LAST_PORT}")
    stop_by_signals()
    if busy := busy_port(options.port):
        return failed("demo", busy)
    try:
        with tempfile.TemporaryDirectory(prefix="webaio-demo-") as folder:
            return _serve(Path(folder), options.port, check=options.check)
    except ServerFailed as failure:
        return failed("demo", f"The development server did not run. {failure}")
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0


def _serve(folder: Path, port: int, *, check: bool) -> int:
    project = tutorial.make_project(folder, tutorial.DOCUMENT_PAGE)
    url = f"http://localhost:{port}"
    command = ["adev", "runserver", "main.py", "--port", str(port), "--no-livereload"]
    with serving(command, project, url, folder / "log"):
        print(f"API      {url}/artist/\nDocs     {url}/swagger\nProject  {project}", flush=True)
        if check:
            return 0 if _check(url) else 1
        return serve_until_stopped()


def _check(url: str) -> bool:
    """Make every request of the tutorial, print each with its status, tell if all were right."""
    right = True
    for method, path, status, expected in _requests(url):
        right &= status == expected
        print(f"{method:6} {path} {status}" + ("" if status == expected else f", not {expected}"))
    return right


def _requests(url: str) -> Iterator[tuple[str, str, int, int]]:
    def ask(method: str, path: str, expected: int, **data: str) -> tuple[str, str, int, int]:
        body = json.dumps(data).encode() if data else None
        return method, path, request(method, f"{url}{path}", body, _JSON)[0], expected

    yield ask("GET", "/", 200)
    yield ask("GET", "/swagger", 200)
    yield ask("GET", "/openapi.json", 200)
    status, body = request("POST", f"{url}/artist/", b'{"name": "Gustavo Cerati"}', _JSON)
    yield "POST", "/artist/", status, 201
    artist = f"/artist/{json.loads(body)['id']}/"
    yield ask("GET", "/artist/", 200)
    yield ask("GET", artist, 200)
    yield ask("PUT", artist, 200, name="Zeta Bosio")
    yield ask("GET", f"{artist}google-it/", 200)
    yield ask("DELETE", artist, 204)
    yield ask("GET", artist, 404)


if __name__ == "__main__":
    sys.exit(main())
