"""BlackSheep: pydantic's model for the body, dataclasses for the answers, orjson as its encoder."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import orjson
from blacksheep import Application, FromJSON, Response, created, get, patch, post
from blacksheep.exceptions import NotFound
from blacksheep.settings.json import json_settings
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


@dataclass
class Artist:
    id: str
    name: str
    born: int | None
    tags: list[str]
    albums: list[dict[str, Any]]


def dumps(data: Any) -> str:
    encoded: bytes = orjson.dumps(data)
    return encoded.decode()


json_settings.use(loads=orjson.loads, dumps=dumps)
STORED: Final = {key: Artist(**artist) for key, artist in ARTISTS.items()}
app: Final = Application()


@get("/artist/")
async def list_artists() -> list[Artist]:
    return [*STORED.values()]


@get("/artist/{id}/")
async def detail_artist(id: str) -> Artist:
    if id not in STORED:
        raise NotFound
    return STORED[id]


@post("/artist/")
async def create_artist(data: FromJSON[ArtistIn]) -> Response:
    artist = Artist(id="20", **data.value.model_dump())
    return created(artist, location="/artist/20/")


@patch("/artist/{id}/")
async def update_artist(id: str, data: FromJSON[ArtistPatch]) -> Artist:
    if id not in STORED:
        raise NotFound
    return replace(STORED[id], **data.value.model_dump(exclude_unset=True))
