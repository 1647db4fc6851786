"""Litestar and advanced-alchemy: a controller with a repository service."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

import msgspec
from advanced_alchemy.extensions.litestar import (
    AsyncSessionConfig,
    EngineConfig,
    SQLAlchemyAsyncConfig,
    SQLAlchemyPlugin,
    providers,
)
from advanced_alchemy.filters import FilterTypes
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from advanced_alchemy.service import OffsetPagination, SQLAlchemyAsyncRepositoryService
from litestar import Controller, Litestar, get, patch, post
from litestar.params import Dependency
from litestar.response import Stream
from msgspec import UNSET, Meta, Struct, UnsetType
from sqlalchemy import String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.services.data import DATABASE_URL, POOL


class Base(DeclarativeBase):
    pass


class ArtistModel(Base):
    __tablename__ = "artist"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    born: Mapped[int | None] = mapped_column(index=True)


class Artist(Struct):
    id: int
    name: str
    born: int | None


Name = Annotated[str, Meta(min_length=1, max_length=100)]


class ArtistCreate(Struct):
    name: Name
    born: int | None = None


class ArtistUpdate(Struct):
    name: Name | UnsetType = UNSET
    born: int | UnsetType | None = UNSET


class ArtistService(SQLAlchemyAsyncRepositoryService[ArtistModel]):
    class Repository(SQLAlchemyAsyncRepository[ArtistModel]):
        model_type = ArtistModel

    repository_type = Repository


class ArtistController(Controller):
    path = "/artist"
    dependencies = providers.create_service_dependencies(
        ArtistService,
        "artists",
        filters={"pagination_type": "limit_offset", "sort_field": "id", "sort_order": "asc"},
    )

    @get()
    async def list_artists(
        self,
        artists: ArtistService,
        filters: Annotated[list[FilterTypes], Dependency(skip_validation=True)],
    ) -> OffsetPagination[Artist]:
        found, total = await artists.list_and_count(*filters)
        return artists.to_schema(found, total, filters=filters, schema_type=Artist)

    @get("/export")
    async def export_artists(self) -> Stream:
        return Stream(export(), media_type="application/x-ndjson")

    @get("/{id:int}")
    async def detail_artist(self, artists: ArtistService, id: int) -> Artist:
        return artists.to_schema(await artists.get(id), schema_type=Artist)

    @post()
    async def create_artist(self, artists: ArtistService, data: ArtistCreate) -> Artist:
        return artists.to_schema(await artists.create(data), schema_type=Artist)

    @patch("/{id:int}")
    async def update_artist(self, artists: ArtistService, id: int, data: ArtistUpdate) -> Artist:
        return artists.to_schema(await artists.update(data, item_id=id), schema_type=Artist)


async def export() -> AsyncIterator[bytes]:
    async with alchemy.get_session() as session:
        ordered = select(ArtistModel).order_by(ArtistModel.id)
        statement = ordered.execution_options(yield_per=500)
        async for each in await session.stream_scalars(statement):
            yield msgspec.json.encode(Artist(each.id, each.name, each.born)) + b"\n"


alchemy: Final = SQLAlchemyAsyncConfig(
    connection_string=DATABASE_URL,
    engine_config=EngineConfig(pool_size=POOL, max_overflow=0),
    before_send_handler="autocommit",
    session_config=AsyncSessionConfig(expire_on_commit=False),
)
app: Final = Litestar(route_handlers=[ArtistController], plugins=[SQLAlchemyPlugin(config=alchemy)])
