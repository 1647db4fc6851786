"""FastAPI, with pydantic's models; its pages advise return types, not another JSON library."""

from typing import Annotated, Final

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from benchmarks.services.artists import ARTISTS


class Album(BaseModel):
    title: Annotated[str, Field(min_length=1, max_length=100)]
    year: int | None = None


class ArtistIn(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    born: int | None = None
    tags: list[str] = []
    albums: list[Album] = []


class ArtistPatch(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    born: int | None = None
    tags: list[str] | None = None
    albums: list[Album] | None = None


class Artist(ArtistIn):
    id: str


STORED: Final = {key: Artist.model_validate(artist) for key, artist in ARTISTS.items()}
app: Final = FastAPI()


@app.get("/artist/")
async def list_artists() -> list[Artist]:
    return [*STORED.values()]


@app.get("/artist/{id}/")
async def detail_artist(id: str) -> Artist:
    if id not in STORED:
        raise HTTPException(status_code=404, detail="Artist not found")
    return STORED[id]


@app.post("/artist/", status_code=201)
async def create_artist(artist: ArtistIn) -> Artist:
    return Artist(id="20", **artist.model_dump())


@app.patch("/artist/{id}/")
async def update_artist(id: str, artist: ArtistPatch) -> Artist:
    if id not in STORED:
        raise HTTPException(status_code=404, detail="Artist not found")
    return STORED[id].model_copy(update=artist.model_dump(exclude_unset=True))
