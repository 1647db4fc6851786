from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from inspect import isawaitable
from typing import Final

from aiohttp import web

from webaio.exceptions import ImproperlyConfigured, Throttled

from ._rate import Rate, claim
from ._setup import Throttling, throttling_of
from ._store import Count

Limiter = Callable[[web.Request, str | None], Awaitable[None]]

_LONGEST: Final = 128


def limiter_of(rates: Sequence[Rate]) -> Limiter:
    """Make what counts a request, of a user with this id or of nobody known, in all of the rates.

    It raises `Throttled`, and counts in none, where one of them is full. Raises
    `ImproperlyConfigured` for what is no Rate, and for one that is there twice.
    """
    own = _required(rates)

    async def limit(request: web.Request, user: str | None) -> None:
        throttling = throttling_of(request)
        counts = []
        for rate in own:
            if throttling.names.get(rate.name) is not rate:
                claim(throttling.names, own)
            key = await _key(rate, throttling, request, user)
            if key is not None:
                counts.append(Count(f"{rate.name}:{key}", rate.limit, rate.period))
        if counts:
            require_room(await throttling.store.hit(counts))

    return limit


def require_room(wait: float) -> None:
    """Raise `Throttled` where there are seconds to wait."""
    if wait:
        raise Throttled(retry_after=wait)


def address_key(throttling: Throttling, request: web.Request) -> str:
    return f"address:{throttling.addresses.of(request)}"


async def _key(
    rate: Rate, throttling: Throttling, request: web.Request, user: str | None
) -> str | None:
    if isinstance(rate.by, str):
        if user is None or rate.by == "address":
            return address_key(throttling, request)
        return f"user:{_short(user)}"
    given = rate.by(request)
    key = await given if isawaitable(given) else given
    if key is None:
        return None
    if not isinstance(key, str):
        raise TypeError(f"{rate!r}: its function gave {key!r}. Give a text, or None.")
    return f"key:{_short(key)}"


def _short(key: str) -> str:
    """Give a key that a store can have, whoever wrote it: neither long nor of any character."""
    if len(key) <= _LONGEST and key.isascii():
        return f"={key}"
    return blake2b(key.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _required(rates: Sequence[Rate]) -> tuple[Rate, ...]:
    for rate in rates:
        if not isinstance(rate, Rate):
            raise ImproperlyConfigured(
                "throttles", f"{rate!r} is no Rate", "Write Rate('600/minute', by='address')"
            )
    if len(set(rates)) < len(rates):
        raise ImproperlyConfigured("throttles", f"a Rate is twice in {rates!r}", "Write it once")
    return tuple(rates)
