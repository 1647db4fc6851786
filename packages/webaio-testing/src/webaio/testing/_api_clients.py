import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Final, Protocol

from aiohttp import ClientSession, ClientTimeout, CookieJar, web
from yarl import URL

from ._api_client import APIClient
from ._event_loop import require_loop, running_loop
from ._live_server import LiveServer
from ._server import running

__tracebackhide__ = True  # pytest shows the line of the test, not ours

TIMEOUT: Final = ClientTimeout(total=60)


class APIClientFactory(Protocol):
    """Makes clients of an application, or of a server at a URL."""

    async def __call__(
        self,
        target: web.Application | str,
        *,
        headers: Mapping[str, str] | None = None,
        show_exceptions: bool = True,
    ) -> APIClient: ...


@contextlib.asynccontextmanager
async def api_clients() -> AsyncIterator[APIClientFactory]:
    """Give what makes clients, as the fixture `api_client_factory`, for a fixture of another scope.

        @pytest_asyncio.fixture(scope="module", loop_scope="module")
        async def artists():
            async with api_clients() as make:
                yield await make(await get_web_app())

    At the end all clients are closed, and the applications that they were made for are stopped.

    Raises `RuntimeError` for an application that runs already, and in another event loop than that
    of the fixture.
    """
    loop = running_loop()
    urls: dict[web.Application, str] = {}
    async with contextlib.AsyncExitStack() as stack:

        async def make(
            target: web.Application | str,
            *,
            headers: Mapping[str, str] | None = None,
            show_exceptions: bool = True,
        ) -> APIClient:
            require_loop(loop)
            if isinstance(target, web.Application):
                app: web.Application | None = target
                if target not in urls:
                    urls[target] = await stack.enter_async_context(running(target))
                url = urls[target]
            else:
                app = target.app if isinstance(target, LiveServer) else None
                url = str(target)
            jar = CookieJar(unsafe=True, treat_as_secure_origin=URL(url))
            session = ClientSession(url, cookie_jar=jar, timeout=TIMEOUT)
            await stack.enter_async_context(session)
            client = APIClient(session, app, headers=headers, show_exceptions=show_exceptions)
            stack.callback(client.close)
            return client

        yield make
