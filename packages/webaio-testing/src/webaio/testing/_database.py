import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import NoReturn, TypeVar

from aiohttp import web
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from webaio.sqlalchemy import DATABASE, Database

from ._override import override
from ._turns import SessionOfApplication, SessionOfTest, Turns

_Result = TypeVar("_Result")


class _OneConnection(Database):
    """The application's database, all of it on one connection."""

    def __init__(self, database: Database, turns: Turns) -> None:
        vars(self).update(vars(database))
        self.session = async_sessionmaker(**turns.options(SessionOfApplication))

    @property
    def engine(self) -> NoReturn:  # type: ignore[override]  # it is there, and not for use
        """Refuse what would be outside of the test's transaction."""
        raise RuntimeError(
            "With the fixture `database` there is one connection, and the engine would make others, "
            "which do not see what the test wrote. Use `session` or `run` of the database."
        )

    async def run(self, work: Callable[[Connection], _Result]) -> _Result:
        """Run work in a savepoint: a statement that fails must not end the test's transaction."""
        async with self.session.begin() as session:
            return await session.run_sync(lambda session: work(session.connection()))


@contextlib.asynccontextmanager
async def in_transaction(app: web.Application) -> AsyncIterator[AsyncSession]:
    """Let the database of an application that runs be one transaction, undone at the end.

    Raises `LookupError` for an application that has no database, or several.
    """
    owner = _owner(app)
    database = owner[DATABASE]
    async with database.engine.connect() as connection:
        await connection.begin()
        turns = Turns(connection)
        async with AsyncSession(**turns.options(SessionOfTest)) as session:
            with override(owner, DATABASE, _OneConnection(database, turns)):
                yield session
            await turns.end()


def _owner(app: web.Application) -> web.Application:
    found = [each for each in _applications(app) if DATABASE in each]
    if len(found) != 1:
        raise LookupError(
            f"The application has {len(found) or 'no'} databases, and the fixture `database` is for "
            "one: call webaio.sqlalchemy.setup(app, url) once."
        )
    return found[0]


def _applications(app: web.Application) -> Iterator[web.Application]:
    """Give an application and its sub-applications."""
    yield app
    for resource in app.router.resources():
        inner = resource.get_info().get("app")
        if inner is not None:
            yield from _applications(inner)
