"""Litestar: a controller, with msgspec's structs."""

from copy import copy
from typing import Annotated, Final

from litestar import Controller, Litestar, get, patch, post
from litestar.dto import DTOConfig, DTOData, MsgspecDTO
from litestar.exceptions import NotFoundException
from msgspec import Meta, Struct, convert

from benchmarks.services.artists import ARTISTS


class Album(Struct):
    title: Annotated[str, Meta(min_length=1, max_length=100)]
    year: int | None = None


class ArtistIn(Struct):
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    born: int | None = None
    tags: list[str] = []
    albums: list[Album] = []


class Artist(Struct):
    id: str
    name: str
    born: int | None = None
    tags: list[str] = []
    albums: list[Album] = []


class ArtistPatch(MsgspecDTO[Artist]):
    config = DTOConfig(exclude={"id"}, partial=True)


STORED: Final = {key: convert(artist, Artist) for key, artist in ARTISTS.items()}


class ArtistController(Controller):
    path = "/artist"

    @get()
    async def list_artists(self) -> list[Artist]:
        return [*STORED.values()]

    @get("/{id:str}")
    async def detail_artist(self, id: str) -> Artist:
        if id not in STORED:
            raise NotFoundException(detail="Artist not found")
        return STORED[id]

    @post()
    async def create_artist(self, data: ArtistIn) -> Artist:
        return Artist("20", data.name, data.born, data.tags, data.albums)

    @patch("/{id:str}", dto=ArtistPatch, return_dto=None)
    async def update_artist(self, id: str, data: DTOData[Artist]) -> Artist:
        if id not in STORED:
            raise NotFoundException(detail="Artist not found")
        artist: Artist = data.update_instance(copy(STORED[id]))
        return artist


app: Final = Litestar(route_handlers=[ArtistController])
