"""Files: raw bytes on a socket, what stays in memory and on disk, and that nothing is left there."""

import asyncio
import errno
import gc
import gzip
import hashlib
import io
import json
import re
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, Final

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from aiohttp.typedefs import Handler
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from webaio import conditions
from webaio.authentication import BaseAuthentication, Identity
from webaio.conditions import idempotent
from webaio.decorators import action, operation
from webaio.exceptions import Conflict, ImproperlyConfigured
from webaio.parameters import File, Form
from webaio.parameters._form_data import FormData
from webaio.parameters._spool import Spool
from webaio.permissions import IsAuthenticated
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

MIB: Final = 2**20
LIMIT: Final = 8 * MIB
BOUNDARY: Final = "----a"
PNG: Final = "Content-Type: image/png"
KEY: Final = "8e03978e-40d5-43dd-bc93-6894a57f9324"


class Picture(File, max_size=3 * MIB, media_types=("image/png", "text/*")):
    """One that is not large."""


class Key(BaseAuthentication):
    security_scheme = {"type": "apiKey", "in": "header", "name": "X-User"}
    scheme_name = "key"
    challenge = "Key"

    def credentials(self, request: web.Request) -> str | None:
        return request.headers.get("X-User")

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        return Identity(credentials, credentials)


class Closed(Struct, forbid_unknown_fields=True):
    file: File | None = None


class FileViewSet(BaseViewSet):
    runs = 0
    kept: Any = None
    at: Any = None

    @operation(client_max_size=LIMIT)
    async def create(
        self,
        file: File,
        more: list[File] = [],  # noqa: B006  # each request gets a copy
        title: Annotated[str, Form] = "",
        n: int = 0,
    ) -> Any:
        type(self).kept = file
        files = [file, *more]
        sizes = [len(await each.read()) for each in files]
        assert sizes == [each.size for each in files]
        return [[each.filename, each.media_type, each.size] for each in files]

    @action(detail=False, method="post", client_max_size=LIMIT)
    async def picture(self, file: Picture, title: Annotated[str, Form] = "") -> str:
        return (await file.read()).decode("latin-1")

    @action(detail=False, method="post", client_max_size=LIMIT)
    async def closed(self, body: Annotated[Closed, Form]) -> int:
        return -1 if body.file is None else body.file.size

    @action(detail=False, method="post", client_max_size=LIMIT)
    async def fails(self, file: File) -> None:
        raise Conflict("No") if file.filename else RuntimeError("no")

    @action(detail=False, method="post", client_max_size=LIMIT)
    async def hangs(self, file: File) -> None:
        self.at.set()
        await asyncio.Event().wait()

    @action(detail=False, method="post", client_max_size=LIMIT)
    async def streams(self, file: File) -> AsyncIterator[int]:
        async for chunk in file:
            yield len(chunk)

    @action(
        detail=False,
        method="post",
        client_max_size=LIMIT,
        permissions=IsAuthenticated(),
        authentication=(Key(),),
    )
    async def guarded(self, file: File) -> int:
        return file.size

    @action(detail=False, method="post", client_max_size=LIMIT)
    @idempotent()
    async def once(self, file: File, title: Annotated[str, Form] = "") -> int:
        type(self).runs += 1
        return self.runs


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of files that are spooled."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest_asyncio.fixture
async def server(folder: Path) -> AsyncIterator[BaseTestServer]:
    router = SimpleRouter()
    router.register(FileViewSet, basename="file")
    FileViewSet.runs, FileViewSet.at = 0, asyncio.Event()
    app = web.Application()
    conditions.setup(app)
    app.add_routes(router.routespatters)
    async with TestServer(app, handler_cancellation=True) as server:
        yield server


def spooled(folder: Path) -> list[str]:
    """Name the open files in a folder, those without a name too, and all others."""
    links = []
    for each in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(each.readlink()))
        except OSError:
            continue
    found = [each for each in links if each.startswith(str(folder))]
    return found + [str(each) for each in folder.iterdir()]


async def require_spooled(folder: Path, *, is_there: bool) -> None:
    """Wait until something is in a folder, or nothing."""
    async with asyncio.timeout(10):
        while bool(spooled(folder)) != is_there:  # noqa: ASYNC110  # nobody tells of files
            await asyncio.sleep(0.01)


