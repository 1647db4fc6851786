"""Idempotency keys, with all that a project has around them: its document, and tests."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from webaio import conditions, openapi, sqlalchemy
from webaio.conditions import idempotent
from webaio.decorators import action
from webaio.middlewares import api_exception_handler
from webaio.routers import SimpleRouter
from webaio.sqlalchemy import DATABASE, DatabaseIdempotencyStore, Int, ModelViewSet, Session
from webaio.testing import assert_matches_openapi


class Base(DeclarativeBase): ...


class Payment(Base):
    __tablename__ = "payment"
    id: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int]


class PaymentIn(Struct):
    amount: Int


class PaymentOut(Struct):
    id: int
    amount: int


class PaymentViewSet(ModelViewSet[Payment, PaymentOut, PaymentIn]):
    idempotency = {"create": idempotent(required=True), "partial_update": idempotent()}

    @idempotent()
    @action(detail=False, method="post", status=201)
    async def order(self, body: PaymentIn, session: Session) -> str:
        session.add(Payment(amount=body.amount))
        return "ordered"


STORE = DatabaseIdempotencyStore(Base.metadata)


async def create_tables(app: web.Application) -> None:
    async with app[DATABASE].engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


def application(folder: Path) -> web.Application:
    router = SimpleRouter(check_results=True)
    router.register(PaymentViewSet, basename="payment")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    sqlalchemy.setup(app, f"sqlite+aiosqlite:///{folder}/test.db")
    app.on_startup.append(create_tables)
    conditions.setup(app, store=STORE)
    openapi.setup(app, title="Payments", swagger=False)
    return app


async def test_as_documented(tmp_path: Path) -> None:
    """Requests made by the document are taken, wrong ones refused, and the answers fit."""
    await assert_matches_openapi(application(tmp_path), examples=30)


@pytest.fixture
def app(tmp_path: Path) -> web.Application:
    return application(tmp_path)


@pytest.mark.parametrize("path", ["/payment/", "/payment/order/"])
async def test_in_one_transaction(api_client: Any, database: AsyncSession, path: str) -> None:
    """The claim is made in the one transaction that a test has, too."""
    key = {"Idempotency-Key": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}
    found = [await api_client.post(path, json={"amount": 5}, headers=key) for _ in range(2)]
    assert found[0] == found[1]
    payments = [*await database.scalars(select(Payment))]
    assert [each.amount for each in payments] == [5]
