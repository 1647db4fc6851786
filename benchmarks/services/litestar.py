"""Litestar: a controller, with msgspec's structs."""

from typing import Annotated, Final

from litestar import Controller, Litestar, get, post
from litestar.exceptions import NotFoundException
from msgspec import Meta, Struct, convert

from benchmarks.services.artists import ARTISTS


class ArtistIn(Struct):
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    born: int | None
    tags: list[str]


class Artist(Struct):
    id: str
    name: str
    born: int | None
    tags: list[str]


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
        return Artist(id="20", name=data.name, born=data.born, tags=data.tags)


app: Final = Litestar(route_handlers=[ArtistController])
