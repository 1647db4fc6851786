"""Databases for services: each has one of its own, with the same artists."""

import asyncio
import contextlib
import os
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg

ARTISTS: Final = 100
_TABLE: Final = """
    CREATE TABLE artist (id {key}, name varchar(100) NOT NULL, born integer);
    CREATE INDEX artist_born ON artist (born);
"""
_CALLS: Final = """
    SELECT coalesce(sum(calls), 0)::int FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND query NOT LIKE '%pg_stat_statements%'
"""
_HELD: Final = """
    SELECT count(*)::int FROM pg_stat_activity
    WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """The server that `POSTGRESQL_URL` names."""

    server: str
    name: str = "PostgreSQL"

    @contextlib.contextmanager
    def new(self, artists: int = ARTISTS) -> Iterator[str]:
        """Make a database, and give its URL; it is dropped when the block ends."""
        name = f"bench_{uuid.uuid4().hex}"
        own = f"{self.server.rpartition('/')[0]}/{name}"
        asyncio.run(_execute(self.server, f"CREATE DATABASE {name}"))
        try:
            asyncio.run(_fill(own, artists))
            yield own.replace("://", "+asyncpg://", 1)
        finally:
            asyncio.run(_execute(self.server, f"DROP DATABASE {name} WITH (FORCE)"))

    def counts(self, tell: Callable[[str], None]) -> bool:
        """Say whether the server counts statements, and tell it where it does not."""
        loaded: str = asyncio.run(_fetch(self.server, "SHOW shared_preload_libraries"))
        if "pg_stat_statements" in loaded:
            return True
        tell("data: the server has not loaded pg_stat_statements, so statements are not counted")
        return False

    def statements(self, url: str) -> int:
        """Give how many statements a database has had."""
        own = url.replace("+asyncpg", "")
        asyncio.run(_execute(own, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements"))
        count: int = asyncio.run(_fetch(own, _CALLS))
        return count

    def held(self, url: str) -> int:
        """Give how many connections of a database are in a statement or a transaction."""
        count: int = asyncio.run(_fetch(url.replace("+asyncpg", ""), _HELD))
        return count


@dataclass(frozen=True, slots=True)
class SQLite:
    """SQLite on disk, with a write-ahead log."""

    name: str = "SQLite"

    @contextlib.contextmanager
    def new(self) -> Iterator[str]:
        """Make a database, and give its URL; it is gone when the block ends."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "bench.db")
            with contextlib.closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.executescript(_TABLE.format(key="integer PRIMARY KEY"))
                connection.executemany(
                    "INSERT INTO artist (name, born) VALUES (?, ?)", _rows(ARTISTS)
                )
                connection.commit()
            yield f"sqlite+aiosqlite:///{path}"


Engine = PostgreSQL | SQLite


def engines(tell: Callable[[str], None]) -> list[Engine]:
    """Give what there is: PostgreSQL where `POSTGRESQL_URL` names a server, and SQLite."""
    if server := os.environ.get("POSTGRESQL_URL"):
        return [PostgreSQL(server), SQLite()]
    tell("data: POSTGRESQL_URL names no server, so only SQLite is measured")
    return [SQLite()]


def _rows(artists: int) -> list[tuple[str, int]]:
    return [(f"Artist {number}", 1950) for number in range(1, artists + 1)]


async def _fill(url: str, artists: int) -> None:
    await _execute(url, _TABLE.format(key="serial PRIMARY KEY"))
    connection = await asyncpg.connect(url)
    await connection.executemany("INSERT INTO artist (name, born) VALUES ($1, $2)", _rows(artists))
    await connection.execute("ANALYZE artist")
    await connection.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def _fetch(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    value = await connection.fetchval(statement)
    await connection.close()
    return value
