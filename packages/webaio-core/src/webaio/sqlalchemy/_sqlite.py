"""What SQLite needs to be a database like others."""

from typing import Any, Final

from sqlalchemy import Connection, Engine, PoolResetState, event

_PRAGMAS: Final = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL")


def prepare(engine: Engine) -> None:
    """Let a transaction be a writer from its begin.

    One that becomes it later loses what others wrote meanwhile, or fails.
    """
    prepare_by_itself(engine)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "reset", _reset)


def prepare_by_itself(engine: Engine) -> None:
    """Let keys be checked, readers not wait for a writer, and each statement be a transaction.

    A writer waits for the one before it as long as the driver's own `timeout` says, 5 seconds. Case
    is folded as PostgreSQL does it, beyond ASCII too.
    """
    event.listen(engine, "connect", _connect)


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
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _reset(connection: Any, record: object, state: PoolResetState) -> None:
    """Roll back what a COMMIT has left open that failed: SQLite goes on, and SQLAlchemy does not know."""
    if not state.terminate_only and connection.driver_connection.in_transaction:
        connection.rollback()
