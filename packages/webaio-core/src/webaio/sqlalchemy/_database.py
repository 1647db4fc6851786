from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from aiohttp import web
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from ._references import narrowed_in
from ._sqlite import to_its_end

Result = TypeVar("Result")
Work = Callable[[Connection], Result]


class Database:
    """An engine, and the two ways to it: statements by themselves, and a session."""

    def __init__(self, engine: AsyncEngine, by_itself: AsyncEngine) -> None:
        self.engine = engine
        self._by_itself = by_itself.sync_engine
        self.engines = {each.pool: each.sync_engine for each in (by_itself, engine)}.values()
        """The engines whose events are all that happens on the database: SQLite has one."""
        self._narrowed: tuple[web.Application, Mapping[Any, list[Any]]] | None = None
        self.session = async_sessionmaker(engine, expire_on_commit=False)
        """Makes an `AsyncSession`; it takes a connection with its first statement."""
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._greenlets = AsyncSession(engine)  # it never has a statement

    def narrowed_in(self, app: web.Application) -> Mapping[Any, list[Any]]:
        """Give the viewsets of an application that do not show all rows, by their tables."""
        if self._narrowed is None or self._narrowed[0] is not app:
            self._narrowed = app, narrowed_in(app)
        return self._narrowed[1]

    async def run(self, work: Work[Result]) -> Result:
        """Run work on a connection on which each statement is a transaction by itself.

        All of it is one greenlet: to take and give back the connection costs no switch of its own.
        """

        def run(_: object) -> Result:
            with self._by_itself.connect() as connection:
                return work(connection)

        running = self._greenlets.run_sync(run)
        return await (to_its_end(running) if self._is_sqlite else running)


DATABASE: Final = web.AppKey("webaio.sqlalchemy", Database)
"""Where an application has its database: `app[DATABASE].engine`."""


def database_of(request: web.Request) -> Database:
    """Give the database of a request's application, or of one above it."""
    database: Database | None = request.config_dict.get(DATABASE)
    if database is None:
        raise RuntimeError(
            "the application has no database: write webaio.sqlalchemy.setup(app, url)"
        )
    return database
