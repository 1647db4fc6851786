"""Sockets in a browser: `WebSocket`, from this site and from another; in the document, and guarded."""

import sys
from pathlib import Path
from typing import Annotated, ClassVar, Final

import pytest
from aiohttp import web
from msgspec import Meta, Struct

from integration.browser import browsing
from integration.serving import free_port, serving
from webaio import openapi, streams
from webaio.authentication import Identity, SessionCookie
from webaio.decorators import action
from webaio.middlewares import api_exception_handler
from webaio.permissions import Anyone, IsAuthenticated, Permissions
from webaio.routers import SimpleRouter
from webaio.sockets import Socket
from webaio.testing import (
    APIClientFactory,
    assert_error_contract,
    assert_guarded,
    assert_matches_openapi,
)
from webaio.viewsets import BaseViewSet

SERVER: Final = """
import sys

from aiohttp import web
from msgspec import Struct

from webaio import streams
from webaio.authentication import Identity, SessionCookie
from webaio.decorators import action
from webaio.permissions import IsAuthenticated
from webaio.routers import SimpleRouter
from webaio.sockets import Socket
from webaio.viewsets import BaseViewSet


class Question(Struct):
    text: str


class Reply(Struct):
    text: str


async def load_session(value):
    return Identity(value, value)


class ArtistViewSet(BaseViewSet):
    authentication = (SessionCookie(load_session, name="session"),)
    permissions = IsAuthenticated()

    @action(detail=False)
    async def talk(self, socket: Socket[Question, Reply]) -> None:
        async for question in socket:
            await socket.send(Reply(question.text + "!"))


async def page(request):
    response = web.Response(text="<title>A page</title>", content_type="text/html")
    response.set_cookie("session", "ana", samesite="Lax")
    return response


router = SimpleRouter()
router.register(ArtistViewSet, basename="artist")
app = web.Application()
app.add_routes([web.get("/", page), *router.routespatters])
streams.setup(app)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]))
"""
REFUSED: Final = "Error during WebSocket handshake: Unexpected response code: 403"
TALK: Final = """
(url) => new Promise((resolve) => {
  const socket = new WebSocket(url);
  const got = [];
  socket.onopen = () => socket.send(JSON.stringify({text: "Süß\\u2028"}));
  socket.onmessage = (event) => {
    got.push(JSON.parse(event.data));
    socket.send("[]");
  };
  socket.onclose = (event) => resolve([got, event.code, event.reason]);
})
"""


def test_page_that_talks(tmp_path: Path) -> None:
    """A page of this site talks, and reads why it is over; one of another site opens nothing.

    To a browser `localhost` and `127.0.0.1` are two sites; another port of one host is the same
    site, whose cookies it sends.
    """
    (tmp_path / "app.py").write_text(SERVER)
    port, other = free_port(), free_port()
    url = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "app.py", str(port)]
    beside = [sys.executable, "app.py", str(other)]
    with (
        serving(command, tmp_path, url, tmp_path / "log"),
        serving(beside, tmp_path, f"http://127.0.0.1:{other}/", tmp_path / "log-beside"),
        browsing() as visit,
    ):
        talk = f"ws://127.0.0.1:{port}/artist/talk/"
        visit.page.goto(url)
        fault = "the value: Expected object, got array"
        assert visit.page.evaluate(TALK, talk) == [[{"text": "Süß\u2028!"}], 1008, fault]
        visit.page.goto(f"http://127.0.0.1:{other}/")
        assert visit.page.evaluate(TALK, talk) == [[], 1006, ""]
        assert [each for each in visit.complaints if "WebSocket" in each] == [
            f"WebSocket connection to '{talk}' failed: {REFUSED}"
        ]


class Message(Struct):
    text: str


async def load_session(value: str) -> Identity | None:
    return Identity(value, value) if value == "ana" else None


class ArtistViewSet(BaseViewSet):
    authentication = (SessionCookie(load_session, name="session"),)
    permissions: ClassVar[Permissions] = IsAuthenticated()

    async def list(self, limit: Annotated[int, Meta(ge=0, le=9)] = 2) -> list[Message]:
        return [Message("a")] * limit

    @action(detail=True)
    async def talk(
        self, id: int, socket: Socket[Message, Message], limit: Annotated[int, Meta(ge=0)] = 2
    ) -> None:
        async for message in socket:
            await socket.send(message)


def application(viewset: type[BaseViewSet]) -> web.Application:
    router = SimpleRouter()
    router.register(viewset, basename="artist")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    streams.setup(app)
    openapi.setup(app, title="Artists", swagger=False)
    return app


async def test_the_document_is_kept() -> None:
    """A socket beside other actions is as the document says, with nothing written by hand."""
    await assert_matches_openapi(
        application(ArtistViewSet), examples=10, headers={"Cookie": "session=ana"}
    )


async def test_log_in(api_client_factory: APIClientFactory) -> None:
    """A test talks as a user by the headers of its client."""
    client = await api_client_factory(application(ArtistViewSet))
    client.log_in(Identity("ben", "ben"))
    async with client.session.ws_connect("/artist/1/talk/", headers=client.headers) as ws:
        await ws.send_json({"text": "a"})
        assert await ws.receive_json() == {"text": "a"}


async def test_errors_are_alike() -> None:
    """The errors of a socket before its handshake are as those of other operations."""
    await assert_error_contract(application(ArtistViewSet), headers={"Cookie": "session=ana"})


class OpenViewSet(ArtistViewSet):
    permissions = {"list": IsAuthenticated(), "talk": Anyone()}


WHO_MAY = [(None, []), (Identity("ana", "ana"), ["GET /artist/", "GET /artist/{id}/talk/"])]


async def test_guarded(api_client_factory: APIClientFactory) -> None:
    """`assert_guarded` asks for a socket as for any operation, and finds one without its guard."""
    client = await api_client_factory(application(ArtistViewSet))
    exempt = {"GET /openapi.json"}
    who_may = [(user, [*allowed, *exempt]) for user, allowed in WHO_MAY]
    await assert_guarded(client, who_may, parts={"id": 1})
    client = await api_client_factory(application(OpenViewSet))
    with pytest.raises(AssertionError, match=r"GET /artist/\{id\}/talk/ as None: 426"):
        await assert_guarded(client, who_may, parts={"id": 1})
