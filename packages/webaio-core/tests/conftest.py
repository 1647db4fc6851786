from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from hypothesis import settings
from pytest_aiohttp import AiohttpClient

from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

settings.register_profile("webaio", deadline=None)  # a busy machine is no fault
settings.load_profile("webaio")


@pytest.fixture
def connect(
    aiohttp_client: AiohttpClient,
) -> Callable[..., Awaitable[TestClient[web.Request, web.Application]]]:
    """Serve a viewset as `artist`, and give a client of it."""

    async def connect(
        viewset: type[BaseViewSet],
        router: type[SimpleRouter] = SimpleRouter,
        middlewares: Iterable[Any] = (),
        **options: Any,
    ) -> TestClient[web.Request, web.Application]:
        made = router(**options)
        made.register(viewset, basename="artist")
        app = web.Application(middlewares=middlewares)
        app.add_routes(made.routespatters)
        return await aiohttp_client(app)

    return connect
