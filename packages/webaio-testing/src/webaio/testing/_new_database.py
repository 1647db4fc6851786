import asyncio
import concurrent.futures
import contextlib
import importlib.util
import tempfile
import uuid
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


@contextlib.contextmanager
def new_database(
    url: str, make_tables: "Callable[[Connection], object] | None" = None
) -> Iterator[str]:
    """Make an empty database beside the one of a URL, give its URL, and take it away at the end.

        @pytest.fixture(scope="session")
        def database_url():
            server = "postgresql+asyncpg://postgres@localhost/postgres"
            with new_database(server, Base.metadata.create_all) as url:
                yield url

    Its name is like no other, so that workers of pytest-xdist, and two runs at once, each have their
    own. On SQLite it is a file in a new folder, wherever the file of `url` is. `make_tables` takes a
    connection of SQLAlchemy, in a transaction.

    It needs the extra `webaio-testing[sqlalchemy]`. Raises `ValueError` for another database than
    PostgreSQL and SQLite, and what the server says to one who may not make databases.
    """
    if importlib.util.find_spec("sqlalchemy") is None:
        raise ImportError("Install webaio-testing[sqlalchemy] to use new_database.")
    from sqlalchemy import make_url

    server = make_url(url)
    makers = {"postgresql": _on_server, "sqlite": _in_folder}
    make = makers.get(server.get_backend_name())
    if make is None:
        raise ValueError(f"{server!r} is neither PostgreSQL nor SQLite.")
    with make(server) as made:
        new = made.render_as_string(hide_password=False)
        if make_tables is not None:
            _wait_for(_run(new, make_tables))
        yield new


@contextlib.contextmanager
def _in_folder(url: "URL") -> "Iterator[URL]":
    with tempfile.TemporaryDirectory() as folder:
        yield url.set(database=f"{folder}/test.db")


@contextlib.contextmanager
def _on_server(url: "URL") -> "Iterator[URL]":
    name = f"test_{uuid.uuid4().hex}"
    server = url.render_as_string(hide_password=False)
    _wait_for(_run(server, _statement(f"CREATE DATABASE {name}"), isolation_level="AUTOCOMMIT"))
    try:
        yield url.set(database=name)
    finally:
        drop = _statement(f"DROP DATABASE {name} WITH (FORCE)")
        _wait_for(_run(server, drop, isolation_level="AUTOCOMMIT"))


def _statement(text: str) -> "Callable[[Connection], object]":
    return lambda connection: connection.exec_driver_sql(text)


async def _run(url: str, work: "Callable[[Connection], object]", **options: Any) -> None:
    from webaio.sqlalchemy import create_engine

    engine = create_engine(url, **options)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(work)
    finally:
        await engine.dispose()


def _wait_for(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in a thread: here an event loop may run, or be kept by pytest-asyncio."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
