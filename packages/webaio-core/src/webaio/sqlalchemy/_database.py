import functools
from collections.abc import Callable
from typing import Final, TypeVar

from aiohttp import web
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from webaio.routers._handler import action_served
from webaio.viewsets import BaseViewSet

Result = TypeVar("Result")
Work = Callable[[Connection], Result]


class Database:
    """An engine, and the two ways to it: statements by themselves, and a session."""

    def __init__(self, engine: AsyncEngine, by_itself: AsyncEngine, app: web.Application) -> None:
        self.engine = engine
        self._by_itself = by_itself.sync_engine
        self.engines = {each.pool: each.sync_engine for each in (by_itself, engine)}.values()
        """The engines whose events are all that happens on the database: SQLite has one."""
        self._app = app
        self.session = async_sessionmaker(engine, expire_on_commit=False)
        """Makes an `AsyncSession`; it takes a connection with its first statement."""
        self._greenlets = AsyncSession(engine)  # it never has a statement

    @functools.cached_property
    def viewsets(self) -> frozenset[type[BaseViewSet]]:
        """The viewsets that the application serves, those below it included."""
        actions = (action_served(each.handler) for each in self._app.router.routes())
        return frozenset(each.viewset for each in actions if each is not None)

    async def run(self, work: Work[Result]) -> Result:
        """Run work on a connection on which each statement is a transaction by itself.

        All of it is one greenlet: to take and give back the connection costs no switch of its own.
        """

        def run(_: object) -> Result:
            with self._by_itself.connect() as connection:
                return work(connection)

        return await self._greenlets.run_sync(run)


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
