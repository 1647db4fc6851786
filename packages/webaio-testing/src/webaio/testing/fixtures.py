"""The fixtures of the plugin, to be imported where the plugin is switched off."""

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp import AiohttpClient

from ._application import load_application

INI_OPTION = "webaio_app"


@pytest_asyncio.fixture
async def app(request: pytest.FixtureRequest) -> web.Application:
    """A new application for each test, made by the factory that the ini option names.

        [tool.pytest.ini_options]
        webaio_app = "main:get_web_app"

    A project's own fixture `app` takes its place.
    """
    reference = request.config.getini(INI_OPTION)
    if not reference:
        pytest.fail(
            f"No application to test. Set `{INI_OPTION} = main:get_web_app` in pytest's ini file, "
            "or define a fixture named `app`.",
            pytrace=False,
        )
    return await load_application(reference)


@pytest_asyncio.fixture
async def api_client(
    aiohttp_client: AiohttpClient, app: web.Application
) -> TestClient[web.Request, web.Application]:
    """aiohttp's test client on a running `app`; both are closed after the test.

    async def test_list(api_client):
        response = await api_client.get("/artist/")
        assert response.status == 200
    """
    return await aiohttp_client(app)
