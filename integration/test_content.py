"""All kinds of content in one application: what one of them is, hinders no other."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from aiohttp import FormData, web
from msgspec import Meta, Struct
from pytest_aiohttp import AiohttpClient

from webaio import openapi, streams
from webaio.decorators import action, operation
from webaio.middlewares import api_exception_handler
from webaio.parameters import File, Form, Header
from webaio.renderers import CSV, JSON, MessagePack
from webaio.responses import attachment
from webaio.results import Event
from webaio.routers import SimpleRouter
from webaio.sockets import Socket
from webaio.testing import assert_error_contract, assert_matches_openapi
from webaio.viewsets import BaseViewSet

Name = Annotated[str, Meta(max_length=20)]


class Cover(File, max_size=2**20, media_types=("image/png",)):
    pass


class ArtistIn(Struct):
    name: Name
    cover: Cover
    tags: Annotated[list[Name], Meta(max_length=3)] = []


class Artist(Struct):
    id: int
    name: str


Artists = list[Artist]
CHARLY = Artist(1, "Charly")


class ArtistViewSet(BaseViewSet):
    renderers = {"list": (JSON(), CSV(), MessagePack())}

    async def list(self) -> Artists:
        return [CHARLY]

    @operation(client_max_size=2**21)
    async def create(self, body: Annotated[ArtistIn, Form]) -> Artist:
        return Artist(body.cover.size, body.name)

    @action(detail=False, method="post")
    async def search(self, word: Annotated[Name, Form]) -> Artists:
        return [Artist(1, word)]

    @action(detail=False, produces=["text/x-python"])
    async def source(self) -> web.FileResponse:
        headers = {"Content-Disposition": attachment("Début.py")}
        return web.FileResponse(Path(__file__), headers=headers)

    @action(detail=False, produces=["text/plain; charset=utf-8"])
    async def text(self) -> AsyncIterator[bytes]:
        yield "Bjørk".encode()

    @action(detail=False)
    async def lines(self) -> AsyncIterator[Artist]:
        yield CHARLY

    @action(detail=False)
    async def changes(
        self, last: Annotated[int, Header("Last-Event-ID"), Meta(ge=0, le=9)] = 0
    ) -> AsyncIterator[Event[Artist]]:
        yield Event(CHARLY, id=str(last + 1))

    @action(detail=True)
    async def talk(self, id: int, socket: Socket[Name, Artist]) -> None:
        async for name in socket:
            await socket.send(Artist(id, name))


def application() -> web.Application:
    router = SimpleRouter(check_results=True)
    router.register(ArtistViewSet, basename="artist")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    streams.setup(app)
    openapi.setup(app, title="Artists", swagger=False)
    return app


async def test_as_documented() -> None:
    """The answers are as told, and requests that fit are taken, of each kind."""
    await assert_matches_openapi(application(), examples=10)


async def test_errors() -> None:
    """Errors are alike, whatever the content is."""
    await assert_error_contract(application())


async def test_clients(aiohttp_client: AiohttpClient) -> None:
    """A client sends and gets each kind over the same connections."""
    client = await aiohttp_client(application())
    for _ in range(2):
        form = FormData({"name": "Nina", "tags": "jazz"})
        form.add_field("cover", b"abc", filename="a.png", content_type="image/png")
        created = await client.post("/artist/", data=form)
        assert (created.status, await created.json()) == (201, {"id": 3, "name": "Nina"})
        found = await client.post("/artist/search/", data={"word": "a"})
        assert await found.json() == [{"id": 1, "name": "a"}]
        rows = await client.get("/artist/", headers={"Accept": "text/csv"})
        assert await rows.text() == "id,name\r\n1,Charly\r\n"
        part = await client.get("/artist/source/", headers={"Range": "bytes=0-2"})
        assert (part.status, await part.text()) == (206, '"""')
        assert await (await client.get("/artist/text/")).text() == "Bjørk"
        assert await (await client.get("/artist/lines/")).text() == '{"id":1,"name":"Charly"}\n'
        event = await client.get("/artist/changes/", headers={"Last-Event-ID": "4"})
        assert await event.text() == 'id: 5\ndata: {"id":1,"name":"Charly"}\n\n'
        async with client.ws_connect("/artist/7/talk/") as socket:
            await socket.send_json("Björk")
            assert await socket.receive_json() == {"id": 7, "name": "Björk"}
