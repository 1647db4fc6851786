"""Deferred constraints: a database asks them at its COMMIT, which does not come in a test."""

import sqlite3
from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ._queries import OURS


def require_kept(connection: Connection) -> None:
    """Raise the `IntegrityError` that a COMMIT would raise here."""
    ask = {"postgresql": _ask_postgresql, "sqlite": _ask_sqlite}.get(connection.dialect.name)
    if ask is not None:
        ask(connection)


def _ask_postgresql(connection: Connection) -> None:
    with connection.begin_nested() as savepoint:
        _execute(connection, "SET CONSTRAINTS ALL IMMEDIATE")
        savepoint.rollback()  # and they are deferred again


def _ask_sqlite(connection: Connection) -> None:
    if _execute(connection, "PRAGMA foreign_key_check"):
        error = sqlite3.IntegrityError("FOREIGN KEY constraint failed")
        error.sqlite_errorcode = sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
        error.sqlite_errorname = "SQLITE_CONSTRAINT_FOREIGNKEY"
        raise IntegrityError("COMMIT", None, error)


def _execute(connection: Connection, statement: str) -> Sequence[object]:
    result = connection.exec_driver_sql(statement, execution_options={OURS: True})
    return result.all() if result.returns_rows else ()
