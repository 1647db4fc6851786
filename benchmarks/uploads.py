"""What a large upload costs: memory, time and CPU of a server, by webaio and by hand on aiohttp.

`python -m benchmarks.uploads 1024` sends files of 1024 MiB; it needs Linux.
"""

import asyncio
import json
import multiprocessing
import os
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from aiohttp import BodyPartReader, web

from webaio.decorators import operation
from webaio.parameters import File, Form
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

MIB: Final = 2**20
MOST: Final = 2**40
BOUNDARY: Final = "b" * 30
WAYS: Final = {
    "webaio": "/webaio/",
    "by hand, writes in a thread": "/thread",
    "by hand, writes in the loop": "/loop",
    "by hand, the loop, pieces of 8 KiB": "/small",
}


class UploadViewSet(BaseViewSet):
    @operation(client_max_size=MOST)
    async def create(self, title: Annotated[str, Form], file: File) -> int:
        return file.size


async def by_hand(request: web.Request, size: int, *, in_thread: bool) -> web.Response:
    """Read the parts with aiohttp's reader into a spooled file."""
    total, reader = 0, await request.multipart()
    with tempfile.SpooledTemporaryFile(max_size=MIB) as file:
        while isinstance(part := await reader.next(), BodyPartReader):
            while part.filename is not None and (chunk := await part.read_chunk(size)):
                total += len(chunk)
                if in_thread and total > MIB:
                    await asyncio.to_thread(file.write, chunk)
                else:
                    file.write(chunk)
    return web.json_response(total)


def application() -> web.Application:
    router = SimpleRouter()
    router.register(UploadViewSet, basename="webaio")
    app = web.Application()
    app.add_routes(router.routespatters)

    async def thread(request: web.Request) -> web.Response:
        return await by_hand(request, 2**16, in_thread=True)

    async def loop(request: web.Request) -> web.Response:
        return await by_hand(request, 2**16, in_thread=False)

    async def small(request: web.Request) -> web.Response:
        return await by_hand(request, 2**13, in_thread=False)

    app.router.add_post("/thread", thread)
    app.router.add_post("/loop", loop)
    app.router.add_post("/small", small)
    return app


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds, seconds of CPU, and MiB of memory before, after, and at most."""

    seconds: float
    cpu: float
    before: int
    after: int
    most: int


def measure(path: str, size: int, listener: socket.socket) -> Cost:
    """Serve in a process of its own, and upload so many MiB, after a few to warm up."""
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(listener,))
    server.start()
    assert server.pid is not None
    try:
        _upload(path, 8, listener.getsockname())
        (before, _), cpu, begin = _memory(server.pid), _cpu(server.pid), time.perf_counter()
        _upload(path, size, listener.getsockname())
        seconds, spent = time.perf_counter() - begin, _cpu(server.pid) - cpu
        after, most = _memory(server.pid)
        return Cost(seconds, spent, before, after, most)
    finally:
        server.terminate()
        server.join()


def _serve(listener: socket.socket) -> None:
    web.run_app(application(), sock=listener, print=None, access_log=None)


def _upload(path: str, size: int, address: Any) -> None:
    title = 'Content-Disposition: form-data; name="title"\r\n\r\na'
    file = 'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    begin = f"--{BOUNDARY}\r\n{title}\r\n--{BOUNDARY}\r\n{file}".encode()
    end = f"\r\n--{BOUNDARY}--\r\n".encode()
    length = len(begin) + size * MIB + len(end)
    media_type = f"multipart/form-data; boundary={BOUNDARY}"
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: {media_type}\r\n"
    block = os.urandom(MIB)
    with socket.create_connection(address) as connection:
        connection.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode() + begin)
        for _ in range(size):
            connection.sendall(block)
        connection.sendall(end)
        answer = b"".join(iter(lambda: connection.recv(MIB), b""))
    found = json.loads(answer.partition(b"\r\n\r\n")[2])
    if found != size * MIB:
        raise ValueError(f"{path}: it read {found} bytes")


def _memory(pid: int) -> tuple[int, int]:
    words = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return int(words["VmRSS"].split()[0]) // 1024, int(words["VmHWM"].split()[0]) // 1024


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(size: int, rounds: int) -> None:
    """Print the cheapest of some rounds of each way."""
    print("| | seconds | CPU | memory before | after | at most |\n|---|---|---|---|---|---|")
    for name, path in WAYS.items():
        costs = []
        for _ in range(rounds):
            with socket.create_server(("127.0.0.1", 0)) as listener:
                costs.append(measure(path, size, listener))
        best = min(costs, key=lambda each: each.cpu)
        most = max(each.most for each in costs)
        memory = f"{best.before} MiB | {best.after} MiB | {most} MiB"
        print(f"| {name} | {best.seconds:.2f} | {best.cpu:.2f} | {memory} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), rounds=3)
