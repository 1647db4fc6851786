import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Final

from aiohttp import hdrs, web
from sqlalchemy import orm
from sqlalchemy.exc import IllegalStateChangeError, InvalidRequestError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from webaio.decorators import operation
from webaio.parameters import Depends
from webaio.parameters._request_key import request_key

from ._database import Database, Result, Work, database_of
from ._errors import api_exception_of

_CONCURRENT: Final = "isce"
"""SQLAlchemy's code of errors of a session that several tasks use at once."""
_ONE_BY_ONE: Final = (
    "several tasks used the session of one request at once: await one after the other, or give each "
    "a session of its own, `async with app[DATABASE].session.begin() as session`"
)


class Transaction:
    """What one request does on the database: statements by themselves, until it has a session.

    From the first use of its session on everything is one transaction.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._session: AsyncSession | None = None
        self.has_ended = False

    @property
    def has_begun(self) -> bool:
        """Whether something was done in it that is not yet kept."""
        return self._session is not None and self._session.in_transaction()

    @property
    def session(self) -> AsyncSession:
        """The session of the request; it is of no use after it."""
        return self.begin()

    def begin(self) -> AsyncSession:
        """Let all that follows be one transaction, and give its session."""
        if self._session is None:
            self._session = self.database.session(close_resets_only=False)
        return self._session

    async def run(self, work: Work[Result], *, by_itself: bool) -> Result:
        """Run work on a connection: that of the session, but where it may be by itself and is first."""
        if by_itself and self._session is None:
            return await self.database.run(work)

        def run(session: orm.Session) -> Result:
            session.flush()  # what is added or deleted counts, as for statements of the session
            return work(session.connection())

        return await self.session.run_sync(run)

    async def end(self, response: web.StreamResponse | None) -> None:
        """Keep what was done if the response is a success; else it is as if it had not been."""
        self.has_ended = True
        if self._session is None:
            return
        try:
            if response is not None and response.status < 400:
                await self._session.commit()
        finally:
            await self._session.close()

    async def abandon(self) -> None:
        """End the session, and its connection, while other tasks of the action may still use it."""
        while self._session is not None:
            try:
                await self._session.invalidate()
            except IllegalStateChangeError:  # one of them is connecting it
                await asyncio.sleep(0.01)
            else:
                self._session = None


_TRANSACTION: Final = request_key("webaio_transaction", Transaction)


def transaction_of(request: web.Request) -> Transaction | None:
    """Give the transaction of a request; None where its action has none."""
    found: Transaction | None = request.get(_TRANSACTION)
    return found


@operation(errors=[503])
async def transaction(request: web.Request) -> AsyncGenerator[Transaction, web.StreamResponse]:
    """Give the transaction of a request, and end it before the answer is sent.

    What the database refuses is answered as it deserves: 409, 422 or 503.
    """
    made = request[_TRANSACTION] = Transaction(database_of(request))
    try:
        try:
            response = yield made
        except BaseException as error:
            if isinstance(error, InvalidRequestError) and error.code == _CONCURRENT:
                await made.abandon()
                raise RuntimeError(_ONE_BY_ONE) from error
            await made.end(None)
            raise
        await made.end(response)
    except SQLAlchemyError as error:
        found = api_exception_of(error, is_conditional=hdrs.IF_MATCH in request.headers)
        if found is None:
            raise
        raise found from error


async def _session(made: Annotated[Transaction, Depends(transaction)]) -> AsyncSession:
    return made.session


Session = Annotated[AsyncSession, Depends(_session)]
"""A session of SQLAlchemy, one a request, that is a transaction.

It is committed before the answer is sent, and rolled back by an exception and by a status from 400
up. What the database refuses, also at the commit, is answered with 409, 422 or 503.

    async def rename(self, id: int, name: str, session: Session) -> None:
        artist = await session.get(Artist, id)
"""
