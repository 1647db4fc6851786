import math
from typing import Final

from aiohttp import web
from msgspec import Struct

from webaio.exceptions import ImproperlyConfigured
from webaio.throttling._per_application import PerApplication

from ._idempotency_store import IdempotencyStore
from ._memory_idempotency_store import MemoryIdempotencyStore

_WHERE: Final = "conditions.setup"


class Conditions(Struct, frozen=True, eq=False):
    """Where an application keeps answers, how long a claim holds, how large an answer may be."""

    store: IdempotencyStore
    lease: float = 60.0
    max_size: int = 1024**2


_CONDITIONS: Final = PerApplication(
    web.AppKey("webaio_conditions", Conditions),
    lambda: Conditions(MemoryIdempotencyStore()),
    _WHERE,
)


def setup(
    app: web.Application,
    *,
    store: IdempotencyStore | None = None,
    lease: float = 60.0,
    max_size: int = 1024**2,
) -> None:
    """Say where an application, and those below it without a setup of their own, keep answers.

    `store` is where: a `MemoryIdempotencyStore` of this process, as without a word, a
    `RedisIdempotencyStore` for all, or the `DatabaseIdempotencyStore` of `webaio.sqlalchemy`. It is
    opened and closed with the application. A running request holds its key, and renews that; when
    its process dies, the key is free after `lease` seconds. An answer whose body has more than
    `max_size` bytes is not kept.

        setup(app, store=RedisIdempotencyStore("redis://localhost"))

    Raises `ImproperlyConfigured` for a second setup of one application, what is no store, and
    numbers that are none.
    """
    if store is None:
        store = MemoryIdempotencyStore()
    if isinstance(store, type) or not isinstance(store, IdempotencyStore):
        raise ImproperlyConfigured(
            _WHERE,
            f"store={store!r} is no store",
            "Give MemoryIdempotencyStore(), RedisIdempotencyStore('redis://localhost') or an "
            "IdempotencyStore of your own",
        )
    _require_positive("lease", lease, "seconds")
    _require_positive("max_size", max_size, "bytes")
    _CONDITIONS.set(app, Conditions(store, lease, max_size), store)


def conditions_of(request: web.Request) -> Conditions:
    """Give what a request's application has set up: itself, its parent, or nobody."""
    return _CONDITIONS.of(request)


def _require_positive(word: str, value: float, unit: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise ImproperlyConfigured(
            _WHERE, f"{word}={value!r} is no number of {unit}", "Use a number above 0"
        )
