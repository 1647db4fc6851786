from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError

from webaio.conditions import Answered, Claim, IdempotencyStore
from webaio.exceptions import ImproperlyConfigured

from ._database import database_of
from ._errors import api_exception_of
from ._idempotency_table import IdempotencyTable
from ._transaction import transaction_of

_Given = TypeVar("_Given")
_WHERE: Final = "DatabaseIdempotencyStore"
_CLAIMS_TO_FORGET: Final = 10
"""How many claims are made until old rows are looked for; then more of them go than came."""


class DatabaseIdempotencyStore(IdempotencyStore):
    """A store in the application's own database: the answer is kept with what the request wrote.

    Both are one transaction: whatever happens, both are there, or none, and nothing is done twice.
    `metadata` is that of the models, in which it makes a table, so that a migration is made for it.
    Old rows are deleted by and by.

        conditions.setup(app, store=DatabaseIdempotencyStore(Base.metadata))

    Raises `ImproperlyConfigured` for what is no `MetaData`, and where the table is there already.
    """

    in_transaction = True

    def __init__(self, metadata: MetaData, *, table: str = "idempotency_key") -> None:
        if not isinstance(metadata, MetaData):
            raise ImproperlyConfigured(
                _WHERE,
                f"{metadata!r} is no MetaData",
                "Write DatabaseIdempotencyStore(Base.metadata)",
            )
        try:
            self._table = IdempotencyTable(metadata, table)
        except InvalidRequestError as error:
            raise ImproperlyConfigured(
                _WHERE,
                f"there is a table {table!r} already",
                "Make one store, or give it another name: table='...'",
            ) from error
        self._claims = 0

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def claim(self, claim: Claim) -> Answered | None:
        made, work = transaction_of(claim.request), self._claim(claim)
        if made is not None and made.has_begun and made.database.is_sqlite:
            # It has the one lock for writers: who claims apart would wait for himself.
            return await made.run(work, by_itself=False)
        found = await _apart(claim, work)
        if made is not None:
            made.begin()
        return found

    async def renew(self, claim: Claim) -> bool:
        return await _apart(claim, lambda connection: self._table.renew(connection, claim))

    async def complete(self, claim: Claim, answer: bytes) -> bool:
        def work(connection: Connection) -> bool:
            return self._table.complete(connection, claim, answer)

        made = transaction_of(claim.request)
        if made is None:
            return await _apart(claim, work)
        return await made.run(work, by_itself=False)

    async def release(self, claim: Claim) -> None:
        await _apart(claim, lambda connection: self._table.release(connection, claim))

    def _claim(self, claim: Claim) -> Callable[[Connection], Answered | None]:
        def work(connection: Connection) -> Answered | None:
            found = self._table.claim(connection, claim)
            self._claims += 1
            if self._claims % _CLAIMS_TO_FORGET == 0:
                self._table.forget(connection)
            return found

        return work


async def _apart(claim: Claim, work: Callable[[Connection], _Given]) -> _Given:
    """Run work as statements by themselves, beside the transaction of the request."""
    try:
        return await database_of(claim.request).run(work)
    except SQLAlchemyError as error:
        found = api_exception_of(error, is_conditional=False)
        if found is None:
            raise
        raise found from error
