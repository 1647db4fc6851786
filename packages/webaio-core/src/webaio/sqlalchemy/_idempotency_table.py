"""The table of idempotency keys, and its statements."""

from __future__ import annotations  # of functions that are made for each table

from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Double,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from webaio.conditions import Answered, Claim

_INSERT: Final[dict[str, Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_LATE: Final = 3600
"""Seconds after which a row is deleted whose time is over: a claim may be one of who is late."""
_MOST_DELETED: Final = 100


class _Now(FunctionElement[float]):
    """Seconds since 1970, by the clock of the database: those of the workers may differ."""

    inherit_cache = True
    type = Double()


@compiles(_Now, "postgresql")
def _(element: _Now, compiler: Any, **options: Any) -> str:
    return "CAST(extract(epoch from clock_timestamp()) AS double precision)"


@compiles(_Now, "sqlite")
def _(element: _Now, compiler: Any, **options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


class IdempotencyTable:
    """Claims and answers, one row a key. Its functions run on a connection."""

    def __init__(self, metadata: MetaData, name: str) -> None:
        self.table = table = Table(
            name,
            metadata,
            Column("key", String(64), primary_key=True),
            Column("fingerprint", String(64), nullable=False),
            Column("owner", String(32)),
            Column("answer", LargeBinary),
            Column("ends", Double, nullable=False, index=True),
        )
        columns = table.c
        ends = _Now() + bindparam("seconds", type_=Double)
        is_own = (columns.key == bindparam("claimed")) & (columns.owner == bindparam("claimant"))
        self._claims = {name: _claim(insert, table, ends) for name, insert in _INSERT.items()}
        self._read = select(columns.fingerprint, columns.answer).where(
            columns.key == bindparam("claimed")
        )
        self._renew = update(table).where(is_own).values(ends=ends)
        self._complete = (
            update(table)
            .where(is_own)
            .values(owner=None, answer=bindparam("kept", type_=LargeBinary), ends=ends)
        )
        self._release = delete(table).where(is_own)
        # Locked rows are passed by: no two that delete wait for each other.
        over = select(columns.key).where(columns.ends < _Now() - _LATE)
        few = over.limit(_MOST_DELETED).with_for_update(skip_locked=True)
        self._forget = delete(table).where(columns.key.in_(few))

    def claim(self, connection: Connection, claim: Claim) -> Answered | None:
        """Take the key, or give what there is."""
        values = {
            "claimed": claim.key,
            "sent": claim.fingerprint,
            "claimant": claim.owner,
            "seconds": claim.lease,
        }
        taken = connection.execute(self._claims[connection.dialect.name], values)
        if taken.first() is not None:
            return None
        found = connection.execute(self._read, {"claimed": claim.key}).first()
        # A row that has gone since was given back this moment: the client may try again.
        return Answered(claim.fingerprint) if found is None else Answered(*found)

    def renew(self, connection: Connection, claim: Claim) -> bool:
        """Let a claim hold on; False where it is lost."""
        return self._touch(connection, self._renew, claim, seconds=claim.lease)

    def complete(self, connection: Connection, claim: Claim, answer: bytes) -> bool:
        """Put the answer in place of a claim; False where that is lost."""
        return self._touch(connection, self._complete, claim, seconds=claim.ttl, kept=answer)

    def release(self, connection: Connection, claim: Claim) -> None:
        """Give a key back."""
        self._touch(connection, self._release, claim)

    def forget(self, connection: Connection) -> None:
        """Delete some of the rows whose time is over."""
        connection.execute(self._forget)

    def _touch(self, connection: Connection, statement: Any, claim: Claim, **values: Any) -> bool:
        values |= {"claimed": claim.key, "claimant": claim.owner}
        return connection.execute(statement, values).rowcount == 1


def _claim(insert: Any, table: Table, ends: Any) -> Any:
    """Write the one statement that takes a key which nobody has, or of which the time is over."""
    made = insert(table).values(
        key=bindparam("claimed"),
        fingerprint=bindparam("sent"),
        owner=bindparam("claimant"),
        ends=ends,
    )
    given = {each: made.excluded[each] for each in ("fingerprint", "owner", "answer", "ends")}
    return made.on_conflict_do_update(
        index_elements=[table.c.key], set_=given, where=table.c.ends <= _Now()
    ).returning(table.c.key)
