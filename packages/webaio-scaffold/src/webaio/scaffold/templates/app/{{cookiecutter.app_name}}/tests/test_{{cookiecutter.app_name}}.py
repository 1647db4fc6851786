from aiohttp import web
from pytest_aiohttp import AiohttpClient

from ..routes import routespatters


async def test_index(aiohttp_client: AiohttpClient) -> None:
    app = web.Application()
    app.add_routes(routespatters)
    client = await aiohttp_client(app)

    response = await client.get("/{{ cookiecutter.app_name }}/")

    assert response.status == 200
    assert await response.json() == {"app": "{{ cookiecutter.app_name }}"}
