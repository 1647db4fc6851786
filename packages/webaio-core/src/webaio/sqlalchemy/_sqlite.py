"""What SQLite needs to be a database like others."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, PoolResetState, event

Result = TypeVar("Result")
BY_ITSELF: Final = "webaio_by_itself"
"""The execution option of a connection on which each statement is a transaction by itself."""
_PRAGMAS: Final = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL")


def prepare(engine: Engine) -> None:
    """Let keys be checked, and readers not wait for a writer.

    A writer waits for the one before it as long as the driver's own `timeout` says, 5 seconds.

    A transaction is a writer from its begin: one that becomes it later loses what others wrote
    meanwhile, or fails. Case is folded as PostgreSQL does it, beyond ASCII too.
    """
    event.listen(engine, "connect", _connect)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "reset", _reset)


async def to_its_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Wait for a statement also when nobody waits for it any more: cut short, it holds the file's lock."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _connect(connection: Any, record: object) -> None:
    connection.isolation_level = (
        None  # the driver would begin by itself, and not for each statement
    )
    cursor = connection.cursor()
    for each in _PRAGMAS:
        cursor.execute(f"PRAGMA {each}")
    cursor.close()
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


def _begin(connection: Connection) -> None:
    if not connection.get_execution_options().get(BY_ITSELF):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _reset(connection: Any, record: object, state: PoolResetState) -> None:
    """Roll back what a COMMIT has left open that failed: SQLite goes on, and SQLAlchemy does not know."""
    if not state.terminate_only and connection.driver_connection.in_transaction:
        connection.rollback()
