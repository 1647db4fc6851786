from typing import Protocol, runtime_checkable

from aiohttp import web
from msgspec import Struct


class Claim(Struct, frozen=True, eq=False):
    """What one request asks for: to be the only one that runs an action for its key.

    `key` is a digest of the user, the method, the route and the client's key, `fingerprint` one of
    what was sent. `owner` is a text of this request alone. The claim holds for `lease` seconds, an
    answer is kept for `ttl` seconds.
    """

    request: web.Request
    key: str
    fingerprint: str
    owner: str
    lease: float
    ttl: float


class Answered(Struct, frozen=True):
    """What a store has under a key: whose request it is, and the answer; None while it runs."""

    fingerprint: str
    answer: bytes | None = None


@runtime_checkable
class IdempotencyStore(Protocol):
    """Keeps claims and answers, for one process or for several.

    Of all requests that claim a key at once exactly one gets it, also when a claim has ended because
    its process died. A claim and an answer are there until their seconds are over. All methods may
    raise `ServiceUnavailable`: then the action does not run.
    """

    in_transaction: bool
    """Whether `complete` is a part of the request's transaction, and called before its end."""

    async def claim(self, claim: Claim) -> Answered | None:
        """Take the key, and give None; or give what there is already."""

    async def renew(self, claim: Claim) -> bool:
        """Let the claim hold for its lease from now on; False where it is lost."""

    async def complete(self, claim: Claim, answer: bytes) -> bool:
        """Put the answer in place of the claim; False, and nothing is done, where that is lost."""

    async def release(self, claim: Claim) -> None:
        """Give the key back, as if it had not been claimed; nothing where the claim is lost."""

    async def open(self) -> None:
        """Begin: the application starts."""

    async def close(self) -> None:
        """Give back what is held: the application ends."""
