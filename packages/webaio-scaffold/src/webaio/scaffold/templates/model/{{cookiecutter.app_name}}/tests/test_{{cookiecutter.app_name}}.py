#% filter replace("Artist", cookiecutter.resource_class)
#% filter replace('    "name": "First",\n', cookiecutter.first)
#% filter replace('    "name": "Second",\n', cookiecutter.second)
from typing import Any

import pytest
from aiohttp import web
from webaio import sqlalchemy
from webaio.middlewares import api_exception_handler
from webaio.testing import APIClient

import settings

from ..routes import routespatters

URL = "/{{ cookiecutter.resource_path }}/"
FIRST: dict[str, Any] = {
    "name": "First",
}
SECOND: dict[str, Any] = {
    "name": "Second",
}

# What a test and its requests write is undone.
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def app() -> web.Application:
    """The routes of this app alone; without this fixture the tests ask the whole project."""
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(routespatters)
    sqlalchemy.setup(app, settings.DATABASE_URL)
    return app


async def test_create(api_client: APIClient) -> None:
    created = await api_client.post(URL, json=FIRST, expect=201)

    assert created == {"id": created["id"], **FIRST}
    assert await api_client.get(f"{URL}{created['id']}/") == created
    assert await api_client.get(URL) == {"items": [created], "next": None}


async def test_update(api_client: APIClient) -> None:
    created = await api_client.post(URL, json=FIRST, expect=201)
    url = f"{URL}{created['id']}/"

    assert await api_client.put(url, json=SECOND) == {**created, **SECOND}
    assert await api_client.patch(url, json=FIRST) == created


async def test_destroy(api_client: APIClient) -> None:
    created = await api_client.post(URL, json=FIRST, expect=201)
    url = f"{URL}{created['id']}/"

    await api_client.delete(url, expect=204)

    await api_client.get(url, expect=404)


async def test_invalid(api_client: APIClient) -> None:
    problem = await api_client.post(URL, json={**FIRST, "{{ cookiecutter.first_field }}": []}, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/{{ cookiecutter.first_field }}"]
#% endfilter
#% endfilter
#% endfilter
