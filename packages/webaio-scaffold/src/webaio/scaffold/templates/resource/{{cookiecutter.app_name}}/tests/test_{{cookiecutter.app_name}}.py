#% filter replace("Artist", cookiecutter.resource_class)
#% filter replace('    "name": "First",\n', cookiecutter.first)
#% filter replace('    "name": "Second",\n', cookiecutter.second)
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from webaio.middlewares import api_exception_handler
from webaio.testing import APIClient

from ..routes import routespatters
from ..views import ArtistViewSet

URL = "/{{ cookiecutter.resource_path }}/"
FIRST: dict[str, Any] = {
    "name": "First",
}
SECOND: dict[str, Any] = {
    "name": "Second",
}


@pytest.fixture
def app() -> web.Application:
    """The routes of this app alone; without this fixture the tests ask the whole project."""
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(routespatters)
    return app


@pytest.fixture(autouse=True)
def nothing_stored() -> None:
    """What the class keeps outlives an application: without this tests see each other's."""
    ArtistViewSet.stored.clear()


async def test_create(api_client: APIClient) -> None:
    created = await api_client.post(URL, json=FIRST, expect=201)

    assert created == {"id": created["id"], **FIRST}
    assert await api_client.get(f"{URL}{created['id']}/") == created
    assert await api_client.get(URL) == [created]


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


async def test_unknown(api_client: APIClient) -> None:
    problem = await api_client.get(f"{URL}{uuid4()}/", expect=404)

    assert problem["detail"] == "{{ cookiecutter.resource_sentence }} does not exist"


async def test_invalid(api_client: APIClient) -> None:
    problem = await api_client.post(URL, json={**FIRST, "{{ cookiecutter.first_field }}": []}, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/{{ cookiecutter.first_field }}"]
#% endfilter
#% endfilter
#% endfilter
