from collections.abc import AsyncIterator
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Engine, event, make_url
from sqlalchemy import create_engine as create_engine_of_threads
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from webaio.exceptions import ImproperlyConfigured, ServiceUnavailable

from . import _sqlite
from ._database import DATABASE, Database

_POOL: Final = {
    "pool_size": 10,
    "max_overflow": 0,
    "pool_timeout": 5.0,
    "pool_use_lifo": True,
}
"""Connections are kept: what goes beyond a pool's size is made, and closed, for each request.

A client does not wait for SQLAlchemy's own 30 seconds.
"""


def setup(app: web.Application, url: str, **engine_options: Any) -> None:
    """Give an application, and those below it, a database; it is closed with the application.

    `url` is SQLAlchemy's, with an async driver: `sqlite+aiosqlite:///app.db` or
    `postgresql+asyncpg://user:password@host/name`. The options are those of
    `sqlalchemy.ext.asyncio.create_async_engine`, such as `pool_size`, 10 without a word; a request
    waits at most `pool_timeout` seconds for a connection, 5 without a word. There are two pools of
    that size: for transactions, and for statements by themselves.

        setup(app, "sqlite+aiosqlite:///app.db")

    Raises what `create_async_engine` raises, `ImproperlyConfigured` for SQLite in memory, and
    `RuntimeError` for a second database.
    """
    if DATABASE in app:
        raise RuntimeError("the application has a database already")
    engine = create_engine(url, **engine_options)
    database = app[DATABASE] = Database(engine, _by_itself(url, engine_options))

    async def close(_: web.Application) -> AsyncIterator[None]:
        yield
        await database.close()

    app.cleanup_ctx.append(close)


def create_engine(url: str, **options: Any) -> AsyncEngine:
    """Make an engine as `setup` does, such as for a script."""
    _require_file(url)
    engine = create_async_engine(url, **_with_pool(options))
    event.listen(engine.sync_engine, "do_connect", _connect)
    if engine.dialect.name == "sqlite":
        _sqlite.prepare(engine.sync_engine)
    return engine


def _require_file(url: str) -> None:
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite" and parts.database in (None, "", ":memory:"):
        raise ImproperlyConfigured(
            "webaio.sqlalchemy",
            f"{url} is in memory, where all requests share one connection and its transaction",
            "Name a file: sqlite+aiosqlite:///app.db",
        )


def _by_itself(url: str, options: dict[str, Any]) -> Engine:
    """Give the engine on which each statement is a transaction by itself.

    It has connections of its own: to turn one over and back takes as long as a statement.
    """
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite":
        words = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
        return create_engine(url, **{**options, **words}).sync_engine
    engine = create_engine_of_threads(parts.set(drivername="sqlite"), **_with_pool(options))
    event.listen(engine, "do_connect", _connect)
    _sqlite.prepare_by_itself(engine)
    return engine


def _with_pool(options: dict[str, Any]) -> dict[str, Any]:
    return options if "poolclass" in options else {**_POOL, **options}


def _connect(dialect: Any, record: object, arguments: Any, options: Any) -> Any:
    """Connect; where that fails, the database cannot be reached, whatever the driver calls it."""
    try:
        return dialect.connect(*arguments, **options)
    except Exception as error:
        raise ServiceUnavailable("The database cannot be reached.", retry_after=1) from error
