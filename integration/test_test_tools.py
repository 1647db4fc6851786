"""The test tools on applications that are made with the other packages."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest
from aiohttp import web
from msgspec import Meta, Struct

from webaio import openapi
from webaio.decorators import operation
from webaio.exceptions import NotAuthenticated
from webaio.middlewares import api_exception_handler
from webaio.parameters import Depends, Header
from webaio.routers import SimpleRouter
from webaio.testing import APIClientFactory, assert_matches_openapi
from webaio.viewsets import BaseViewSet


class Song(Struct):
    title: str


Songs = list[Song]


class FailingViewSet(BaseViewSet):
    async def list(self) -> str:
        raise KeyError("the reason")


class StreamViewSet(BaseViewSet):
    async def list(
        self, pause: Annotated[float, Meta(ge=0, le=3600)] = 3600
    ) -> AsyncIterator[Song]:
        while True:
            yield Song("De Música Ligera")
            await asyncio.sleep(pause)


async def user(authorization: Annotated[str, Header] = "") -> str:
    if authorization != "Bearer a":
        raise NotAuthenticated
    return "Gustavo"


class SecretViewSet(BaseViewSet):
    @operation(errors=[NotAuthenticated])
    async def list(self, user: Annotated[str, Depends(user)]) -> Songs:
        return [Song(user)]


def application(viewset: type[BaseViewSet], middlewares: list[Any]) -> web.Application:
    router = SimpleRouter()
    router.register(viewset, basename="song")
    app = web.Application(middlewares=middlewares)
    app.add_routes(router.routespatters)
    openapi.setup(app, swagger=False)
    return app


@pytest.fixture
def without_logging() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("without_logging")
@pytest.mark.parametrize("middlewares", [[], [api_exception_handler]])
async def test_cause_of_a_500(api_client_factory: APIClientFactory, middlewares: list[Any]) -> None:
    """It is shown where logging is disabled, too."""
    client = await api_client_factory(application(FailingViewSet, middlewares))
    with pytest.raises(AssertionError, match="answered 500") as caught:
        await client.get("/song/")
    assert repr(caught.value.__cause__) == "KeyError('the reason')"


@pytest.mark.parametrize("middlewares", [[], [api_exception_handler]])
async def test_endless_stream(middlewares: list[Any]) -> None:
    """A stream without end is asked as all else, and ended."""
    async with asyncio.timeout(60):
        await assert_matches_openapi(application(StreamViewSet, middlewares), examples=3)


async def test_not_let_in() -> None:
    """What answers 401 to all is not taken for right."""
    with pytest.raises(AssertionError, match="GET /song/: every request was answered 401"):
        await assert_matches_openapi(application(SecretViewSet, []), examples=3)
    let_in = {"Authorization": "Bearer a"}
    await assert_matches_openapi(application(SecretViewSet, []), examples=3, headers=let_in)
