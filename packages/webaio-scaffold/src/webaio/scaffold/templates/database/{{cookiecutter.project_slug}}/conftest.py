"""Settings and fixtures of all tests; pytest imports the project's modules from this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from webaio.testing import new_database

import settings


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
