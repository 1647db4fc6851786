"""Representations and files: as they are documented, and as a browser saves them."""

import sys
from pathlib import Path
from typing import Annotated

import pytest
from aiohttp import web
from msgspec import Meta, Struct

from integration.browser import browsing
from integration.serving import free_port, serving
from webaio import openapi
from webaio.decorators import action, operation
from webaio.middlewares import api_exception_handler
from webaio.pagination import LimitOffset, Page, Paging, paginate
from webaio.renderers import CSV, JSON, MessagePack
from webaio.results import Answer
from webaio.routers import SimpleRouter
from webaio.testing import assert_error_contract, assert_matches_openapi
from webaio.viewsets import BaseViewSet

NAMES = ("Bjørk, Début.csv", 'a"b\\c%41.csv', "日本語.csv", "plain name.csv")


class Artist(Struct):
    id: int
    name: Annotated[str, Meta(max_length=20)]


class ArtistViewSet(BaseViewSet):
    renderers = {"list": (JSON(), CSV(), MessagePack()), "*": (JSON(), MessagePack())}
    file = Path(__file__)

    @operation(headers={"Link": str})
    async def list(
        self, paging: Annotated[Paging, LimitOffset(page_size=1)]
    ) -> Answer[Page[Artist]]:
        artists = [Artist(1, "=Charly"), Artist(2, "Nina")]
        return paging.answer(self.request, paginate(artists, paging))

    async def create(self, body: Artist) -> Artist:
        return body

    async def detail(self, id: int) -> Artist | None:
        return None if id == 0 else Artist(id, "Charly")

    @action(detail=False, produces=["text/x-python"])
    async def source(self, part: int = 0) -> web.FileResponse:
        return web.FileResponse(self.file)


def application() -> web.Application:
    router = SimpleRouter(check_results=True)
    router.register(ArtistViewSet, basename="artist")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    openapi.setup(app, title="Artists", swagger=False)
    return app


@pytest.mark.parametrize("accept", [None, "text/csv", "application/vnd.msgpack"])
async def test_as_documented(accept: str | None) -> None:
    """Requests made by the document are taken, and the answers are as told, in each representation."""
    headers = {} if accept is None else {"Accept": accept}
    others = ["POST /artist/", "GET /artist/{id}/", "GET /artist/source/"]
    exclude = others if accept == "text/csv" else []
    await assert_matches_openapi(application(), headers=headers, exclude=exclude)


async def test_errors() -> None:
    await assert_error_contract(application())


SERVER = """
import sys

from aiohttp import web

from webaio.decorators import action
from webaio.renderers import CSV
from webaio.responses import attachment
from webaio.results import Answer
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet
from msgspec import Struct

NAMES = {names!r}

class Artist(Struct):
    name: str

Artists = list[Artist]

class ArtistViewSet(BaseViewSet):
    async def list(self, request):
        links = "".join(f'<a href="/artist/{{id}}/saved/">{{id}}</a>' for id in range(len(NAMES)))
        return web.Response(text=links, content_type="text/html")

    @action(detail=True, renderers=(CSV(),), headers={{"Content-Disposition": str}})
    async def saved(self, id: int) -> Answer[Artists]:
        headers = {{"Content-Disposition": attachment(NAMES[id])}}
        return Answer([Artist("Bjørk")], headers=headers)

router = SimpleRouter()
router.register(ArtistViewSet, basename="artist")
app = web.Application()
app.add_routes(router.routespatters)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]))
"""


def test_browser(tmp_path: Path) -> None:
    """A browser saves an answer under the name that is said, but for what no file may be called."""
    (tmp_path / "server.py").write_text(SERVER.format(names=NAMES))
    port = free_port()
    url = f"http://127.0.0.1:{port}/artist/"
    with (
        serving([sys.executable, "server.py", str(port)], tmp_path, url, tmp_path / "log"),
        browsing() as visit,
    ):
        visit.page.goto(url)
        for index, name in enumerate(NAMES):
            with visit.page.expect_download() as download:
                visit.page.click(f"text='{index}'")
            saved = download.value
            assert saved.suggested_filename in (name, name.replace('"', "_").replace("\\", "_"))
            assert Path(saved.path()).read_bytes() == "name\r\nBjørk\r\n".encode()
