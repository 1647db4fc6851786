from collections.abc import Iterable
from typing import Final

from aiohttp import web

from webaio.exceptions import ImproperlyConfigured

from ._client_address import ClientAddresses
from ._memory_store import MemoryStore
from ._per_application import PerApplication
from ._rate import Rate, claim
from ._store import Store


class Throttling:
    """What an application counts with; `names` are those of its rates."""

    def __init__(self, store: Store, trusted_proxies: Iterable[str], failures: str | None) -> None:
        self.store = store
        self.addresses = ClientAddresses(trusted_proxies)
        self.failures = None if failures is None else Rate(failures, by="address", name="failures")
        self.names: dict[str, Rate] = {}
        if self.failures is not None:
            claim(self.names, [self.failures])


_THROTTLING: Final = PerApplication(
    web.AppKey("webaio_throttling", Throttling),
    lambda: Throttling(MemoryStore(), (), None),
    "throttling.setup",
)


def setup(
    app: web.Application,
    *,
    store: Store | None = None,
    trusted_proxies: Iterable[str] = (),
    failures: str | None = None,
) -> None:
    """Say how an application, and those below it without a setup of their own, count.

    `store` is where: a `MemoryStore` for each process by itself, as without a word, or a
    `RedisStore` for all. It is opened and closed with the application. `trusted_proxies` are the
    networks of the proxies whose `X-Forwarded-For` is believed, and `"unix"` for one that comes by a
    unix socket; without any it is the peer that is counted. `failures` is the rate of wrong
    credentials, counted by address: who has sent as many is asked to wait, whatever he sends next.

        setup(app, store=RedisStore("redis://localhost"), failures="10/minute")

    Raises `ImproperlyConfigured` for a second setup of one application, what is no store, a network
    that is none or has everybody in it, and a rate that is none.
    """
    if store is None:
        store = MemoryStore()
    if not isinstance(store, Store):
        raise ImproperlyConfigured(
            "throttling.setup",
            f"store={store!r} is no store",
            "Give MemoryStore(), RedisStore('redis://localhost') or a Store of your own",
        )
    _THROTTLING.set(app, Throttling(store, trusted_proxies, failures), store)


def counts_failures(app: web.Application) -> bool:
    """Tell whether wrong credentials are counted in an application."""
    own = _THROTTLING.own(app)
    return own is not None and own.failures is not None


def throttling_of(request: web.Request) -> Throttling:
    """Give what a request's application counts with: its own, its parent's, or a memory store."""
    return _THROTTLING.of(request)
