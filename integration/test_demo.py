"""The demo, as `dev.py` runs it."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from integration.environment import run
from integration.packages import ROOT
from integration.serving import free_port, is_free

DEMO = (sys.executable, "-m", "integration.demo")


def test_check() -> None:
    """Every request of the tutorial is made and printed with its status, and all are right."""
    port = free_port()
    output = run(*DEMO, "--check", "--port", str(port))
    assert f"API      http://localhost:{port}/artist/" in output
    assert f"Docs     http://localhost:{port}/swagger" in output
    asked = re.findall(r"^([A-Z]+) +(\S+) (\d{3})$", output, re.MULTILINE)
    found = [(method, re.sub("[0-9a-f]{32}", "id", path), status) for method, path, status in asked]
    assert found == [
        ("GET", "/", "200"),
        ("GET", "/swagger", "200"),
        ("GET", "/openapi.json", "200"),
        ("POST", "/artist/", "201"),
        ("GET", "/artist/", "200"),
        ("GET", "/artist/id/", "200"),
        ("PUT", "/artist/id/", "200"),
        ("GET", "/artist/id/google-it/", "200"),
        ("DELETE", "/artist/id/", "204"),
        ("GET", "/artist/id/", "404"),
    ]
    assert is_free(port)


@pytest.mark.parametrize("offset", [0, 1])
def test_busy_port(offset: int) -> None:
    """A port that is in use, the next one too, gets a message and status 1."""
    port = free_port()
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", port + offset))
        busy.listen()
        done = subprocess.run(
            [*DEMO, "--check", "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"demo: Port {port + offset} is in use")
    assert done.stdout == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stops(number: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C, or another signal, stops the server, and leaves no process and no folder."""
    port = free_port()
    process = subprocess.Popen(
        [*DEMO, "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Ctrl-C stops it" in line:
            break
    assert not is_free(port)
    process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert output == "\nStopped.\n"
    assert is_free(port)
    assert is_free(port + 1)
    assert list(tmp_path.iterdir()) == []