async def require_nothing_spooled(folder: Path) -> None:
    await require_spooled(folder, is_there=False)


def part(
    content: bytes, name: str = "file", filename: str | None = "a.txt", *headers: str
) -> bytes:
    said = "" if filename is None else f'; filename="{filename}"'
    lines = [f'Content-Disposition: form-data; name="{name}"{said}', *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def body_of(*parts: bytes, boundary: str = BOUNDARY, end: bytes = b"--\r\n") -> bytes:
    begin = f"--{boundary}\r\n".encode()
    whole = b"".join(begin + each + b"\r\n" for each in parts)
    return whole + f"--{boundary}".encode() + end


def request_of(
    body: bytes,
    path: str = "/file/",
    media_type: str = f"multipart/form-data; boundary={BOUNDARY}",
    length: int | None = None,
    headers: Iterable[str] = (),
) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: a",
        "Connection: close",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def answer_of(server: BaseTestServer, sent: bytes, *, ends: bool = False) -> tuple[int, Any]:
    """Send bytes, and give the status and the JSON of the answer; 0 for none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(sent)
        if ends:
            writer.write_eof()
        async with asyncio.timeout(20):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *([0-9]+)", head)
            body = await (reader.read() if length is None else reader.readexactly(int(length[1])))
    except asyncio.IncompleteReadError:
        return 0, None
    finally:
        writer.close()
    return int(head.split()[1]), (json.loads(body) if body else None)


GOOD: Final = part(b"abc")
MALFORMED: Final[dict[str, bytes]] = {
    "no boundary": request_of(body_of(GOOD), media_type="multipart/form-data"),
    "an empty boundary": request_of(body_of(GOOD), media_type='multipart/form-data; boundary=""'),
    "a long boundary": request_of(
        body_of(GOOD, boundary="a" * 71), media_type=f"multipart/form-data; boundary={'a' * 71}"
    ),
    "another boundary": request_of(body_of(GOOD, boundary="b")),
    "no parts, no end": request_of(b"abc\r\n"),
    "no end": request_of(body_of(GOOD, end=b"\r\n")),
    "no end of a part": request_of(f"--{BOUNDARY}\r\n".encode() + GOOD),
    "no headers": request_of(f"--{BOUNDARY}\r\n\r\nabc\r\n--{BOUNDARY}--\r\n".encode()),
    "no end of the headers": request_of(f"--{BOUNDARY}\r\nContent-Disposition: form".encode()),
    "no header": request_of(body_of(b"abc\r\n\r\nabc")),
    "a control in a name": request_of(body_of(part(b"", "fi\x01le"))),
    "no name": request_of(body_of(b'Content-Disposition: form-data; filename="a"\r\n\r\nabc')),
    "no form-data": request_of(body_of(b'Content-Disposition: file; name="file"\r\n\r\nabc')),
    "a name that is no UTF-8": request_of(body_of(part(b"").replace(b"a.txt", b"\xff"))),
    "many headers": request_of(body_of(part(b"", "file", "a", *[f"X-{n}: a" for n in range(9000)]))),
    "a long header": request_of(body_of(part(b"", "file", "a" * 20_000))),
    "many semicolons": request_of(body_of(part(b"", "file", ";" * 5000))),
    "a long preamble": request_of(b"a\r\n" * 9000 + body_of(GOOD)),
    "a long line before": request_of(b"a" * 300_000 + body_of(GOOD)),
    "a long end": request_of(body_of(GOOD) + b"a\r\n" * 9000),
    "multipart in multipart": request_of(
        body_of(part(body_of(GOOD, boundary="b"), "file", None, "Content-Type: multipart/mixed; boundary=b"))
    ),
    "base64": request_of(body_of(part(b"YWJj", "file", "a", "Content-Transfer-Encoding: base64"))),
    "quoted-printable": request_of(
        body_of(part(b"=41", "file", "a", "Content-Transfer-Encoding: Quoted-Printable"))
    ),
    "a wrong length of a part": request_of(body_of(part(b"abc", "file", "a", "Content-Length: 2"))),
    "an odd length of a part": request_of(body_of(part(b"abc", "file", "a", "Content-Length: x"))),
    "broken gzip": request_of(body_of(GOOD), headers=["Content-Encoding: gzip"]),
    "a negative length of a part, of a body that never ends": request_of(
        body_of(part(b"abc", "file", "a", "Content-Length: -1")), length=MIB
    ),
    **{
        f"an encoded name, {text}": request_of(
            body_of(f"Content-Disposition: form-data; name=file; filename*={text}\r\n\r\n".encode())
        )
        for text in ("utf-8''a%0D%0Ab", "utf-8''%00", "utf-8''%FF", "unicode_escape''%5Cud800", "utf-7''a")
    },
    "an encoded name of a field with a control": request_of(
        body_of(b"Content-Disposition: form-data; name*=utf-8''file%0A; filename=a\r\n\r\n")
    ),
    "another charset": request_of(
        body_of(GOOD), media_type=f"multipart/form-data; boundary={BOUNDARY}; charset=utf-16"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
async def test_malformed(
    server: BaseTestServer, folder: Path, name: str, recwarn: pytest.WarningsRecorder
) -> None:
    """What is no form is a 400, and a problem."""
    status, problem = await answer_of(server, MALFORMED[name])
    assert (status, problem["code"]) == (400, "parse_error")
    await require_nothing_spooled(folder)


@pytest.mark.parametrize("content", [b"abc", b"a" * 2 * MIB])
async def test_truncated(server: BaseTestServer, folder: Path, content: bytes) -> None:
    """A client that ends half way leaves nothing, wherever it was."""
    whole = request_of(body_of(part(content)))
    head = whole.index(b"\r\n\r\n") + 4
    for end in {head, head + 5, head + 40, head + 80, len(whole) - 20, len(whole) - 3}:
        assert end < len(whole)
        status, _ = await answer_of(server, whole[:end], ends=True)
        assert status in (0, 400)
    await require_nothing_spooled(folder)


async def test_forms_that_are_good(
    server: BaseTestServer, caplog: pytest.LogCaptureFixture
) -> None:
    """What the RFCs allow is taken: text around, a media type with parameters, other headers."""
    quoted = f'multipart/form-data; charset=UTF-8; boundary="{BOUNDARY}"'
    typed = part(b"abc", "file", "ä;b;c%22 \\.txt", "content-type: Text/Plain; charset=x", "X-A: 1")
    for body, media_type in (
        (b"before\r\n" + body_of(typed) + b"after\r\n", quoted),
        (body_of(typed, end=b"--"), quoted),
        (body_of(typed), f"Multipart/Form-Data; Boundary={BOUNDARY}"),
        (body_of(part(b"utf-8", "_charset_", None), typed), quoted),
    ):
        status, found = await answer_of(server, request_of(body, media_type=media_type))
        assert (status, found) == (201, [["ä;b;c%22 \\.txt", "text/plain", 3]])
    extended = b"Content-Disposition: form-data; name=file; filename*=utf-8''%C3%A4\r\n\r\nabc"
    texts = [part(b"a", "other", None)] * 20
    status, found = await answer_of(server, request_of(body_of(*texts, extended, *texts)))
    assert (status, found) == (201, [["ä", "application/octet-stream", 3]])
    assert caplog.records == []


async def test_compressed_form(server: BaseTestServer) -> None:
    """A form may be compressed; its limit is that of what it is."""
    for content, expected in ((b"abc", 201), (b"a" * LIMIT, 413)):
        body = gzip.compress(body_of(part(content)))
        sent = request_of(body, headers=["Content-Encoding: gzip"])
        status, _ = await answer_of(server, sent)
        assert status == expected


def chunked(body: bytes, path: str = "/file/") -> bytes:
    head = request_of(b"", path).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    return head + b"%x\r\n" % len(body) + body + b"\r\n"


PASSED: Final[dict[str, tuple[bytes, str]]] = {
    "the length of all": (request_of(b"", length=LIMIT + 1), f"larger than {LIMIT} bytes"),
    "all, as it comes": (chunked(body_of(part(b"a" * LIMIT))[:-5]), f"larger than {LIMIT} bytes"),
    "one file": (
        request_of(
            body_of(part(b"a" * (3 * MIB + 2**19), "file", "a", PNG))[:-20],
            "/file/picture/",
            length=5 * MIB,
        ),
        f"The file at /file is larger than {3 * MIB} bytes.",
    ),
    "the texts": (
        request_of(body_of(part(b"a" * (MIB + 2**14), "title", None))[:-5], length=5 * MIB),
        f"The texts of the form are larger than {MIB} bytes.",
    ),
    "texts of unknown fields": (
        request_of(body_of(part(b"a" * MIB, "a", None), part(b"a", "b", None))),
        f"The texts of the form are larger than {MIB} bytes.",
    ),
    "the parts": (
        request_of(body_of(*[part(b"", "title", None)] * 1001)),
        "The form has more than 1000 parts.",
    ),
    "the files": (
        request_of(body_of(*[part(b"a", "more")] * 101)),
        "The form has more than 100 files.",
    ),
}


@pytest.mark.parametrize("name", PASSED)
async def test_limits(server: BaseTestServer, folder: Path, name: str) -> None:
    """A limit that is passed is a 413 at once, though the rest has not come, and never will."""
    sent, detail = PASSED[name]
    status, problem = await answer_of(server, sent)
    assert (status, detail in problem["detail"]) == (413, True)
    await require_nothing_spooled(folder)


@pytest.mark.parametrize("size", [3 * MIB, 3 * MIB - 1])
async def test_as_much_as_is_allowed(server: BaseTestServer, size: int) -> None:
    """A file as large as its limit is taken."""
    sent = request_of(body_of(part(b"a" * size, "file", "a", PNG)), "/file/picture/")
    assert await answer_of(server, sent) == (200, "a" * size)


def faults_of(problem: Any) -> list[tuple[str, str]]:
    assert all(each["in"] == "body" for each in problem["errors"])
    return [(each["pointer"], each["code"]) for each in problem["errors"]]


@pytest.mark.parametrize(
    ("path", "parts", "faults"),
    [
        ("/file/picture/", [], [("/file", "required")]),
        ("/file/picture/", None, [("/file", "required")]),
        ("/file/picture/", [part(b"", filename="")], [("/file", "required")]),
        ("/file/picture/", [part(b"a", "file", None)], [("/file", "type")]),
        ("/file/picture/", [part(b"a", "file", "a")], [("/file", "media_type")]),
        ("/file/picture/", [part(b"a", "file", "a", PNG)] * 2, [("/file", "repeated")]),
        (
            "/file/picture/",
            [part(b"a", "title", "a"), part(b"a")],
            [("/file", "media_type"), ("/title", "type")],
        ),
        ("/file/picture/", [part(b"a", "title", None)] * 2, [("/file", "required"), ("/title", "repeated")]),
        ("/file/picture/", [part(b"\xff", "title", None), part(b"a", "file", "a", PNG)], [("/title", "format")]),
        (
            "/file/picture/",
            [part(b"a", "title", None, "Content-Type: text/plain; charset=latin-1")],
            [("/file", "required"), ("/title", "format")],
        ),
        ("/file/closed/", [part(b"a", "other", None)], [("/other", "unknown")]),
        ("/file/closed/", [part(b"a", "other", "a")], [("/other", "unknown")]),
    ],
)  # fmt: skip
async def test_faults(
    server: BaseTestServer, path: str, parts: list[bytes] | None, faults: list[tuple[str, str]]
) -> None:
    """All faults of the fields are told at once, each at its place."""
    body = b"" if parts is None else body_of(*parts)
    status, problem = await answer_of(server, request_of(body, path))
    assert (status, sorted(faults_of(problem))) == (422, sorted(faults))


def app_that_reads_before(limit: int, turns: list[int]) -> web.Application:
    """An application whose middleware reads the body, and counts the turns of the loop after that."""

    async def count() -> None:
        while True:
            turns[-1] += 1
            await asyncio.sleep(0)

    @web.middleware
    async def read_body(request: web.Request, handler: Handler) -> web.StreamResponse:
        assert await request.read()
        turns.append(0)
        counting = asyncio.create_task(count())
        try:
            return await handler(request)
        finally:
            counting.cancel()

    class Files(BaseViewSet):
        @operation(client_max_size=limit)
        async def create(self, file: File) -> int:
            return file.size

    router = SimpleRouter()
    router.register(Files, basename="file")
    app = web.Application(middlewares=[read_body], client_max_size=LIMIT)
    app.add_routes(router.routespatters)
    return app


@pytest.mark.parametrize("limit", [LIMIT, 50])
async def test_body_that_a_middleware_has_read(limit: int) -> None:
    """What a middleware has read is read again, within the action's own limit."""
    async with TestServer(app_that_reads_before(limit, [])) as server:
        for sent in (request_of(body_of(GOOD)), chunked(body_of(GOOD)) + b"0\r\n\r\n"):
            status, _ = await answer_of(server, sent)
            assert status == (201 if limit == LIMIT else 413)


@pytest.mark.parametrize(
    ("media_type", "body", "expected"),
    [
        ("application/x-www-form-urlencoded", b"word=a", 201),
        (f"multipart/form-data; boundary={BOUNDARY}", body_of(part(b"a", "word", None)), 400),
    ],
)
async def test_form_that_a_middleware_has_read(media_type: str, body: bytes, expected: int) -> None:
    """Of a form in parts that `request.post()` has read nothing is left, and of another all."""

    @web.middleware
    async def read_form(request: web.Request, handler: Handler) -> web.StreamResponse:
        assert (await request.post())["word"] == "a"
        return await handler(request)

    class Words(BaseViewSet):
        async def create(self, word: Annotated[str, Form]) -> str:
            return word

    router = SimpleRouter()
    router.register(Words, basename="word")
    app = web.Application(middlewares=[read_form])
    app.add_routes(router.routespatters)
    async with TestServer(app) as server:
        status, _ = await answer_of(server, request_of(body, "/word/", media_type))
        assert status == expected


async def test_lines_before_much_that_is_read_already() -> None:
    """A line costs what is in it, and not what follows."""
    body = b"\n" * 16_000 + body_of(part(b"a" * 7 * MIB))
    async with TestServer(app_that_reads_before(LIMIT, [])) as server:
        begin = time.perf_counter()
        assert await answer_of(server, request_of(body)) == (201, 7 * MIB)
        assert time.perf_counter() - begin < 5


async def test_turns_of_others_between_parts() -> None:
    """While many parts are read that have come, others have their turns."""
    turns: list[int] = []
    body = body_of(*[part(b"a", "other")] * 900, GOOD)
    async with TestServer(app_that_reads_before(LIMIT, turns)) as server:
        assert await answer_of(server, request_of(body)) == (201, 3)
    assert turns[0] > 50


async def test_faults_beside_other_places(server: BaseTestServer) -> None:
    """A fault of the query stands beside those of the form."""
    status, problem = await answer_of(server, request_of(body_of(), "/file/?n=x"))
    assert status == 422
    assert [(each["in"], each["pointer"]) for each in problem["errors"]] == [
        ("body", "/file"),
        ("query", "/n"),
    ]


async def test_media_types(server: BaseTestServer) -> None:
    """Another media type is a 415 that says what is taken; no file is chosen, and so none."""
    for media_type in (
        "application/json",
        "application/x-www-form-urlencoded",
        "",
        "text",
        "a/b/c",
    ):
        status, problem = await answer_of(server, request_of(b"{}", media_type=media_type))
        assert (status, "multipart/form-data" in problem["detail"]) == (415, True)
    empty = part(b"", "file", "", "Content-Type: application/octet-stream")
    status, found = await answer_of(server, request_of(body_of(empty), "/file/closed/"))
    assert (status, found) == (200, -1)
    status, found = await answer_of(server, request_of(body_of(part(b"")), "/file/closed/"))
    assert (status, found) == (200, 0)


@pytest.mark.parametrize(
    "written", ["", "text", "text/", "text/a/b", "text/<b>", "text/a b", "text/\xff", "text/ä;a=b"]
)
async def test_media_type_of_a_file_that_is_none(server: BaseTestServer, written: str) -> None:
    """A media type that is malformed is as if nothing were said: it is not in what is taken."""
    body = body_of(part(b"abc", "file", "a", "Content-Type: @")).replace(
        b"@", written.encode("latin-1")
    )
    _, found = await answer_of(server, request_of(body))
    assert found == [["a", "application/octet-stream", 3]]
    status, problem = await answer_of(server, request_of(body, "/file/picture/"))
    assert (status, problem["errors"][0]["code"]) == (422, "media_type")


async def test_memory_and_disk(server: BaseTestServer, folder: Path) -> None:
    """Of a large file no more than some pieces are in memory, and a small one is not on disk."""
    sent = request_of(body_of(part(b"a" * 7 * MIB)), "/file/streams/")
    gc.collect()
    tracemalloc.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        received = await reader.read()
        writer.close()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    _, _, body = received.partition(b"\r\n\r\n")
    assert peak - before < 4 * MIB
    assert b"262144" in body
    await require_nothing_spooled(folder)


@pytest.mark.parametrize("size", [10, 2 * MIB])
async def test_end_of_a_file(server: BaseTestServer, folder: Path, size: int) -> None:
    """A file lasts as long as its action, and whoever asks later is told so."""
    status, _ = await answer_of(server, request_of(body_of(part(b"a" * size))))
    assert status == 201
    await require_nothing_spooled(folder)
    kept: File = FileViewSet.kept
    with pytest.raises(ValueError, match="it lasts as long as its action"):
        await kept.read()
    with pytest.raises(ValueError, match="it lasts as long as its action"):
        await kept.save(folder / "a")
    with pytest.raises(ValueError, match="it lasts as long as its action"):
        await anext(aiter(kept))


@pytest.mark.parametrize(("filename", "expected"), [("a", 409), ("", 500)])
async def test_failing_action(
    server: BaseTestServer, folder: Path, filename: str, expected: int
) -> None:
    """Whatever an action raises, its file is deleted."""
    sent = request_of(body_of(part(b"a" * 2 * MIB, filename=filename)), "/file/fails/")
    status, _ = await answer_of(server, sent)
    assert status == expected
    await require_nothing_spooled(folder)


async def test_client_that_goes(server: BaseTestServer, folder: Path) -> None:
    """A client that goes away, before or while the action runs, leaves nothing on disk."""
    whole = request_of(body_of(part(b"a" * 4 * MIB)), "/file/hangs/")
    for end in (len(whole) - MIB, len(whole)):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(whole[:end])
        await writer.drain()
        await require_spooled(folder, is_there=True)
        if end == len(whole):
            await FileViewSet.at.wait()
        writer.close()
        await require_nothing_spooled(folder)


async def test_cancelled_writes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is cancelled while a thread writes for it leaves nothing either."""
    made = tempfile.TemporaryFile
    for delay in (0.0, 0.05):

        def slow(delay: float = delay) -> Any:
            time.sleep(delay)
            return made()

        monkeypatch.setattr(tempfile, "TemporaryFile", slow)
        form = FormData()
        writing = asyncio.create_task(form.spool().write(b"a" * 2 * MIB))
        await asyncio.sleep(0.02)
        writing.cancel()
        closing = asyncio.create_task(form.close())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.gather(writing, closing, return_exceptions=True)
        await asyncio.sleep(0.1)
        assert spooled(folder) == []


async def test_memory_of_tiny_pieces() -> None:
    """A file that comes in tiny pieces takes no more memory than its bytes."""
    spool = Spool()
    tracemalloc.start()
    try:
        for number in range(MIB // 5):
            await spool.write(b"%05d" % (number % 10_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * MIB


async def test_writes_after_the_end(folder: Path) -> None:
    """A thread that comes to write when its request has ended writes nothing."""
    spool = Spool()
    spool._lock.acquire()
    writing = asyncio.create_task(spool.write(b"a" * 2 * MIB))
    await asyncio.sleep(0.05)
    spool.close()
    spool._lock.release()
    await writing
    assert spooled(folder) == []


@pytest.mark.parametrize("size", [3, 2 * MIB])
async def test_reads_after_the_end(folder: Path, tmp_path: Path, size: int) -> None:
    """A thread that comes to save a file, or to read it, when its request has ended does not find it empty."""
    spool = Spool()
    await spool.write(b"a" * size)
    await spool.finish()
    file = File(spool)
    spool._lock.acquire()
    reading = [asyncio.create_task(each) for each in (file.save(tmp_path / "a"), file.digest())]
    await asyncio.sleep(0.05)
    spool.close()
    spool._lock.release()
    for each in reading:
        with pytest.raises(ValueError, match="The file is closed"):
            await each
    spool.delete()
    assert spooled(folder) == []


async def test_full_disk_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the last bytes have no room on the disk when they are not wanted any more, all is closed."""
    closed = []

    class Full(io.BytesIO):
        def close(self) -> None:
            if not self.closed:
                super().close()
                closed.append(self)
                raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    form = FormData()
    for _ in range(2):
        await form.spool().write(b"a" * 2 * MIB)
    await form.close()
    assert len(closed) == 2


async def test_guard_before_the_body(server: BaseTestServer) -> None:
    """Who is not known is told so before his file is read, or is known to be too large."""
    for sent in (
        request_of(body_of(part(b"a"))[:5], "/file/guarded/", length=1000),
        request_of(b"", "/file/guarded/", length=LIMIT + 1),
    ):
        status, _ = await answer_of(server, sent)
        assert status == 401
    body = body_of(part(b"abc"))
    status, found = await answer_of(
        server, request_of(body, "/file/guarded/", headers=["X-User: ann"])
    )
    assert (status, found) == (200, 3)


async def test_idempotency_keys(server: BaseTestServer) -> None:
    """A repeated upload is done once, whatever its boundary; another one under its key is refused."""

    async def send(*parts: bytes, boundary: str = BOUNDARY) -> tuple[int, Any]:
        media_type = f"multipart/form-data; boundary={boundary}"
        body = body_of(*parts, boundary=boundary)
        headers = [f"Idempotency-Key: {KEY}"]
        return await answer_of(server, request_of(body, "/file/once/", media_type, None, headers))

    large = b"a" * 2 * MIB
    assert await send(part(large)) == (200, 1)
    assert await send(part(large), boundary="b") == (200, 1)
    for other in (
        [part(large + b"a")],
        [part(large, "file", "b.txt")],
        [part(large, "file", "a.txt", PNG)],
        [part(large), part(b"", "title", None)],
    ):
        status, problem = await send(*other)
        assert (status, problem["code"]) == (422, "idempotency_key_reused")


async def test_saving(tmp_path: Path) -> None:
    """A file is written to a path of the application's, and never over another."""
    for content in (b"abc", b"a" * 2 * MIB):
        file = File(content, filename="../../etc/passwd", media_type="text/plain")
        path = tmp_path / str(len(content))
        await file.save(path)
        assert path.read_bytes() == content
        with pytest.raises(FileExistsError):
            await file.save(path)
        assert b"".join([each async for each in file]) == content == await file.read()
        assert await file.digest() == hashlib.sha256(content).digest()
        assert str(len(content)) in repr(file)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"max_size": 0}, "max_size=0 is no number of bytes"),
        ({"max_size": True}, "max_size=True is no number of bytes"),
        ({"media_types": "image/png"}, "media_types='image/png' are no media types"),
        ({"media_types": ["png"]}, "media_types=.* are no media types"),
    ],
)
def test_words_of_a_file(words: dict[str, Any], message: str) -> None:
    """What is said of a kind of file is checked where it is said."""
    with pytest.raises(ImproperlyConfigured, match=message):
        type("Odd", (File,), {}, **words)


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'), max_size=90
)


