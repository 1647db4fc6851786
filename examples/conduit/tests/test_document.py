from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncSession
from webaio.sqlalchemy import create_engine
from webaio.testing import assert_matches_openapi, new_database

import settings
from conduit.security import token_of
from conftest import new_user
from main import create_app


@pytest.fixture
def url(alembic: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database of its own."""
    with new_database(settings.DATABASE_URL) as url:
        monkeypatch.setattr(settings, "DATABASE_URL", url)
        command.upgrade(alembic, "head")
        yield url


async def test_document(url: str) -> None:
    """The application does what its document says, whatever is sent."""
    engine = create_engine(url)
    async with AsyncSession(engine, expire_on_commit=False) as database:
        ann = await new_user(database, "ann")
    await engine.dispose()
    headers = {"Authorization": f"Token {token_of(ann)}"}
    taken = {"POST /api/users": [422], "PUT /api/user": [422]}
    await assert_matches_openapi(create_app(), examples=3, headers=headers, refusals=taken)
