"""Streams in a browser: `EventSource`, which comes back by itself; and all kinds in the document."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Final

import pytest
from aiohttp import web
from msgspec import Meta, Struct

from integration.browser import browsing
from integration.serving import free_port, serving
from webaio import openapi, streams
from webaio.decorators import action, operation
from webaio.middlewares import api_exception_handler
from webaio.parameters import Header
from webaio.results import Event
from webaio.routers import SimpleRouter
from webaio.testing import assert_matches_openapi
from webaio.viewsets import BaseViewSet

SERVER: Final = """
import sys
from collections.abc import AsyncIterator
from typing import Annotated

from aiohttp import web
from msgspec import Struct

from webaio import streams
from webaio.decorators import action
from webaio.parameters import Header
from webaio.results import Event
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet


class Artist(Struct):
    id: int
    name: str


class ArtistViewSet(BaseViewSet):
    @action(detail=False)
    async def changes(
        self, last: Annotated[str | None, Header("Last-Event-ID")] = None
    ) -> AsyncIterator[Event[Artist]]:
        first = 1 if last is None else int(last) + 1
        for id in (first, first + 1):
            yield Event(Artist(id, "Süß\\n\\u2028"), id=str(id), event="changed", retry=100)


async def page(request):
    return web.Response(text="<title>A page</title>", content_type="text/html")


router = SimpleRouter()
router.register(ArtistViewSet, basename="artist")
app = web.Application()
app.add_routes([web.get("/", page), *router.routespatters])
streams.setup(app)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]))
"""
LISTEN: Final = """
() => new Promise((resolve) => {
  const source = new EventSource("/artist/changes/");
  const got = [];
  source.addEventListener("changed", (event) => {
    got.push([event.lastEventId, JSON.parse(event.data)]);
    if (got.length == 5) {
      source.close();
      resolve(got);
    }
  });
})
"""


def test_event_source(tmp_path: Path) -> None:
    """A browser reads the events, and after the end of a stream goes on behind the last one."""
    (tmp_path / "app.py").write_text(SERVER)
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "app.py", str(port)]
    with serving(command, tmp_path, url, tmp_path / "log"), browsing() as visit:
        visit.page.goto(url)
        got = visit.page.evaluate(LISTEN)
    assert got == [[str(id), {"id": id, "name": "Süß\n\u2028"}] for id in range(1, 6)]


class Artist(Struct):
    id: int
    name: str = "Gus"


class ArtistViewSet(BaseViewSet):
    async def list(self, limit: Annotated[int, Meta(ge=0, le=9)] = 2) -> AsyncIterator[Artist]:
        for id in range(limit):
            yield Artist(id)

    @operation(produces=["text/csv"])
    async def detail(self, id: int) -> AsyncIterator[bytes]:
        yield b"id\r\n%d\r\n" % id

    @action(detail=False)
    async def image(self) -> AsyncIterator[bytes]:
        yield b"\0\xff"

    @action(detail=False)
    async def changes(
        self, last: Annotated[str | None, Header("Last-Event-ID")] = None
    ) -> AsyncIterator[Event[Artist]]:
        yield Event(Artist(1), id="1", event="changed", retry=5)
        yield Event(Artist(2))


class MisfitViewSet(BaseViewSet):
    async def list(self) -> AsyncIterator[Event[Artist]]:
        yield Event(Artist("x"))  # type: ignore[arg-type]  # is found out


def application(viewset: type[BaseViewSet]) -> web.Application:
    router = SimpleRouter(check_results=False)
    router.register(viewset, basename="artist")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    streams.setup(app)
    openapi.setup(app, title="Artists")
    return app


async def test_the_document_is_kept() -> None:
    """Each kind of stream is as the document says."""
    await assert_matches_openapi(application(ArtistViewSet), examples=5)


async def test_events_that_break_the_document() -> None:
    """The data of an event is compared with its schema."""
    with pytest.raises(AssertionError, match="violates content schema"):
        await assert_matches_openapi(application(MisfitViewSet), examples=2)