@settings(suppress_health_check=list(HealthCheck), max_examples=60)
@given(
    st.lists(st.tuples(NAMES.filter(bool), st.binary(max_size=2000)), min_size=1, max_size=5),
    st.text("abc'()+_,-./:=? 0", min_size=1, max_size=69).map(lambda each: f"{each.strip()}b"),
    st.integers(1, 5000),
)
@example([("a", b"\r\n--b"), ("b;c;d", b"\r\n--bb\r\n"), (" ", b"--b--\r\n")], "b", 7)
def test_names_and_contents(
    folder: Path, files: list[tuple[str, bytes]], boundary: str, piece: int
) -> None:
    """Whatever the names and the bytes, and however they come, they are read as they were sent."""
    body = b""
    for name, content in files:
        body += part(content, "more", name)
    if f"\r\n--{boundary}".encode() in body:
        return

    class Echo(BaseViewSet):
        async def create(self, more: list[File]) -> Any:
            return [[each.filename, (await each.read()).hex()] for each in more]

    async def send() -> tuple[int, Any]:
        router = SimpleRouter()
        router.register(Echo, basename="file")
        app = web.Application()
        app.add_routes(router.routespatters)
        async with TestServer(app) as server:
            media_type = f'multipart/form-data; boundary="{boundary}"'
            parts = [part(content, "more", name) for name, content in files]
            whole = request_of(body_of(*parts, boundary=boundary), media_type=media_type)
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            for begin in range(0, len(whole), piece):
                writer.write(whole[begin : begin + piece])
                await asyncio.sleep(0)
            received = await reader.read()
            writer.close()
        head, _, found = received.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(found)

    status, found = asyncio.run(send())
    assert (status, found) == (201, [[name, content.hex()] for name, content in files])


