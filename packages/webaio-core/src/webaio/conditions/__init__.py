"""Safe writes: none is lost (RFC 9110, 13), and none is done twice (idempotency keys).

class ArtistViewSet(BaseViewSet):
    etag = "version"
    require_if_match = True

    @idempotent(required=True)
    async def create(self, body: ArtistIn) -> Artist: ...

conditions.setup(app, store=RedisIdempotencyStore("redis://localhost"))
"""

from ._idempotency_store import Answered, Claim, IdempotencyStore
from ._idempotent import idempotent
from ._if_match import IfMatch
from ._memory_idempotency_store import MemoryIdempotencyStore
from ._redis_idempotency_store import RedisIdempotencyStore
from ._setup import setup

__all__ = [
    "Answered",
    "Claim",
    "IdempotencyStore",
    "IfMatch",
    "MemoryIdempotencyStore",
    "RedisIdempotencyStore",
    "idempotent",
    "setup",
]
