"""A body that aiohttp cannot read as it was asked to is the client's mistake: a 400, not a 500."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import BodyPartReader, MultipartReader, StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_aiohttp import AiohttpClient

from webaio.exceptions import Conflict
from webaio.middlewares import api_exception_handler, exception_handler, handle_exceptions

Reader = Callable[[web.Request], Awaitable[Any]]

MULTIPART = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
END = b"--x--\r\n"


async def post(request: web.Request) -> Any:
    return {name: str(value) for name, value in (await request.post()).items()}


async def parts(request: web.Request) -> Any:
    """Read the parts one by one, as for an upload that is too large to be kept."""
    found = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        found[str(part.name)] = bytes(await part.read(decode=True)).hex()
    return found


async def as_json(request: web.Request) -> Any:
    return await request.json()


async def as_text(request: web.Request) -> Any:
    return await request.text()


READERS: dict[str, Reader] = {"post": post, "parts": parts, "json": as_json, "text": as_text}


def application(**options: Any) -> web.Application:
    async def read(request: web.Request) -> web.StreamResponse:
        return web.json_response(await READERS[request.match_info["reader"]](request))

    app = web.Application(middlewares=[exception_handler(**options)])
    app.router.add_post("/{reader}", read)
    return app


BROKEN = {
    "no boundary": ("multipart/form-data", PART + END),
    "another boundary": ("multipart/form-data; boundary=y", PART + END),
    "a long boundary": ("multipart/form-data; boundary=" + "y" * 80, PART + END),
    "no body": (MULTIPART, b""),
    "no part": (MULTIPART, b"nothing at all"),
    "a part without its end": (MULTIPART, PART),
    "a head without its end": (MULTIPART, b"--x\r\nContent-Disposition: form-data"),
    "a head that is none": (MULTIPART, b"--x\r\n\x00: \x01\r\n\r\n1\r\n" + END),
    "a part without a name": (MULTIPART, b"--x\r\nContent-Type: text/plain\r\n\r\n1\r\n" + END),
    "an unknown encoding": (
        MULTIPART,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Encoding: y\r\n\r\n1\r\n'
        + END,
    ),
    "an unknown transfer encoding": (
        MULTIPART,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n'
        b"Content-Transfer-Encoding: y\r\n\r\n1\r\n" + END,
    ),
    "no base64": (
        MULTIPART,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n1\r\n" + END,
    ),
    "not UTF-8": (
        MULTIPART,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n' + END,
    ),
    "text after the boundary": (MULTIPART, PART + b"--xyz\r\n"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_multipart(aiohttp_client: AiohttpClient, name: str) -> None:
    """Malformed multipart is read as far as aiohttp reads it, or is a 400: never a 500."""
    media_type, body = BROKEN[name]
    client = await aiohttp_client(application())
    for reader in ("post", "parts"):
        response = await client.post(f"/{reader}", data=body, headers={"Content-Type": media_type})
        assert response.status in (200, 400), reader
        if response.status == 400:
            assert response.content_type == "application/problem+json"
            problem = json.loads(await response.text())
            assert (problem["code"], problem["detail"]) == ("parse_error", "Malformed request.")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.lists(st.sampled_from([PART, END, b"--x", b"\r\n", b"--", b"a: b", b"\xff", b"x"])))
async def test_any_multipart(aiohttp_client: AiohttpClient, body: list[bytes]) -> None:
    """Whatever stands between the boundaries, it is no 500."""
    client = await aiohttp_client(application())
    for reader in ("post", "parts"):
        response = await client.post(
            f"/{reader}", data=b"".join(body), headers={"Content-Type": MULTIPART}
        )
        assert response.status in (200, 400)


@pytest.mark.parametrize(
    ("reader", "media_type", "body", "detail"),
    [
        ("json", "application/json", b"{", "line 1, column 2."),
        ("json", "application/json", b'{"a":\n  x}', "line 2, column 3."),
        ("json", "application/json", b"", "line 1, column 1."),
        ("json", "application/json", b"[" * 200_000, "Malformed request."),
        ("json", "application/json", b'"\xff"', "Malformed request."),
        ("json", "application/json; charset=x-nobody", b"{}", "Malformed request."),
        ("text", "text/plain; charset=ascii", b"\xff", "Malformed request."),
        (
            "post",
            "application/x-www-form-urlencoded; charset=x-nobody",
            b"a=b",
            "Malformed request.",
        ),
        ("post", "application/x-www-form-urlencoded", b"a=\xff", "Malformed request."),
    ],
)
async def test_others(
    aiohttp_client: AiohttpClient, reader: str, media_type: str, body: bytes, detail: str
) -> None:
    """So is JSON, text or a form that is none; of JSON the place is told."""
    client = await aiohttp_client(application())
    response = await client.post(f"/{reader}", data=body, headers={"Content-Type": media_type})
    assert response.status == 400
    problem = json.loads(await response.text())
    assert problem["code"] == "parse_error"
    assert problem["detail"].endswith(detail)


async def lines(request: web.Request) -> Any:
    return [line.decode() async for line in request.content]


async def exactly(request: web.Request) -> Any:
    return (await request.content.readexactly(9)).decode()


async def as_range(request: web.Request) -> Any:
    return str(request.http_range)


@pytest.mark.parametrize(
    ("reader", "body", "headers"),
    [
        (lines, b"x" * 1_000_000, {}),
        (exactly, b"x", {}),
        (as_range, b"", {"Range": "foo"}),
    ],
    ids=["a line too long", "too short", "range"],
)
async def test_streams_and_heads(
    aiohttp_client: AiohttpClient, reader: Reader, body: bytes, headers: dict[str, str]
) -> None:
    """What is read as it comes, and from the head, is the client's too."""
    READERS["own"] = reader
    client = await aiohttp_client(application())
    response = await client.post("/own", data=body, headers=headers)
    assert response.status == 400


