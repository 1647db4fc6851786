"""Model viewsets as their clients see them: the document is what the server does, on each database."""

import datetime
import enum
import uuid
from collections.abc import Iterator
from typing import Annotated

import pytest
from aiohttp import web
from msgspec import Meta, Struct
from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from integration.databases import url_beside
from webaio import openapi
from webaio.middlewares import api_exception_handler
from webaio.pagination import PageNumber
from webaio.routers import SimpleRouter
from webaio.sqlalchemy import DATABASE, BigInt, Int, ModelViewSet, UTCDateTime, setup
from webaio.testing import assert_error_contract, assert_matches_openapi, new_database

Text20 = Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^[^\x00]*$")]
Instant = Annotated[datetime.datetime, Meta(tz=True, extra_json_schema={"pattern": "Z$"})]
"""In UTC: an instant of the first day of the year 1 elsewhere may be in the year before, in UTC."""


class Base(DeclarativeBase):
    pass


class Kind(enum.Enum):
    SINGLE = "single"
    ALBUM = "album"


class Artist(Base):
    __tablename__ = "artist"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    born: Mapped[int | None] = mapped_column(BigInteger, index=True)
    is_alive: Mapped[bool] = mapped_column(default=True)


class Disc(Base):
    __tablename__ = "disc"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    title: Mapped[str] = mapped_column(String(20), index=True)
    kind: Mapped[Kind] = mapped_column(index=True)
    cents: Mapped[int | None] = mapped_column(index=True)
    rating: Mapped[float | None]
    made: Mapped[datetime.datetime | None] = mapped_column(UTCDateTime, index=True)
    day: Mapped[datetime.date | None] = mapped_column(index=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artist.id"), index=True)
    artist: Mapped[Artist] = relationship(lazy="raise")


class ArtistIn(Struct):
    name: Text20
    born: BigInt | None = None
    is_alive: bool = True


class ArtistOut(Struct):
    id: int
    name: str
    born: int | None
    is_alive: bool


class DiscIn(Struct):
    title: Text20
    kind: Kind
    artist_id: Int
    cents: Int | None = None
    rating: float | None = None
    made: Instant | None = None
    day: datetime.date | None = None


class DiscOut(Struct):
    id: uuid.UUID
    title: str
    kind: Kind
    cents: int | None
    rating: float | None
    made: datetime.datetime | None
    day: datetime.date | None
    artist: ArtistOut


class ArtistViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    filters = {"name": ["eq", "in", "contains"], "born": ["gte", "null"], "id": ["in"]}
    ordering = ["name", "born"]
    search = ["name"]

    async def destroy(self, id: int) -> None:
        await self.session.execute(
            Base.metadata.tables["disc"].delete().where(Disc.artist_id == id)
        )
        await super().destroy(id)


class DiscViewSet(ModelViewSet[Disc, DiscOut, DiscIn]):
    filters = {
        "kind": ["eq", "ne", "in"],
        "cents": ["gte", "lt", "in"],
        "made": ["gt", "null"],
        "day": ["lte", "eq"],
        "artist_id": ["eq"],
        "id": ["in"],
    }
    ordering = ["title", "cents", "made", "day", "kind"]
    pagination = PageNumber


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest) -> Iterator[web.Application]:
    with new_database(url_beside(request.param), Base.metadata.create_all) as url:
        router = SimpleRouter(check_results=True)
        router.register(ArtistViewSet, basename="artist")
        router.register(DiscViewSet, basename="disc")
        app = web.Application(middlewares=[api_exception_handler])
        app.add_routes(router.routespatters)
        setup(app, url)
        openapi.setup(app, title="Discs", swagger=False)
        app.on_startup.append(_fill)
        yield app


async def _fill(app: web.Application) -> None:
    async with app[DATABASE].session.begin() as session:
        session.add(Artist(name="Charly", born=1951))
        await session.flush()
        session.add(Disc(title="Clics", kind=Kind.ALBUM, cents=999, artist_id=1))


async def test_as_documented(app: web.Application) -> None:
    """Requests made by the document are taken, wrong ones refused, and the answers fit."""
    await assert_matches_openapi(app, examples=40)


async def test_errors(app: web.Application) -> None:
    await assert_error_contract(app)
