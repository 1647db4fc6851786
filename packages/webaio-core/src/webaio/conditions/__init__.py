"""Writes that are not done twice: `idempotent`, and the stores that keep answers.

@idempotent(required=True)
async def create(self, body: PaymentIn) -> Payment: ...

conditions.setup(app, store=RedisIdempotencyStore("redis://localhost"))
"""

from ._idempotency_store import Answered, Claim, IdempotencyStore
from ._idempotent import idempotent
from ._memory_idempotency_store import MemoryIdempotencyStore
from ._redis_idempotency_store import RedisIdempotencyStore
from ._setup import setup

__all__ = [
    "Answered",
    "Claim",
    "IdempotencyStore",
    "MemoryIdempotencyStore",
    "RedisIdempotencyStore",
    "idempotent",
    "setup",
]
