"""What users write of rates and stores; checked, and never run."""

from collections.abc import Sequence
from typing import assert_type

from aiohttp import web

from webaio import throttling
from webaio.throttling import Count, MemoryStore, Rate, RedisStore, Store
from webaio.viewsets import BaseViewSet


def key(request: web.Request) -> str | None:
    return request.query.get("key")


async def account(request: web.Request) -> str:
    return await request.text()


def number(request: web.Request) -> int:
    return 7


class ArtistViewSet(BaseViewSet):
    throttles = (Rate("600/minute", by="address"), Rate("5/minute", by=key, name="keys"))


class AlbumViewSet(BaseViewSet):
    throttles = {"create": (Rate("20/minute", by="user"),), "*": (Rate("5/hour", by=account),)}


Rate("5/minute", by=number)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Rate("5/minute", by="ip")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Rate("5/minute")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


class OwnStore:
    async def hit(self, counts: Sequence[Count], *, charge: bool = True) -> float:
        return float(counts[0].limit)

    async def open(self) -> None: ...

    async def close(self) -> None: ...


app = web.Application()
throttling.setup(app, store=OwnStore(), trusted_proxies=("10.0.0.0/8",), failures="10/minute")
throttling.setup(app, store=RedisStore("redis://localhost", on_outage="closed"))
throttling.setup(app, store=object())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
RedisStore("redis://localhost", on_outage="shut")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
stores: list[Store] = [MemoryStore(), OwnStore()]


async def wait(store: Store) -> None:
    assert_type(await store.hit([Count("ann", 5, 60)], charge=False), float)
