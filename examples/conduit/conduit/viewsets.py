import contextlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.exc import IntegrityError
from webaio.authentication import OptionalUser
from webaio.sqlalchemy import Session
from webaio.viewsets import BaseViewSet

from database import Base

from .security import Me, tokens


class ConduitViewSet(BaseViewSet):
    """What all viewsets have: who asks, if he is known, and a session on the database."""

    authentication = (tokens,)
    session: Session
    user: OptionalUser[Me]

    async def read(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Any]:
        """Give the rows of a statement, as who asks sees them."""
        me = None if self.user is None else self.user.id
        rows = await self.session.execute(statement, {"me": me})
        return rows.all()

    async def add(self, row: Base) -> None:
        """Write a row, unless there is one of its key."""
        with contextlib.suppress(IntegrityError):
            async with self.session.begin_nested():
                self.session.add(row)
