"""The databases that tests may make, and what is in them."""

import asyncio
import os
from typing import Any

import pytest

from webaio.sqlalchemy import create_engine


def url_beside(kind: str) -> str:
    """Give the URL of a database beside which others may be made; skips where there is none.

    `POSTGRESQL_URL` names the server; `REQUIRE_DATABASE=1` makes its lack a failure.
    """
    if kind == "sqlite":
        return "sqlite+aiosqlite:///beside.db"
    server = os.environ.get("POSTGRESQL_URL")
    if server is None:
        if os.environ.get("REQUIRE_DATABASE"):
            pytest.fail("POSTGRESQL_URL names no server, and REQUIRE_DATABASE asks for one")
        pytest.skip("POSTGRESQL_URL names no server")
    return server.replace("postgresql://", "postgresql+asyncpg://", 1)


def execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Execute a statement in a database, and give the rows that it returns."""
    return asyncio.run(_execute(url, statement))


async def _execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    engine = create_engine(url)
    try:
        async with engine.begin() as connection:
            result = await connection.exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        await engine.dispose()
