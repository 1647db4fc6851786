"""FastAPI and SQLModel: a session a request, given by a dependency."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, HTTPException, Query
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.services.data import DATABASE_URL, POOL


class ArtistBase(SQLModel):
    name: str = Field(min_length=1, max_length=100)
    born: int | None = Field(default=None, index=True)


class Artist(ArtistBase, table=True):  # type: ignore[call-arg]  # SQLModel is not installed here
    id: int | None = Field(default=None, primary_key=True)


class ArtistCreate(ArtistBase):
    pass


class ArtistPublic(ArtistBase):
    id: int


class ArtistUpdate(SQLModel):
    name: str | None = Field(default=None, min_length=1, max_length=100)
    born: int | None = None


class Artists(SQLModel):
    items: list[ArtistPublic]
    total: int


engine: Final = create_async_engine(DATABASE_URL, pool_size=POOL, max_overflow=0)
app: Final = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(engine) as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]


@app.get("/artist/", response_model=Artists)
async def list_artists(
    session: Session, offset: int = 0, limit: Annotated[int, Query(le=100)] = 20
) -> Any:
    found = await session.exec(select(Artist).order_by(Artist.id).offset(offset).limit(limit))
    total = await session.exec(select(func.count()).select_from(Artist))
    return {"items": found.all(), "total": total.one()}


@app.get("/artist/export/")
async def export_artists(session: Session) -> AsyncIterable[ArtistPublic]:
    statement = select(Artist).order_by(Artist.id).execution_options(yield_per=500)
    async for artist in await session.stream_scalars(statement):
        yield artist


@app.get("/artist/{id}/", response_model=ArtistPublic)
async def detail_artist(id: int, session: Session) -> Any:
    artist = await session.get(Artist, id)
    if artist is None:
        raise HTTPException(status_code=404, detail="Artist not found")
    return artist


@app.post("/artist/", response_model=ArtistPublic, status_code=201)
async def create_artist(artist: ArtistCreate, session: Session) -> Any:
    stored = Artist.model_validate(artist)
    session.add(stored)
    await session.commit()
    await session.refresh(stored)
    return stored


@app.patch("/artist/{id}/", response_model=ArtistPublic)
async def update_artist(id: int, artist: ArtistUpdate, session: Session) -> Any:
    stored = await session.get(Artist, id)
    if stored is None:
        raise HTTPException(status_code=404, detail="Artist not found")
    stored.sqlmodel_update(artist.model_dump(exclude_unset=True))
    session.add(stored)
    await session.commit()
    await session.refresh(stored)
    return stored
