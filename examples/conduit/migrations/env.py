"""How Alembic reaches the database, and what it compares it with."""

import asyncio
import logging
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, event
from webaio.sqlalchemy import UTCDateTime, create_engine

import conduit.tables  # noqa: F401  # its classes are in `Base.metadata` then
import settings
from database import Base

engine = create_engine(settings.DATABASE_URL)
IS_SQLITE = engine.dialect.name == "sqlite"


def let_keys_be(connection: Any, record: object) -> None:
    """Check no foreign key meanwhile: SQLite changes a table by making it anew."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


def render(kind: str, item: object, _: object) -> str | Literal[False]:
    """Write our own types into a migration as what they are in the database."""
    is_ours = kind == "type" and isinstance(item, UTCDateTime)
    return "sa.DateTime(timezone=True)" if is_ours else False


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if not IS_SQLITE:  # whose transactions wait for each other by themselves
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('migrations'))")
        context.run_migrations()
        if IS_SQLITE and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise RuntimeError(f"rows refer to what there is not: {broken}")


async def main() -> None:
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


logging.basicConfig(
    level=settings.LOG_LEVEL,
    format="[%(asctime)s] %(levelname)s %(name)s: %(message)s",
    datefmt="%H:%M:%S",
)
if IS_SQLITE:
    event.listen(engine.sync_engine, "connect", let_keys_be)
asyncio.run(main())
