import asyncio
import logging
from typing import Final

from ._idempotency_store import Claim, IdempotencyStore

_LOGGER: Final = logging.getLogger("webaio.conditions")
_RENEWALS: Final = 3
"""How often a claim is renewed in the time for which it holds."""


class Lease:
    """Renews a claim until it is ended; a request that is soon done costs no task."""

    def __init__(self, store: IdempotencyStore, claim: Claim) -> None:
        self._store = store
        self._claim = claim
        self._pause = claim.lease / _RENEWALS
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(self._pause, self._begin)

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        while True:
            try:
                if not await self._store.renew(self._claim):
                    _LOGGER.error("The claim of a running request was lost to another one.")
                    return
            except Exception as error:  # the next time may be in time
                _LOGGER.warning("A claim could not be renewed (%s).", error)
            await asyncio.sleep(self._pause)

    async def end(self) -> None:
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