READERS: Final[dict[str, Callable[[web.Request], Awaitable[Any]]]] = {
    "read": lambda request: request.read(),
    "text": lambda request: request.text(),
    "json": lambda request: request.json(),
    "post": lambda request: request.post(),
    "multipart": lambda request: _by_parts(request),
    "content": lambda request: request.content.read(),
}


async def _by_parts(request: web.Request) -> None:
    reader = await request.multipart()
    while (each := await reader.next()) is not None:
        await each.release()


class ReadingViewSet(BaseViewSet):
    """Actions that read the body by themselves, more or less than the application allows."""

    @operation(client_max_size=1000)
    async def create(self, request: web.Request) -> web.Response:
        await READERS[request.query["by"]](request)
        return web.json_response(1)

    @action(detail=False, method="post", client_max_size=1000)
    async def plain(request: web.Request) -> web.Response:  # type: ignore[misc]  # no self
        await READERS[request.query["by"]](request)
        return web.json_response(1)

    @action(detail=False, method="post", client_max_size=1000)
    async def typed(self, request: web.Request, by: str) -> int:
        await READERS[by](request)
        return 1


async def test_guard_before_the_length() -> None:
    """Who is not known is told so, however long the body is that the action would read itself."""

    class Files(BaseViewSet):
        @operation(client_max_size=10, permissions=IsAuthenticated(), authentication=(Key(),))
        async def create(self, request: web.Request) -> web.Response:
            return web.json_response(len(await request.read()))

    router = SimpleRouter()
    router.register(Files, basename="file")
    app = web.Application()
    app.add_routes(router.routespatters)
    async with TestServer(app) as server:
        for headers, status in (((), 401), (["X-User: ann"], 413)):
            sent = request_of(b"a" * 20, headers=headers)
            assert (await answer_of(server, sent))[0] == status


@pytest.mark.parametrize("own", [100, 10_000])
@pytest.mark.parametrize("by", READERS)
@pytest.mark.parametrize("path", ["/file/", "/file/plain/", "/file/typed/"])
async def test_limit_of_what_is_read_by_hand(own: int, by: str, path: str) -> None:
    """An action that reads the body itself has its limit too; of parts that say no length it has none."""
    router = SimpleRouter()
    router.register(ReadingViewSet, basename="file")
    app = web.Application(client_max_size=own)
    app.add_routes(router.routespatters)
    async with TestServer(app) as server:
        for size, is_within in ((500, True), (2000, False)):
            body = (
                b'"' + b"a" * size + b'"' if by == "json" else body_of(part(b"a" * size, "a", None))
            )
            whole = f"{path}?by={by}"
            status, _ = await answer_of(server, request_of(body, whole))
            assert (status < 300) == is_within, status
            assert is_within or status == 413
            status, _ = await answer_of(server, chunked(body, whole) + b"0\r\n\r\n")
            is_taken = is_within or by in ("multipart", "content")
            assert (status < 300) == is_taken, status
            assert is_taken or status == 413
