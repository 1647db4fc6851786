"""What users write of idempotency keys; checked, and never run."""

from typing import assert_type

from aiohttp import web
from msgspec import Struct

from webaio import conditions
from webaio.conditions import (
    Answered,
    Claim,
    IdempotencyStore,
    MemoryIdempotencyStore,
    RedisIdempotencyStore,
    idempotent,
)
from webaio.decorators import action
from webaio.viewsets import BaseViewSet


class Payment(Struct):
    amount: int


class PaymentViewSet(BaseViewSet):
    @idempotent(required=True, ttl=3600)
    async def create(self, body: Payment) -> Payment:
        return body

    @idempotent()
    @action(detail=True, method="post")
    async def refund(self, id: int) -> int:
        return id


class OrderViewSet(PaymentViewSet):
    idempotency = {"refund": idempotent(required=True)}


async def pay(viewset: PaymentViewSet) -> None:
    assert_type(await viewset.create(Payment(1)), Payment)


idempotent(ttl="60")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
idempotent(required=True)(5)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]


class OwnStore:
    in_transaction = False

    async def claim(self, claim: Claim) -> Answered | None: ...

    async def renew(self, claim: Claim) -> bool:
        return True

    async def complete(self, claim: Claim, answer: bytes) -> bool:
        return True

    async def release(self, claim: Claim) -> None: ...

    async def open(self) -> None: ...

    async def close(self) -> None: ...


app = web.Application()
conditions.setup(app, store=OwnStore(), lease=30, max_size=1000)
conditions.setup(app, store=RedisIdempotencyStore("redis://localhost", prefix="shop"))
conditions.setup(app, store=object())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
stores: list[IdempotencyStore] = [MemoryIdempotencyStore(), OwnStore()]
