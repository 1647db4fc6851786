"""How a project stops under gunicorn: in which order, and with what still open."""

import asyncio
import json
import signal
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType

from integration.environment import Environment
from integration.project import gunicorn
from integration.serving import free_port, request, serving

ROUTES = """
import asyncio
import logging
from collections.abc import AsyncIterator

from aiohttp import web
from webaio.results import Event
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

LOG = logging.getLogger("project")


async def slow(request: web.Request) -> web.Response:
    await asyncio.sleep(5)
    LOG.info("slow is finished")
    return web.json_response("slow")


async def socket(request: web.Request) -> web.WebSocketResponse:
    response = web.WebSocketResponse()
    await response.prepare(request)
    async for message in response:
        await response.send_str(message.data)
    return response


async def context(app: web.Application) -> AsyncIterator[None]:
    yield
    LOG.info("cleaned up")


async def shut_down(app: web.Application) -> None:
    LOG.info("shut down")


class TickViewSet(BaseViewSet):
    async def list(self) -> AsyncIterator[Event[int]]:
        try:
            yield Event(1)
            await asyncio.Event().wait()
        finally:
            LOG.info("the stream is ended")


router = SimpleRouter()
router.register(TickViewSet, basename="tick")
routespatters += [web.get("/slow", slow), web.get("/socket", socket), *router.routespatters]
"""
MAIN = """\
    app.cleanup_ctx.append(context)
    app.on_shutdown.append(shut_down)
"""


@pytest.fixture
def watched(shop: Path) -> Path:
    """The project, with slow routes and a word in the log for each step of its stop."""
    with (shop / "routes.py").open("a") as routes:
        routes.write(ROUTES)
    main = shop / "main.py"
    begin = "    health.setup(app)\n"
    text = main.read_text().replace(begin, begin + MAIN)
    main.write_text(
        text.replace("import routespatters", "import context, routespatters, shut_down")
    )
    return shop


def told_in(log: Path) -> list[str]:
    """Give the words of the project's own logger; every line is JSON, with the request's id."""
    records = [json.loads(line) for line in log.read_text().splitlines()]
    members = {"timestamp", "level", "logger", "message", "request_id"}
    assert all(members <= record.keys() for record in records)
    return [record["message"] for record in records if record["logger"] == "project"]


def test_stops_in_order(server_tools: Environment, watched: Path) -> None:
    """On SIGTERM `/readyz` turns off, what comes is answered, what runs ends, then all is cleaned."""
    port, log = free_port(), watched.parent / "log"
    url = f"http://127.0.0.1:{port}"
    answered: list[tuple[int, bytes]] = []
    with serving(gunicorn(server_tools, port, drain=3), watched, url, log) as server:
        assert request("GET", f"{url}/readyz")[0] == 200
        server.send_signal(signal.SIGTERM)
        time.sleep(1.2)  # gunicorn's worker looks once a second
        client = threading.Thread(target=lambda: answered.append(request("GET", f"{url}/slow")))
        client.start()
        assert request("GET", f"{url}/readyz")[0] == 503
        assert request("GET", f"{url}/livez")[0] == 200
        assert connection_of(port) == "close"
        assert server.wait(20) == 0
        client.join()
    assert answered == [(200, b'"slow"')]
    assert told_in(log) == ["shut down", "slow is finished", "cleaned up"]


async def test_stops_with_open_websockets(server_tools: Environment, watched: Path) -> None:
    """A WebSocket opens until the end, one that stays open is cut, and the cleanup still runs."""
    port, log = free_port(), watched.parent / "log"
    url = f"http://127.0.0.1:{port}"
    with serving(gunicorn(server_tools, port, drain=9), watched, url, log) as server:
        async with ClientSession() as session, session.ws_connect(f"{url}/socket") as first:
            server.send_signal(signal.SIGTERM)
            await asyncio.sleep(1.2)
            async with session.ws_connect(f"{url}/socket") as second:
                await second.send_str("still here")
                assert await second.receive_str() == "still here"
            assert (await first.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
        assert await asyncio.to_thread(server.wait, 60) == 0
    assert told_in(log) == ["shut down", "cleaned up"]


async def test_stops_with_open_streams(server_tools: Environment, watched: Path) -> None:
    """What is streamed is ended as soon as no connection is taken, and before the cleanup."""
    port, log = free_port(), watched.parent / "log"
    url = f"http://127.0.0.1:{port}"
    with serving(gunicorn(server_tools, port), watched, url, log) as server:
        async with ClientSession() as session, session.get(f"{url}/tick/") as response:
            assert await response.content.readline() == b"data: 1\n"
            asked = time.monotonic()
            server.send_signal(signal.SIGTERM)
            assert await response.read() == b"\n"
            assert time.monotonic() - asked < 5  # aiohttp would wait for ten seconds
        assert await asyncio.to_thread(server.wait, 20) == 0
    words = told_in(log)
    assert words.index("the stream is ended") < words.index("cleaned up")


def connection_of(port: int) -> str | None:
    """Ask on a connection that is to be kept, and give what the server says to that."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/livez")
    with connection.getresponse() as response:
        return response.getheader("Connection")
