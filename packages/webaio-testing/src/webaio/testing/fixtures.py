"""The fixtures of the plugin, to be imported where the plugin is switched off."""

import importlib.util
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Final

import pytest
import pytest_asyncio
from aiohttp import web

from ._api_client import APIClient
from ._api_clients import APIClientFactory, api_clients
from ._application import application_named_in
from ._live_server import LiveServer
from ._server import running_in_thread

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

__all__ = [
    "INI_OPTION",
    "APIClientFactory",
    "api_client",
    "api_client_factory",
    "app",
    "database",
    "live_server",
]

INI_OPTION = "webaio_app"
_PLACE: Final = f"the ini option {INI_OPTION}"


@pytest_asyncio.fixture
async def app(request: pytest.FixtureRequest) -> web.Application:
    """A new application for each test, made by the factory that the ini option names.

        [tool.pytest.ini_options]
        webaio_app = "main:get_web_app"

    A project's own fixture `app` takes its place.
    """
    return await application_named_in(_PLACE, _reference(request.config))


@pytest_asyncio.fixture
async def api_client(app: web.Application, api_client_factory: APIClientFactory) -> APIClient:
    """An `APIClient` of a running `app`; both are closed after the test.

    async def test_list(api_client):
        assert await api_client.get("/artist/") == []
    """
    return await api_client_factory(app)


@pytest_asyncio.fixture
async def api_client_factory() -> AsyncIterator[APIClientFactory]:
    """Makes clients: of other applications, with other headers, of a server at a URL.

        async def test_two(app, api_client_factory):
            gustavo = await api_client_factory(app, headers={"X-User": "gustavo"})
            zeta = await api_client_factory(app, headers={"X-User": "zeta"})

    Each has cookies of its own. Clients of one application share one server. All are closed after
    the test, the last first.
    """
    async with api_clients() as make:
        yield make


@pytest.fixture(scope="session")
def live_server(request: pytest.FixtureRequest) -> Iterator[LiveServer]:
    """The URL of one server for the whole session, for an application that starts slowly.

    It serves the application of the ini option, in a thread of its own, and has it as `app`.

        async def test_list(live_server, api_client_factory):
            live_server.app[ARTISTS].clear()
            api_client = await api_client_factory(live_server)
    """
    reference = _reference(request.config)
    with running_in_thread(lambda: application_named_in(_PLACE, reference)) as server:
        yield server


@pytest_asyncio.fixture
async def database(
    app: web.Application, api_client_factory: APIClientFactory
) -> AsyncIterator["AsyncSession"]:
    """A session of SQLAlchemy on the database of `app`; what the test and its requests write is undone.

        async def test_list(api_client, database):
            database.add(Artist(name="Nina"))
            await database.commit()
            assert len((await api_client.get("/artist/"))["items"]) == 1

    The database is that of `webaio.sqlalchemy.setup`, with its tables; the application has started.
    From then on there is one connection and one transaction, for the test and all requests, and
    what they commit or roll back are savepoints in it. Requests take turns on it.

    It needs the extra `webaio-testing[sqlalchemy]`.
    """
    if importlib.util.find_spec("sqlalchemy") is None:
        raise ImportError("Install webaio-testing[sqlalchemy] to use the fixture `database`.")
    from ._database import in_transaction

    if not app.frozen:
        await api_client_factory(app)  # what it does at its start, such as making tables, is kept
    async with in_transaction(app) as session:
        yield session


def _reference(config: pytest.Config) -> str:
    reference = str(config.getini(INI_OPTION))
    if not reference:
        pytest.fail(
            f"No application to test. Set `{INI_OPTION} = main:get_web_app` in pytest's ini file, "
            "or define a fixture named `app`.",
            pytrace=False,
        )
    return reference
