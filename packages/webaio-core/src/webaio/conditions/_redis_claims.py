from typing import Final

from redis.asyncio import Redis

from ._idempotency_store import Answered, Claim

# The time is that of Redis. A claim has an owner, and an answer has none.
_CLAIM: Final = """
local found = redis.call('HMGET', KEYS[1], 'fingerprint', 'answer')
if found[1] then
  return found
end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'fingerprint', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {}
"""
_RENEW: Final = """
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
  return 0
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_COMPLETE: Final = """
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
  return 0
end
redis.call('HDEL', KEYS[1], 'owner')
redis.call('HSET', KEYS[1], 'answer', ARGV[2])
return redis.call('PEXPIRE', KEYS[1], ARGV[3])
"""
_RELEASE: Final = """
if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return 0
"""


class RedisClaims:
    """Keeps claims and answers in Redis, each step one script; raises `Outage` where it cannot."""

    def __init__(self, client: Redis, *, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._claim = self._client.register_script(_CLAIM)
        self._renew = self._client.register_script(_RENEW)
        self._complete = self._client.register_script(_COMPLETE)
        self._release = self._client.register_script(_RELEASE)

    async def claim(self, claim: Claim) -> Answered | None:
        arguments: list[str | int] = [claim.owner, claim.fingerprint, _milliseconds(claim.lease)]
        found = await self._claim(self._keys(claim), arguments)
        return Answered(found[0].decode(), found[1]) if found else None

    async def renew(self, claim: Claim) -> bool:
        arguments: list[str | int] = [claim.owner, _milliseconds(claim.lease)]
        return bool(await self._renew(self._keys(claim), arguments))

    async def complete(self, claim: Claim, answer: bytes) -> bool:
        arguments: list[bytes | str | int] = [claim.owner, answer, _milliseconds(claim.ttl)]
        return bool(await self._complete(self._keys(claim), arguments))

    async def release(self, claim: Claim) -> None:
        await self._release(self._keys(claim), [claim.owner])

    async def close(self) -> None:
        await self._client.aclose()

    def _keys(self, claim: Claim) -> list[str]:
        return [f"{self._prefix}:idempotency:{claim.key}"]


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
