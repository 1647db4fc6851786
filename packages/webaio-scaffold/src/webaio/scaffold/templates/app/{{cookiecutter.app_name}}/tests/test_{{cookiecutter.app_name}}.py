from aiohttp import web
from webaio.testing.fixtures import APIClientFactory

from ..routes import routespatters


async def test_index(api_client_factory: APIClientFactory) -> None:
    app = web.Application()
    app.add_routes(routespatters)
    api_client = await api_client_factory(app)

    answer = await api_client.get("/{{ cookiecutter.app_name }}/")

    assert answer == {"app": "{{ cookiecutter.app_name }}"}
