"""The stage before an action that is done once for each key."""

from __future__ import annotations  # of functions that are made for each action

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from aiohttp import web

from webaio.parameters._scope import Scope

from ._idempotency_errors import IdempotencyKeyInUse, IdempotencyKeyReused
from ._idempotency_key import claimed_key, fingerprint_of, key_in
from ._idempotency_store import Answered, Claim, IdempotencyStore
from ._idempotent import Idempotent
from ._kept_answer import ReplayedResponse, Write, replayed, writer_of
from ._lease import Lease
from ._setup import conditions_of

_LOGGER: Final = logging.getLogger("webaio.conditions")

Claiming = Callable[[web.Request, Scope], Awaitable[ReplayedResponse | None]]
"""Gives the answer that there is already, or None: then the action is to run."""


def claiming_of(idempotent: Idempotent, where: str) -> Claiming:
    """Make the coroutine function that claims the key of a request before its action runs.

    It raises the 400 of a key that is missing or malformed, the 409 of one whose first request
    still runs, the 422 of one that was sent with another request, and what the store raises.
    """
    write = writer_of(where)

    async def claim(request: web.Request, scope: Scope) -> ReplayedResponse | None:
        key = key_in(request, required=idempotent.required)
        if key is None:
            return None
        conditions = conditions_of(request)
        made = Claim(
            request=request,
            key=claimed_key(request, key),
            fingerprint=await fingerprint_of(request),
            owner=secrets.token_hex(16),
            lease=conditions.lease,
            ttl=idempotent.ttl,
        )
        held = _HeldClaim(conditions.store, made, write, conditions.max_size)
        # Outside of the transactions: it sees how they end.
        answer: ReplayedResponse | None = await scope.enter(held.around(), outermost=True)
        if answer is None and conditions.store.in_transaction:
            await scope.enter(held.within())
        return answer

    return claim


class _HeldClaim:
    """A claim, from before its action until the answer is kept or the key given back."""

    def __init__(self, store: IdempotencyStore, claim: Claim, write: Write, max_size: int) -> None:
        self._store = store
        self._claim = claim
        self._write = write
        self._max_size = max_size
        self._is_complete = False

    async def around(self) -> AsyncGenerator[ReplayedResponse | None, web.StreamResponse]:
        """Claim the key, and end the claim when all else has ended; or give the answer."""
        found = await self._claimed()
        if found is not None:
            yield _answer_in(found, self._claim)
            return
        self._lease = Lease(self._store, self._claim)
        try:
            response = yield None
        except BaseException:
            await self._lease.end()
            await self._release()
            raise
        try:
            await self._lease.end()
            if not self._store.in_transaction:
                await self._complete(response)
        finally:
            if not self._is_complete:
                await self._release()

    async def within(self) -> AsyncGenerator[None, web.StreamResponse]:
        """Complete the claim in the transaction of the request.

        Where it is lost, another request has run the action, and this one is undone.
        """
        response = yield
        await self._lease.end()
        answer = self._write(response, self._max_size)
        if answer is not None:
            if not await self._store.complete(self._claim, answer):
                raise IdempotencyKeyInUse
            self._is_complete = True

    async def _claimed(self) -> Answered | None:
        try:
            return await self._store.claim(self._claim)
        except asyncio.CancelledError:
            await self._release()
            raise

    async def _complete(self, response: web.StreamResponse) -> None:
        """Keep the answer of what is done; whatever happens to it, the client gets it."""
        answer = self._write(response, self._max_size)
        if answer is None:
            return
        self._is_complete = True  # given back, the key would let the action run again
        try:
            if not await self._store.complete(self._claim, answer):
                _LOGGER.error("The claim of a request that is done was lost to another one.")
        except Exception as error:
            _LOGGER.error("The answer of a request that is done could not be kept (%s).", error)

    async def _release(self) -> None:
        try:
            await self._store.release(self._claim)
        except Exception as error:  # the claim ends with its lease
            _LOGGER.warning("A claim could not be given back (%s).", error)


def _answer_in(found: Answered, claim: Claim) -> ReplayedResponse:
    if found.fingerprint != claim.fingerprint:
        raise IdempotencyKeyReused
    if found.answer is None:
        raise IdempotencyKeyInUse
    return replayed(found.answer)
