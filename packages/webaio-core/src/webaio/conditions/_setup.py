import math
from collections.abc import AsyncIterator
from typing import Final
from weakref import WeakKeyDictionary

from aiohttp import web
from msgspec import Struct

from webaio.exceptions import ImproperlyConfigured

from ._idempotency_store import IdempotencyStore
from ._memory_idempotency_store import MemoryIdempotencyStore

_WHERE: Final = "conditions.setup"


class Conditions(Struct, frozen=True, eq=False):
    """Where an application keeps answers, how long a claim holds, how large an answer may be."""

    store: IdempotencyStore
    lease: float = 60.0
    max_size: int = 1024**2


_CONDITIONS: Final = web.AppKey("webaio_conditions", Conditions)
_FOUND: Final = WeakKeyDictionary[web.Application, Conditions]()
"""What was found for each application; one that has nothing set up gets its own here."""


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
    if _CONDITIONS in app:
        raise ImproperlyConfigured(_WHERE, "this application is set up already", "Call it once")
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
    app[_CONDITIONS] = Conditions(store, lease, max_size)

    async def run(_: web.Application) -> AsyncIterator[None]:
        await store.open()
        try:
            yield
        finally:
            await store.close()

    app.cleanup_ctx.append(run)


def conditions_of(request: web.Request) -> Conditions:
    """Give what a request's application has set up: itself, its parent, or nobody."""
    found = _FOUND.get(request.app)
    if found is None:
        found = request.config_dict.get(_CONDITIONS)
        if found is None:
            root = request.match_info.apps[0]
            found = _FOUND.setdefault(root, Conditions(MemoryIdempotencyStore()))
        _FOUND[request.app] = found
    return found


def _require_positive(word: str, value: float, unit: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise ImproperlyConfigured(
            _WHERE, f"{word}={value!r} is no number of {unit}", "Use a number above 0"
        )
