import asyncio
import contextvars
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from aiohttp import web
from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from ._narrowed import Narrowed, narrowed_in

Result = TypeVar("Result")
Work = Callable[[Connection], Result]
_THREADS: Final = 10


class Database:
    """An engine, and the two ways to it: statements by themselves, and a session.

    Those by themselves run on an engine of their own, which with SQLite is one of threads: to do all
    of a request in one thread takes half of what a thread does that is asked for each step.
    """

    def __init__(self, engine: AsyncEngine, by_itself: Engine) -> None:
        self.engine = engine
        self._by_itself = by_itself
        self.engines = (by_itself, engine.sync_engine)
        """The engines whose events are all that happens on the database."""
        self._narrowed: tuple[web.Application, Mapping[Any, list[Narrowed]]] | None = None
        self.session = async_sessionmaker(engine, expire_on_commit=False)
        """Makes an `AsyncSession`; it takes a connection with its first statement."""
        is_of_threads = not by_itself.dialect.is_async
        self._threads = ThreadPoolExecutor(_THREADS, "webaio") if is_of_threads else None
        self._greenlets = AsyncSession(engine)  # it never has a statement

    def narrowed_in(self, app: web.Application) -> Mapping[Any, list[Narrowed]]:
        """Give the viewsets of an application that do not show all rows, by their tables."""
        if self._narrowed is None or self._narrowed[0] is not app:
            self._narrowed = app, narrowed_in(app)
        return self._narrowed[1]

    @property
    def is_sqlite(self) -> bool:
        """Whether there is one writer at a time."""
        return self._by_itself.dialect.name == "sqlite"

    async def run(self, work: Work[Result]) -> Result:
        """Run work on a connection on which each statement is a transaction by itself.

        All of it is one thread or one greenlet: to take and give back the connection costs no switch
        of its own.
        """

        def run(*_: object) -> Result:
            with self._by_itself.connect() as connection:
                return work(connection)

        if self._threads is None:
            return await self._greenlets.run_sync(run)
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, run)

    async def close(self) -> None:
        """Close all connections, when what runs in threads is done."""
        await self.engine.dispose()
        if self._threads is not None:
            await asyncio.to_thread(self._threads.shutdown)
        await self._greenlets.run_sync(lambda _: self._by_itself.dispose())


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
