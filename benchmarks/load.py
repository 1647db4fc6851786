"""The load: wrk, in short turns, and what the server used of the CPU meanwhile."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.server import Server
from benchmarks.work import Work

SCRIPT: Final = Path(__file__).with_name("load.lua")
CONNECTIONS: Final = 64
MISSING: Final = (
    "wrk, which makes the load, is not installed. Install it (Debian: apt-get install wrk; "
    "macOS: brew install wrk), or measure without it: --in-process, --growth, --production, --start"
)


class LoadFailed(Exception):
    """The load could not be made."""


class WrkMissing(Exception):
    """The program that makes the load is not installed."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn showed: requests per second of the server's CPU, and p99 in milliseconds."""

    rate: float
    p99: float


def require_wrk() -> None:
    """Raise `WrkMissing`, with what to do, where wrk is not installed."""
    if shutil.which("wrk") is None:
        raise WrkMissing(MISSING)


def load(server: Server, work: Work, seconds: int, connections: int = CONNECTIONS) -> Turn:
    """Load a server for some seconds; raises `ServerFailed` for anything but right answers."""
    before = server.cpu()
    seen = _run_wrk(server, work, seconds, connections)
    used = server.cpu() - before
    _require_answers(server, work, seen)
    return Turn(rate=seen["requests"] / used, p99=seen["p99"] / 1000)


def _run_wrk(server: Server, work: Work, seconds: int, connections: int) -> dict[str, Any]:
    url = f"http://127.0.0.1:{server.port}{work.path()}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(SCRIPT)]
    command += [part for header in work.headers.items() for part in ("-H", ": ".join(header))]
    command += [url, "--"]
    command += [work.method, *([work.body.decode()] if work.body else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LoadFailed(f"wrk ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


def _require_answers(server: Server, work: Work, seen: dict[str, Any]) -> None:
    faults = {name: seen[name] for name in ("connect", "read", "write", "timeout") if seen[name]}
    if faults or not seen["requests"]:
        raise server.failure(f"did not stand the load, {work.name}: socket errors {faults}")
    if seen["not_2xx"] != (seen["requests"] if work.status >= 400 else 0):
        raise server.failure(
            f"gave wrong answers under load, {work.name}: "
            f"{seen['not_2xx']} of {seen['requests']} are not 2xx"
        )
