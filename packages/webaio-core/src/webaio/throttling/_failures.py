from aiohttp import web

from ._limiter import address_key, require_room
from ._setup import throttling_of
from ._store import Count


async def require_few_failures(request: web.Request) -> None:
    """Raise `Throttled` where the address has sent as many wrong credentials as it may.

    Does nothing where `setup` was given no `failures`.
    """
    await _hit(request, charge=False)


async def count_failure(request: web.Request) -> None:
    """Count wrong credentials for the address.

    Raises `Throttled` where it has sent as many already: others may have come at the same time.
    """
    await _hit(request, charge=True)


async def _hit(request: web.Request, *, charge: bool) -> None:
    throttling = throttling_of(request)
    rate = throttling.failures
    if rate is not None:
        count = Count(f"{rate.name}:{address_key(throttling, request)}", rate.limit, rate.period)
        require_room(await throttling.store.hit([count], charge=charge))
