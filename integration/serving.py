"""Servers in processes of their own, for the demo and the tests."""

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

_PORTS: Final = 20
_FIRST_PORT: Final = 10_000 + os.getpid() % 1000 * _PORTS
_own_ports: Final = itertools.cycle(range(_FIRST_PORT, _FIRST_PORT + _PORTS, 2))
STARTS_WITHIN: Final = 60.0
STOPS_WITHIN: Final = 20.0


class ServerFailed(Exception):
    """The server ended, or did not answer, before it was asked to stop."""


@contextlib.contextmanager
def serving(
    command: Sequence[str], folder: Path, url: str, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it begins when `url` answers. Nothing is left running.

    The server's output goes to `log`. Raises `ServerFailed`, with that output, when it does not
    start within `STARTS_WITHIN` seconds.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait_until_it_answers(process, url, log)
            yield process
        finally:
            _stop(process)


def request(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """Make a request, and give the status and the body of the answer; redirects are followed."""
    asked = urllib.request.Request(url, body, dict(headers or {}), method=method)
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def is_free(port: int) -> bool:
    """Tell whether nothing listens on the port, on any address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Find a port that is free together with the next one.

    Each process has ports of its own, below those that the system gives to clients: what is free
    here is not taken by another test before the server is up.
    """
    for port in itertools.islice(_own_ports, _PORTS):
        if is_free(port) and is_free(port + 1):
            return port
    raise RuntimeError("no port is free")


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end:
        if process.poll() is not None:
            raise ServerFailed(f"It ended with {process.returncode}:\n{log.read_text()}")
        with contextlib.suppress(OSError):
            request("GET", url)
            return
        time.sleep(0.1)
    raise ServerFailed(f"{url} does not answer:\n{log.read_text()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop as Ctrl-C would, then end what is left of its process group."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOPS_WITHIN)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
