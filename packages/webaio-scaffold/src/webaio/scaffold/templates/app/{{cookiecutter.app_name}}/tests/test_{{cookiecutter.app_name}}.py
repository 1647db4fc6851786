import pytest
from aiohttp import web
from webaio.testing import APIClient

from ..routes import routespatters


@pytest.fixture
def app() -> web.Application:
    """The routes of this app alone; without this fixture the tests ask the whole project."""
    app = web.Application()
    app.add_routes(routespatters)
    return app


async def test_index(api_client: APIClient) -> None:
    answer = await api_client.get("/{{ cookiecutter.app_name }}/")

    assert answer == {"app": "{{ cookiecutter.app_name }}"}
