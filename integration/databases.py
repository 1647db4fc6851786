"""An empty database of each kind for a test."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest


@asynccontextmanager
async def database(kind: str, folder: Path) -> AsyncIterator[str]:
    """Make a database, and give its URL; `POSTGRESQL_URL` says where one of PostgreSQL may be made."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/test.db"
        return
    server = os.environ.get("POSTGRESQL_URL")
    if server is None:
        if os.environ.get("REQUIRE_DATABASE"):
            pytest.fail("POSTGRESQL_URL names no server, and REQUIRE_DATABASE asks for one")
        pytest.skip("POSTGRESQL_URL names no server")
    name = f"test_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        address = server.rpartition("/")[0].partition("://")[2]
        yield f"postgresql+asyncpg://{address}/{name}"
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()
