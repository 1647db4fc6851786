from collections.abc import Sequence
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from webaio.exceptions import ImproperlyConfigured

from ._store import Count

Outage: Final = (RedisError, OSError)
"""What is raised when Redis does not answer."""

# The time is that of Redis: the workers' clocks may differ. A key without an end gets one.
_HIT: Final = """
local wait = 0
for i, key in ipairs(KEYS) do
  local limit, period = tonumber(ARGV[2 * i]), ARGV[2 * i + 1]
  if tonumber(redis.call('GET', key) or 0) >= limit then
    local left = redis.call('PTTL', key)
    if left < 0 then
      redis.call('PEXPIRE', key, period)
      left = tonumber(period)
    end
    wait = math.max(wait, left, 1)
  end
end
if ARGV[1] == '1' and wait == 0 then
  for i, key in ipairs(KEYS) do
    if redis.call('INCR', key) == 1 then
      redis.call('PEXPIRE', key, ARGV[2 * i + 1])
    end
  end
end
return wait
"""


def redis_client(url: str, *, timeout: float, connections: int, where: str) -> Redis:
    """Make a client that asks once.

    Raises `ImproperlyConfigured` for a URL that is none of Redis, and for numbers that let nobody ask.
    """
    if not (timeout > 0 and connections > 0):
        raise ImproperlyConfigured(
            where,
            f"with timeout={timeout!r} and connections={connections!r} nobody could ask",
            "Give numbers above 0",
        )
    try:
        # Its own retries would make each request wait, and do what a script does a second time.
        return Redis.from_url(
            url,
            protocol=2,  # with 3, redis-py uses a connection that has ended
            max_connections=connections,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=timeout,
            socket_timeout=timeout,
        )
    except ValueError as error:
        raise ImproperlyConfigured(
            where, f"the URL is none of Redis ({error})", "Write redis://localhost:6379/0"
        ) from error


class RedisCounts:
    """Counts hits in Redis with one script; raises one of `Outage` where it cannot."""

    def __init__(self, client: Redis, *, prefix: str) -> None:
        self._client = client
        self._hit = self._client.register_script(_HIT)
        self._prefix = prefix

    async def hit(self, counts: Sequence[Count], *, charge: bool) -> float:
        keys = [f"{self._prefix}:{count.period}:{count.key}" for count in counts]
        arguments: list[int] = [int(charge)]
        for count in counts:
            arguments += count.limit, count.period * 1000
        return int(await self._hit(keys, arguments)) / 1000

    async def close(self) -> None:
        await self._client.aclose()
