"""One connection for all: whose transaction runs has it, the others wait for their turn."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from ._deferred import require_kept

_PATIENCE: Final = 5.0
"""Seconds that a transaction waits for the one before it."""


class Turns:
    """The turns of the sessions that share a connection; savepoints end in reverse, one by one."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()
        self._session: SharingSession | None = None

    def options(self, session: "type[SharingSession]") -> dict[str, Any]:
        """Give the options of sessions on the connection."""
        return {
            "bind": self._connection,
            "expire_on_commit": False,
            "join_transaction_mode": "create_savepoint",
            "sync_session_class": session,
            "turns": self,
        }

    def take(self, session: "SharingSession") -> bool:
        """Wait for the turn; False for one who has it, or whose task made the session that has it."""
        if self._session is not None and session.task is self._session.task:
            return False
        assert self._connection.sync_connection is not None
        connection: Any = self._connection.sync_connection.connection.dbapi_connection
        connection.run_async(lambda _: self.end())
        self._session = session
        return True

    def give(self, session: "SharingSession") -> None:
        """End the turn of a session; for another one that is nothing."""
        if session is self._session:
            self._session = None
            self._lock.release()

    async def end(self) -> None:
        """Wait for the running turn; no other begins."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._lock.acquire()
        except TimeoutError:
            raise RuntimeError(
                f"A transaction has had the connection of the test for {_PATIENCE:.0f} s. With the "
                "fixture `database` there is one connection: end a transaction before the next one "
                "begins, and close sessions."
            ) from None


class SharingSession(Session):
    """A session on the connection that all share."""

    def __init__(self, turns: Turns, **options: Any) -> None:
        super().__init__(**options)
        self.turns = turns
        self.task = asyncio.current_task()


class SessionOfApplication(SharingSession):
    """It has its turn from its first statement until its transaction ends."""

    def get_bind(self, *arguments: Any, **options: Any) -> Any:
        """Wait for the turn before the connection is used."""
        self.turns.take(self)
        return super().get_bind(*arguments, **options)


class SessionOfTest(SharingSession):
    """It has its turn for each call, so that requests come to theirs though it is not committed."""

    def flush(self, *arguments: Any, **options: Any) -> None:
        """Write what was added and changed."""
        with self.turn():
            super().flush(*arguments, **options)

    def commit(self) -> None:
        """Keep what was done, until the test ends."""
        with self.turn():
            super().commit()

    def rollback(self) -> None:
        """Take back what was done since the last commit."""
        with self.turn():
            super().rollback()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Have the turn as long as the block."""
        taken = self.turns.take(self)
        try:
            yield
        finally:
            if taken:
                self.turns.give(self)


@event.listens_for(SharingSession, "before_commit")
def _commit(session: SharingSession) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    require_kept(session.connection())


@event.listens_for(SessionOfTest, "do_orm_execute")
def _execute(state: ORMExecuteState) -> Any:
    assert isinstance(state.session, SessionOfTest)
    with state.session.turn():
        return state.invoke_statement()


@event.listens_for(SessionOfApplication, "after_transaction_end")
def _end(session: SessionOfApplication, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.turns.give(session)
