"""A service in a process of its own, with what it costs."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from benchmarks.service import Service
from benchmarks.work import WORKS, Work

ROOT: Final = Path(__file__).resolve().parent.parent
STARTS_WITHIN: Final = 30.0
STOPS_WITHIN: Final = 3.0
TICKS: Final = os.sysconf("SC_CLK_TCK")


class ServerFailed(Exception):
    """A server ended, or did not answer, before it was asked to stop."""


class Server:
    """A server that runs, in a session of its own: all of its processes are counted."""

    def __init__(self, service: Service, log: IO[bytes]) -> None:
        self.service = service
        self.port = _free_port()
        self._log = log
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            service.command_on(self.port),
            cwd=ROOT,
            env=_environment(service),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def wait(self, work: Work = WORKS[0]) -> float:
        """Wait for the first answer, and give the seconds since the start of the process."""
        request = work.message()
        while not self._answers(request):
            if self._process.poll() is not None:
                raise self.failure(f"ended with {self._process.returncode}")
            if time.perf_counter() - self.began > STARTS_WITHIN:
                raise self.failure(f"did not answer within {STARTS_WITHIN:.0f} s")
            time.sleep(0.001)
        return time.perf_counter() - self.began

    def _answers(self, request: bytes) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection,
        ):
            connection.sendall(request)
            return connection.recv(1000).startswith(b"HTTP/1.1 200")
        return False

    def check(self, work: Work) -> None:
        """Do the work once; raises `WrongAnswer` for a wrong answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        headers = {**work.headers, **({"Content-Type": "application/json"} if work.body else {})}
        try:
            connection.request(work.method, work.path(), work.body or None, headers)
            answer = connection.getresponse()
            work.check(self.service.name, answer.status, answer.read(), self.service.refusal)
        except (OSError, http.client.HTTPException) as error:
            raise self.failure(f"did not answer {work.name}: {error!r}") from error
        finally:
            connection.close()

    def cpu(self) -> float:
        """Give the CPU seconds that all of its processes and threads have used."""
        return sum(sum(map(int, fields[11:13])) for fields in self._processes().values()) / TICKS

    def memory(self) -> float:
        """Give the MB that its processes hold; a page shared by n processes counts 1/n."""
        return sum(_proportional_set(pid) for pid in self._processes()) / 1000

    def failure(self, what: str) -> ServerFailed:
        self._log.seek(0)
        output = self._log.read().decode(errors="replace").strip()
        return ServerFailed(f"{self.service.name} {what}. Its output:\n{output or '(nothing)'}")

    def stop(self) -> None:
        """End the server and all of its processes."""
        try:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOPS_WITHIN)
        finally:
            for pid in self._processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()

    def _processes(self) -> dict[int, list[str]]:
        """Give the fields of /proc/PID/stat after the name, for each process of the session."""
        session = str(self._process.pid)
        stats = {int(path.name): _stat(path) for path in Path("/proc").glob("[0-9]*")}
        return {pid: fields for pid, fields in stats.items() if fields[3:4] == [session]}


@contextlib.contextmanager
def serving(service: Service) -> Iterator[Server]:
    """Run a server until the block ends, whatever ends it."""
    with tempfile.TemporaryFile() as log:
        server = Server(service, log)
        try:
            yield server
        finally:
            server.stop()


def _stat(process: Path) -> list[str]:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended
        return []


def _proportional_set(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def _environment(service: Service) -> dict[str, str]:
    """Let the modules be compiled once, as those of what is installed are; and name the database."""
    kept = {name: each for name, each in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "DATABASE_URL": service.database} if service.database else kept


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
