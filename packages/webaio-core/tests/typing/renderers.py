"""What users write of representations and files; checked, and never run."""

from typing import Any, assert_type

from aiohttp import web
from msgspec import Struct

from webaio.decorators import action, operation
from webaio.renderers import CSV, JSON, BaseRenderer, MessagePack
from webaio.responses import attachment
from webaio.viewsets import BaseViewSet


class Artist(Struct):
    id: int


Artists = list[Artist]


class YAML(BaseRenderer):
    media_type = "application/yaml"

    def render(self, data: Any) -> bytes:
        return repr(data).encode()


class ArtistViewSet(BaseViewSet):
    renderers = (JSON(), MessagePack(), YAML())

    @operation(renderers=(JSON(), CSV(escape_formulas=False)))
    async def list(self) -> Artists:
        return []

    @action(detail=False, renderers=[CSV()])
    async def export(self) -> Artists:
        return []


class CoverViewSet(BaseViewSet):
    renderers = {"list": (JSON(), CSV()), "*": [JSON()]}

    async def detail(self, id: int) -> web.FileResponse:
        return web.FileResponse("", headers={"Content-Disposition": attachment("Bjørk.png")})


class WrongViewSet(BaseViewSet):
    renderers = (JSON, "csv")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]


CSV(True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
assert_type(attachment("a"), str)
assert_type(YAML().render({}), bytes)
