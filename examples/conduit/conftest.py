"""Settings and fixtures of all tests; pytest imports the project's modules from this folder."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from alembic import command
from alembic.config import Config
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncSession
from webaio.testing import APIClient, new_database

import settings
from conduit import passwords
from conduit.security import Me
from conduit.tables import User

Client = Callable[[Me], Awaitable[APIClient]]


@pytest.fixture(scope="session")
def alembic() -> Config:
    return Config(toml_file=Path(__file__).with_name("pyproject.toml"))


@pytest.fixture(scope="session", autouse=True)
def database_url(alembic: Config) -> Iterator[str]:
    """Make a database for the tests, beside the one of the settings, and run the migrations on it.

    With the fixture `database` nothing stays in it that a test and its requests write.
    """
    with new_database(settings.DATABASE_URL) as url, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(settings, "DATABASE_URL", url)
        command.upgrade(alembic, "head")
        yield url


@pytest.fixture
def own_database(alembic: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Make a database for one test, in which transactions are committed."""
    with new_database(settings.DATABASE_URL) as url:
        monkeypatch.setattr(settings, "DATABASE_URL", url)
        command.upgrade(alembic, "head")
        yield url


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords in no time."""
    hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(passwords, "_argon2", hasher)
    monkeypatch.setattr(passwords, "_nobody", hasher.hash("the password of nobody"))


async def new_user(database: AsyncSession, name: str) -> Me:
    user = User(username=name, email=f"{name}@mail.example", password="no hash")
    database.add(user)
    await database.commit()
    return Me(user.id, user.username, user.email, user.bio, user.image)


@pytest.fixture
async def ann(database: AsyncSession) -> Me:
    return await new_user(database, "ann")


@pytest.fixture
async def bob(database: AsyncSession) -> Me:
    return await new_user(database, "bob")


@pytest.fixture
def client_of(
    app: web.Application, api_client_factory: Callable[[web.Application], Awaitable[APIClient]]
) -> Client:
    """Give a client that is logged in."""

    async def client_of(user: Me) -> APIClient:
        client = await api_client_factory(app)
        client.log_in(user)
        return client

    return client_of
