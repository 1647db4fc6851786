import contextlib
import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

__tracebackhide__ = True  # pytest shows the line of the test, not ours

OURS: Final = "webaio.testing"
"""The execution option of statements that only tests make."""
_TRANSACTION: Final = frozenset({"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"})


@contextlib.contextmanager
def assert_queries(expected: int, engine: "AsyncEngine | Engine | None" = None) -> Iterator[None]:
    """Assert that the block makes so many statements on the database, as SQLAlchemy sends them.

        with assert_queries(1):
            await api_client.get("/song/")

    Those that begin and end transactions and savepoints are not counted. Without an `engine` the
    statements of all engines are, also those of the test itself.

    It needs the extra `webaio-testing[sqlalchemy]`. Raises `AssertionError` with each statement where
    there are more or less; an exception of the block goes its way.
    """
    if importlib.util.find_spec("sqlalchemy") is None:
        raise ImportError("Install webaio-testing[sqlalchemy] to use assert_queries.")
    from sqlalchemy import Engine, event

    found: list[str] = []

    def add(
        connection: object,
        cursor: object,
        statement: str,
        parameters: object,
        context: Any,
        executemany: bool,
    ) -> None:
        words = statement.split()
        is_ours = context.execution_options.get(OURS, False)
        if not is_ours and words[0].upper() not in _TRANSACTION:
            found.append(" ".join(words))

    target = Engine if engine is None else getattr(engine, "sync_engine", engine)
    event.listen(target, "before_cursor_execute", add)
    try:
        yield
    finally:
        event.remove(target, "before_cursor_execute", add)
    if len(found) != expected:
        noun = "statement" if expected == 1 else "statements"
        lines = [f"\n  {number}. {each}" for number, each in enumerate(found, 1)]
        told = f":{''.join(lines)}" if lines else ""
        raise AssertionError(f"{expected} {noun}, not {len(found)}{told}")
