import asyncio
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from hypothesis import settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from pytest_aiohttp import AiohttpClient
from redis import Redis

from webaio import openapi
from webaio.authentication import BaseAuthentication
from webaio.authentication._credentials import finder_of
from webaio.exceptions import AuthenticationFailed, NotAuthenticated
from webaio.middlewares import api_exception_handler
from webaio.openapi._about import About
from webaio.openapi._document import document
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

settings.register_profile("webaio", deadline=None)  # a busy machine is no fault
settings.register_profile("repeat", deadline=None, max_examples=10)
settings.load_profile("webaio")

DEADLINE = 20
SOON = 5
"""Seconds in which an application stops that waits for nothing: less than a time of its own."""


ABOUT = About(
    "API",
    "1",
    security_schemes={
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "token": {"type": "http", "scheme": "bearer"},
    },
)

EMPTY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid();
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
"""
"""Ends what a test left open, and takes away what it made: a new database takes far longer."""


@pytest.fixture
def aiohttp_client(aiohttp_client: AiohttpClient) -> AiohttpClient:
    """Serve an application as pytest-aiohttp does; and its document must be valid, whatever it is."""

    async def serve(app: Any, *args: Any, **options: Any) -> Any:
        client = await aiohttp_client(app, *args, **options)
        if isinstance(app, web.Application):
            _require_valid(document(app, ABOUT))
        return client

    return cast(AiohttpClient, serve)


@functools.cache
def _require_valid(written: bytes) -> None:
    OpenAPIV31SpecValidator(json.loads(written)).validate()


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


@pytest.fixture
async def run_app() -> AsyncIterator[Callable[..., Awaitable[web.AppRunner]]]:
    """Run an application as in production, where nobody cancels a handler; its document is valid."""
    runners: list[web.AppRunner] = []

    async def run(app: web.Application, **options: Any) -> web.AppRunner:
        openapi.setup(app, title="API", swagger=False)
        _require_valid(json.dumps(openapi.document_of(app)).encode())
        runner = web.AppRunner(app, **options)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return runner

    yield run
    for each in runners:
        async with asyncio.timeout(SOON):
            await each.cleanup()


@pytest.fixture
def client_of(
    aiohttp_client: AiohttpClient,
) -> Callable[..., Awaitable[TestClient[web.Request, web.Application]]]:
    """Serve, to whom one of the ways to authenticate knows, the id of who asks."""

    async def client_of(*ways: BaseAuthentication) -> TestClient[web.Request, web.Application]:
        find = finder_of(ways)

        async def who(request: web.Request) -> web.Response:
            sent = find(request)
            if sent is None:
                raise NotAuthenticated
            way, credentials = sent
            identity = await way.authenticate(request, credentials)
            if identity is None:
                raise AuthenticationFailed(challenge=way.challenge)
            return web.json_response(identity.id)

        app = web.Application(middlewares=[api_exception_handler])
        app.router.add_route("*", "/", who)
        return await aiohttp_client(app)

    return client_of


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A database of this process; `POSTGRESQL_URL` says where one may be made."""
    server = os.environ.get("POSTGRESQL_URL")
    if server is None:
        if os.environ.get("REQUIRE_DATABASE"):
            pytest.fail("POSTGRESQL_URL names no server, and REQUIRE_DATABASE asks for one")
        pytest.skip("POSTGRESQL_URL names no server")
    name = f"test_{uuid.uuid4().hex}"
    asyncio.run(_execute(server, f"CREATE DATABASE {name}"))
    yield f"{server.rpartition('/')[0]}/{name}"
    asyncio.run(_execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def database_of(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Give what makes an empty database of a kind."""

    def make(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite+aiosqlite:///{tmp_path}/test.db"
        url: str = request.getfixturevalue("postgresql")
        asyncio.run(_execute(url, EMPTY))
        return url.replace("://", "+asyncpg://", 1)

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, database_of: Callable[[str], str]) -> str:
    """Give an empty database of each kind."""
    return database_of(request.param)


async def _execute(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


class RedisServer:
    """A private redis-server on a port that stays the same."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = taken.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self._folder = folder
        self.start()

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen(
            ["redis-server", *options], cwd=self._folder, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + DEADLINE
        while not self._answers():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _answers(self) -> bool:
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", self.port)) == 0

    def found(self) -> list[str]:
        with Redis(port=self.port) as client:
            return sorted(key.decode() for key in client.scan_iter())

    def flush(self) -> None:
        with Redis(port=self.port) as client:
            client.flushall()

    def flush_scripts(self) -> None:
        with Redis(port=self.port) as client:
            client.script_flush()

    def hang(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    if shutil.which("redis-server") is None:
        if os.environ.get("REQUIRE_DATABASE"):
            pytest.fail("redis-server is not installed, and REQUIRE_DATABASE asks for one")
        pytest.skip("redis-server is not installed")
    server = RedisServer(tmp_path)
    yield server
    server.stop()
