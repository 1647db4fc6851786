"""Typed actions in a module whose annotations are strings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Generic, TypeVar

import msgspec
from aiohttp import web
from msgspec import Meta
from pytest_aiohttp import AiohttpClient

from webaio.parameters import Query
from webaio.routers import SimpleRouter
from webaio.schemas import Partial
from webaio.viewsets import BaseViewSet

Model = TypeVar("Model")


class Artist(msgspec.Struct):
    name: str


class Reader(BaseViewSet, Generic[Model]):
    def __init__(self) -> None:
        self.found: Model | None = None

    async def create(self, body: Model) -> list[Model]:
        return [body]

    async def partial_update(self, id: int, body: Partial[Model]) -> dict[str, object]:
        return dict(body.changes)

    async def list(self, limit: Annotated[int, Query("n"), Meta(ge=1)] = 1) -> AsyncIterator[int]:
        for number in range(limit):
            yield number


class Artists(Reader[Artist]):
    class Filters(msgspec.Struct):
        q: str = "all"

    async def detail(self, id: int, filters: Annotated[Filters, Query]) -> Filters | None:
        return filters

    async def destroy(self, request: web.Request) -> web.Response:
        return web.Response(status=204)


async def test_postponed_annotations(aiohttp_client: AiohttpClient) -> None:
    """They mean what they mean elsewhere: `list` is the builtin, `Model` what the class says."""
    router = SimpleRouter()
    router.register(Artists, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    client = await aiohttp_client(app)
    assert await (await client.post("/artist/", json={"name": "a"})).json() == [{"name": "a"}]
    assert (await client.post("/artist/", json={"name": 1})).status == 422
    assert await (await client.patch("/artist/7/", json={})).json() == {}
    assert await (await client.get("/artist/?n=2")).text() == "0\n1\n"
    assert (await client.get("/artist/?n=0")).status == 422
    assert await (await client.get("/artist/7/")).json() == {"q": "all"}
    assert (await client.delete("/artist/7/")).status == 204
