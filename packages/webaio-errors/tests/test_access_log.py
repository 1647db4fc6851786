import asyncio
import io
import itertools
import logging
import pickle
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from aiohttp import hdrs, web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.test_utils import make_mocked_request
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webaio.access_log import AccessLogger
from webaio.access_log._text import address, local_time, one_line
from webaio.middlewares import api_exception_handler, request_id_middleware

LINE = re.compile(
    r"(?P<remote>[!-~]+) \[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "
    r'"(?P<method>[!-~]+) (?P<target>[!-~]*) HTTP/(?P<version>\d\.\d)" '
    r"(?P<status>\d{3}) (?P<size>\d+) (?P<micro>\d+) (?P<id>[!-~]+)"
)
NUMBERS = itertools.count()
PARTS = {
    "remote_address",
    "first_request_line",
    "response_status",
    "response_size",
    "request_time_micro",
    "request_id",
}
WEBSOCKET = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def plain(request: web.Request) -> web.StreamResponse:
    return web.Response(text=await request.text() or "plain")


async def stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"one")
    await response.write(b"two")
    return response


async def socket(request: web.Request) -> web.StreamResponse:
    response = web.WebSocketResponse()
    await response.prepare(request)
    await response.close()
    return response


async def slow(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(0.02)
    return web.Response()


async def redirect(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/plain")


async def broken(request: web.Request) -> web.StreamResponse:
    raise ZeroDivisionError


def application(*middlewares: Any) -> web.Application:
    app = web.Application(middlewares=middlewares)
    app.add_routes(
        [
            web.get("/plain", plain),
            web.post("/plain", plain),
            web.get("/stream", stream),
            web.get("/socket", socket),
            web.get("/slow", slow),
            web.get("/redirect", redirect),
            web.get("/broken", broken),
            web.get("/{any:.*}", plain),
        ]
    )
    return app


class Log:
    """A logger of its own, what it wrote, and the records that it got."""

    def __init__(self, formatter: logging.Formatter | None = None) -> None:
        self.stream = io.StringIO()
        self.records: list[logging.LogRecord] = []
        self.logger = logging.getLogger(f"test_access_log_{next(NUMBERS)}")
        self.logger.setLevel(logging.INFO)
        self.logger.propagate = False
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(formatter)
        self.handler.addFilter(lambda record: not self.records.append(record))  # type: ignore[func-returns-value]  # it is always true
        self.logger.addHandler(self.handler)

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()

    def parts(self) -> dict[str, str]:
        (line,) = self.lines
        found = LINE.fullmatch(line)
        assert found, line
        return found.groupdict()


@pytest.fixture
def log() -> Log:
    return Log()


@asynccontextmanager
async def serving(app: web.Application, log: Log, **options: Any) -> AsyncIterator[web.AppRunner]:
    runner = web.AppRunner(app, access_log_class=AccessLogger, access_log=log.logger, **options)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner
    finally:
        await runner.cleanup()


async def send(runner: web.AppRunner, request: bytes) -> bytes:
    """Send bytes, and give all that comes back until the server hangs up."""
    reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


def get(target: bytes = b"/plain", headers: bytes = b"") -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: here\r\nConnection: close\r\n%b\r\n" % (target, headers)


@pytest.mark.parametrize(
    ("method", "target", "headers", "status"),
    [
        ("GET", "/plain", "", 200),
        ("GET", "/plain?page=2&name=%22a%20b%22", "", 200),
        ("GET", "http://there/plain?page=2", "", 200),
        ("HEAD", "/plain", "", 200),
        ("POST", "/plain", "Content-Length: 0\r\n", 200),
        ("GET", "/stream", "", 200),
        ("GET", "/redirect", "", 302),
        ("POST", "/nowhere", "", 405),
        ("OPTIONS", "*", "", 404),
        ("GET", "/broken", "", 500),
    ],
)
@pytest.mark.parametrize("middlewares", [(), (api_exception_handler,)], ids=["bare", "problems"])
async def test_line(
    log: Log, method: str, target: str, headers: str, status: int, middlewares: Any
) -> None:
    """The line says what went over the wire, errors and problems included."""
    request = f"{method} {target} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n{headers}\r\n"
    before = int(time.time())
    async with serving(application(*middlewares), log) as runner:
        answer = await send(runner, request.encode())
    parts = log.parts()
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    began = datetime.strptime(parts["time"], "%d/%b/%Y:%H:%M:%S %z").timestamp()
    assert before <= began <= time.time()
    assert parts | {"time": "", "micro": ""} == {
        "remote": "127.0.0.1",
        "time": "",
        "method": method,
        "target": target,
        "version": "1.1",
        "status": str(status),
        "size": str(len(answer)),
        "micro": "",
        "id": "-",
    }


async def test_duration(log: Log) -> None:
    """The time is in microseconds."""
    async with serving(application(), log) as runner:
        await send(runner, get(b"/slow"))
    assert 15_000 < int(log.parts()["micro"]) < 10_000_000


def test_begin(log: Log) -> None:
    """The line tells when the request began, not when it ended."""
    access = AccessLogger(log.logger)
    for ago in (0, 1, 3600):
        access.log(make_mocked_request("GET", "/"), web.Response(), ago)
        began = local_time(int(log.records[-1].created - ago))
        assert f" [{began}] " in log.lines[-1]


async def test_websocket(log: Log) -> None:
    """A WebSocket has its line when it ends."""
    async with serving(application(), log) as runner:
        request = f"GET /socket HTTP/1.1\r\nHost: here\r\n{WEBSOCKET}\r\n"
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(request.encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
        await asyncio.sleep(0.05)
    assert log.parts()["status"] == "101"


async def test_malformed(log: Log) -> None:
    """What is no HTTP has a line, without a word of it."""
    async with serving(application(), log) as runner:
        await send(runner, b'\x00" 200 \r\n\r\n')
    assert log.parts()["status"] == "400"


async def test_request_id(log: Log) -> None:
    """The id of `request_id_middleware` ends the line, each request's own on one connection."""
    first = get(headers=b"X-Request-ID: a-1\r\n").replace(b"Connection: close\r\n", b"")
    async with serving(application(request_id_middleware), log) as runner:
        await send(runner, first + get(headers=b"X-Request-ID: a-2\r\n"))
    assert [line.split()[-1] for line in log.lines] == ["a-1", "a-2"]


def unescaped(text: str) -> bytes:
    """Read a field back as the documentation says that it is written."""
    return re.sub(
        rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), text.encode("ascii")
    )


@given(st.binary())
def test_text_reads_back(sent: bytes) -> None:
    """Any bytes, decoded as aiohttp does, are written in printable ASCII without a quote."""
    text = one_line(sent.decode("utf-8", "surrogateescape"))
    assert re.fullmatch(r"[ -~]*", text)
    assert '"' not in text
    assert unescaped(text) == sent


TARGETS = st.one_of(
    st.binary(max_size=20),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text("a1\"\\'[]{}<>%&=?#", max_size=20).map(str.encode),
    st.sampled_from([b'" 200 1 1 -\r\n', b"\x1b[2J", "ä\u2028\x85".encode()]),
)


def count_answers(served: bytes) -> int:
    """Count the responses on a connection, whatever one says in its body."""
    count = 0
    while served:
        head, _, rest = served.partition(b"\r\n\r\n")
        length = re.search(rb"\r\nContent-Length: (\d+)", head)
        assert length, served
        served = rest[int(length[1]) :]
        count += 1
    return count


@settings(max_examples=50, deadline=None)
@given(st.lists(TARGETS, min_size=1, max_size=8))
@example([b'"', b"\\x22", b'" 200 1 1 -'])
@example([b"HTTP/1.0 000"])  # the answer to it repeats it
def test_one_request_is_one_line(sent: list[bytes]) -> None:
    """Whatever bytes a client sends, each answer is one line, and tells what was served."""
    log = Log()

    async def answers() -> list[bytes]:
        async with serving(application(), log) as runner:
            return [await send(runner, get(b"/" + target)) for target in sent]

    served = asyncio.run(answers())
    *lines, end = log.stream.getvalue().split("\n")
    assert end == ""
    # Bytes with an end of a line may be several requests, and the server may answer none of them.
    assert len(lines) == sum(map(count_answers, served))
    found = [LINE.fullmatch(line) for line in lines]
    assert all(found)
    if len(lines) == len(sent):
        for target, each in zip(sent, found, strict=True):
            if each and each["status"] == "200" and not set(target) & set(b" \t\r\n"):
                assert unescaped(each["target"]) == b"/" + target


class Untouchable:
    """Something that nobody may look at."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(name)


@pytest.fixture
def restored() -> Iterator[None]:
    yield
    logging.disable(logging.NOTSET)
    logging.setLogRecordFactory(logging.LogRecord)


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("disabled", ["level", "logging.disable"])
async def test_disabled(log: Log, disabled: str) -> None:
    """A logger that is off writes nothing and looks at nothing, on an open connection too."""
    access = AccessLogger(log.logger)
    assert access.enabled
    if disabled == "level":
        log.logger.setLevel(logging.WARNING)
    else:
        logging.disable(logging.INFO)
    assert not access.enabled
    access.log(Untouchable(), Untouchable(), 0.1)
    async with serving(application(), log) as runner:
        assert b"200 OK" in await send(runner, get())
    assert log.lines == []


class Failing(logging.Formatter, logging.Filter):
    def format(self, record: logging.LogRecord) -> str:
        raise ZeroDivisionError

    def filter(self, record: logging.LogRecord) -> bool:
        raise ZeroDivisionError


@pytest.mark.parametrize("place", ["formatter", "filter of the handler", "filter of the logger"])
async def test_failing(log: Log, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A formatter or a filter that fails does not harm the answer, nor the next one."""
    monkeypatch.setattr(logging, "raiseExceptions", False)
    if place == "formatter":
        log.handler.setFormatter(Failing())
    else:
        (log.handler if "handler" in place else log.logger).addFilter(Failing())
    first = get().replace(b"Connection: close\r\n", b"")
    async with serving(application(), log) as runner:
        answer = await send(runner, first + get())
    assert answer.count(b"200 OK") == answer.count(b"plain") - answer.count(b"text/plain") == 2


def test_never_raises(log: Log) -> None:
    """What cannot be written is an error in the log."""
    AccessLogger(log.logger).log(None, web.Response(), 0.1)  # type: ignore[arg-type]  # a mistake
    assert log.lines[0] == "Error in logging"


def line_of(log: Log, access: AbstractAccessLogger | None = None) -> logging.LogRecord:
    access = access or AccessLogger(log.logger)
    access.log(make_mocked_request("GET", "/plain"), web.Response(), 0.25)
    return log.records[-1]


def test_record(log: Log) -> None:
    """The record is as complete as any, has the parts besides, and is new each time."""
    access = AccessLogger(log.logger)
    started = time.time()
    first, second = line_of(log, access), line_of(log, access)
    log.logger.info("usual")
    usual = log.records[-1]
    assert type(first) is logging.LogRecord
    assert vars(first).keys() == vars(usual).keys() | PARTS
    same = {"name", "levelname", "levelno", "process", "processName", "thread", "threadName"}
    assert {name: vars(first)[name] for name in same} == {name: vars(usual)[name] for name in same}
    assert started <= first.created <= second.created <= usual.created
    assert first.relativeCreated <= second.relativeCreated <= usual.relativeCreated + 0.001
    assert int(first.created * 1000) % 1000 == pytest.approx(first.msecs, abs=1)
    assert vars(first) is not vars(second)
    assert vars(pickle.loads(pickle.dumps(first))) == vars(first)
    assert {name: vars(first)[name] for name in PARTS - {"remote_address"}} == {
        "first_request_line": "GET /plain HTTP/1.1",
        "response_status": 200,
        "response_size": 0,
        "request_time_micro": 250_000,
        "request_id": "-",
    }


def test_logging_rules(log: Log) -> None:
    """Propagation, the levels of handlers and filters of the logger count as for any record."""
    above = Log()
    log.logger.parent, log.logger.propagate = above.logger, True
    line_of(log)
    assert log.lines == above.lines != []
    log.handler.setLevel(logging.WARNING)
    line_of(above, AccessLogger(log.logger))
    assert len(log.lines) == 1
    assert len(above.lines) == 2
    log.logger.addFilter(lambda record: False)
    AccessLogger(log.logger).log(make_mocked_request("GET", "/"), web.Response(), 0.1)
    assert len(above.lines) == 2


TRACES = itertools.count()


class TracingLogger(logging.Logger):
    def makeRecord(self, *args: Any, **options: Any) -> logging.LogRecord:  # noqa: N802  # logging's
        record = super().makeRecord(*args, **options)
        record.__dict__["trace"] = next(TRACES)
        return record


def tracing_factory(*args: Any, **options: Any) -> logging.LogRecord:
    record = logging.LogRecord(*args, **options)
    record.__dict__.update(trace=next(TRACES), request_id="old")
    return record


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("made_by", ["logger class", "record factory"])
def test_records_of_the_application(log: Log, made_by: str) -> None:
    """A logger class and a record factory of the application's own make each record."""
    if made_by == "logger class":
        log.logger = TracingLogger("tracing", logging.INFO)
        log.logger.addHandler(log.handler)
    else:
        logging.setLogRecordFactory(tracing_factory)
    access = AccessLogger(log.logger)
    first, second = (vars(line_of(log, access)) for _ in range(2))
    assert first["trace"] + 1 == second["trace"]
    assert first["request_id"] == "-"


async def test_own_format(log: Log) -> None:
    """A format of the user's is written as aiohttp writes it."""
    async with serving(application(), log, access_log_format="%s %r %{Host}i") as runner:
        await send(runner, get())
    assert log.lines == ["200 GET /plain HTTP/1.1 here"]


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    local_time.cache_clear()
    yield
    monkeypatch.undo()
    time.tzset()
    local_time.cache_clear()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("second", "text"),
    [
        (0, "01/Jan/1970:01:00:00 +0100"),
        (1767221999, "31/Dec/2025:23:59:59 +0100"),
        (1767222000, "01/Jan/2026:00:00:00 +0100"),
        (1774745999, "29/Mar/2026:01:59:59 +0100"),
        (1774746000, "29/Mar/2026:03:00:00 +0200"),
        (1792889999, "25/Oct/2026:02:59:59 +0200"),
        (1792890000, "25/Oct/2026:02:00:00 +0100"),
    ],
)
def test_local_time(second: int, text: str) -> None:
    """Each second has its text and its offset, also when the clocks change."""
    assert local_time(second) == text


@pytest.mark.parametrize(
    ("remote", "text"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::1", "::1"),
        (None, "-"),
        ("", "-"),
        ("/run/a b\n", r"/run/a\x20b\x0a"),
    ],
)
def test_address(remote: str | None, text: str) -> None:
    """An address is one word, a Unix socket's too."""
    assert address(remote) == text


def test_other_methods(log: Log) -> None:
    """A method that a middleware or a proxy made up cannot forge a line either."""
    access = AccessLogger(log.logger)
    for method in [*hdrs.METH_ALL, 'X" 200\n1']:
        access.log(make_mocked_request(method, "/"), web.Response(), 0.1)
    assert len(log.lines) == len(hdrs.METH_ALL) + 1
    assert log.lines[-1].endswith(r'"X\x22 200\x0a1 / HTTP/1.1" 200 0 100000 -')
