"""How often something may be done: rates, the stores that count, whose address is counted.

throttles = (Rate("600/minute", by="address"), Rate("20/minute", by="user"))

throttling.setup(app, store=RedisStore("redis://localhost"), trusted_proxies=["10.0.0.0/8"])
"""

from ._memory_store import MemoryStore
from ._rate import Rate
from ._redis_store import RedisStore
from ._setup import setup
from ._store import Count, Store

__all__ = ["Count", "MemoryStore", "Rate", "RedisStore", "Store", "setup"]
