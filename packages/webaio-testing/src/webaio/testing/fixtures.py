"""The fixtures of the plugin, to be imported where the plugin is switched off."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Protocol

import pytest
import pytest_asyncio
from aiohttp import ClientSession, ClientTimeout, CookieJar, web
from yarl import URL

from ._api_client import APIClient
from ._application import load_application
from ._server import running, running_in_thread

INI_OPTION = "webaio_app"
TIMEOUT = ClientTimeout(total=60)


class APIClientFactory(Protocol):
    """Makes clients of an application, or of a server at a URL."""

    async def __call__(
        self,
        target: web.Application | str,
        *,
        headers: Mapping[str, str] | None = None,
        show_exceptions: bool = True,
    ) -> APIClient: ...


@pytest_asyncio.fixture
async def app(request: pytest.FixtureRequest) -> web.Application:
    """A new application for each test, made by the factory that the ini option names.

        [tool.pytest.ini_options]
        webaio_app = "main:get_web_app"

    A project's own fixture `app` takes its place.
    """
    return await load_application(_reference(request.config))


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
    urls: dict[web.Application, str] = {}
    async with contextlib.AsyncExitStack() as stack:

        async def make(
            target: web.Application | str,
            *,
            headers: Mapping[str, str] | None = None,
            show_exceptions: bool = True,
        ) -> APIClient:
            app = target if isinstance(target, web.Application) else None
            if app is not None and app not in urls:
                urls[app] = await stack.enter_async_context(running(app))
            url = str(target) if app is None else urls[app]
            jar = CookieJar(unsafe=True, treat_as_secure_origin=URL(url))
            session = ClientSession(url, cookie_jar=jar, timeout=TIMEOUT)
            await stack.enter_async_context(session)
            client = APIClient(session, app, headers=headers, show_exceptions=show_exceptions)
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture(scope="session")
def live_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of one server for the whole session, for an application that starts slowly.

    It serves the application of the ini option, in a thread of its own.

        async def test_list(live_server, api_client_factory):
            api_client = await api_client_factory(live_server)
    """
    reference = _reference(request.config)
    with running_in_thread(lambda: load_application(reference)) as url:
        yield url


def _reference(config: pytest.Config) -> str:
    reference = str(config.getini(INI_OPTION))
    if not reference:
        pytest.fail(
            f"No application to test. Set `{INI_OPTION} = main:get_web_app` in pytest's ini file, "
            "or define a fixture named `app`.",
            pytrace=False,
        )
    return reference
