import pytest
from alembic import command
from alembic.config import Config
from webaio.testing import new_database

import settings


def test_migrations(alembic: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """They make what the tables say, and there is a way back."""
    with new_database(settings.DATABASE_URL) as url:
        monkeypatch.setattr(settings, "DATABASE_URL", url)
        command.upgrade(alembic, "head")
        command.check(alembic)
        command.downgrade(alembic, "base")
        command.upgrade(alembic, "head")