async def with_a_loader(request: web.Request) -> Any:
    def load(text: str) -> Any:
        raise AssertionError("a bug")

    return await request.json(loads=load)


async def read_another_stream(request: web.Request) -> Any:
    protocol = BaseProtocol(asyncio.get_running_loop())
    stream = StreamReader(protocol, 2**16, loop=asyncio.get_running_loop())
    stream.feed_data(b"1")
    stream.feed_eof()
    return await stream.readexactly(9)


async def read_another_request(request: web.Request) -> Any:
    return str(make_mocked_request("GET", "/", headers={"Range": "foo"}).http_range)


async def decode_something_else(request: web.Request) -> Any:
    await request.read()
    return json.loads("{")


async def misuse(request: web.Request) -> Any:
    return request["nothing"]


async def read_what_another_server_sent(request: web.Request) -> Any:
    reader = MultipartReader({"Content-Type": "multipart/mixed"}, request.content)
    return await reader.next()


@pytest.mark.parametrize(
    "reader",
    [
        decode_something_else,
        misuse,
        read_what_another_server_sent,
        with_a_loader,
        read_another_stream,
        read_another_request,
    ],
)
async def test_bugs_stay_bugs(aiohttp_client: AiohttpClient, reader: Reader) -> None:
    """What the application has read from elsewhere, and its own mistakes, are no fault of a client."""
    READERS["own"] = reader
    client = await aiohttp_client(application())
    response = await client.post("/own", data=b"{}", headers={"Content-Type": "application/json"})
    assert response.status == 500


async def test_no_media_type(aiohttp_client: AiohttpClient) -> None:
    """Who sends parts must say so."""
    client = await aiohttp_client(application())
    response = await client.post("/parts", data=PART + END, skip_auto_headers=["Content-Type"])
    assert response.status == 400


async def test_map_comes_first(aiohttp_client: AiohttpClient) -> None:
    """An application may answer a broken body by itself."""
    client = await aiohttp_client(application(map={json.JSONDecodeError: Conflict}))
    response = await client.post("/json", data=b"{", headers={"Content-Type": "application/json"})
    assert response.status == 409


async def test_without_the_middleware(aiohttp_client: AiohttpClient) -> None:
    """A handler that answers its own errors does the same."""

    @handle_exceptions
    async def read(request: web.Request) -> web.StreamResponse:
        return web.json_response(await request.json())

    for middlewares in ((), (api_exception_handler,)):
        app = web.Application(middlewares=middlewares)
        app.router.add_post("/", read)
        client = await aiohttp_client(app)
        response = await client.post("/", data=b"{", headers={"Content-Type": "application/json"})
        assert response.status == 400
