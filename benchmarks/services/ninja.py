"""django-ninja, with its schemas."""

from typing import Annotated, Any, Final

from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="the benchmark's",
    LOGGING={"version": 1, "loggers": {"django.request": {"level": "CRITICAL"}}},
)

from django.core.wsgi import get_wsgi_application  # it needs the settings

application: Final = get_wsgi_application()

from django.http import HttpRequest
from django.urls import path
from ninja import NinjaAPI, PatchDict, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from benchmarks.services.artists import ARTISTS


class Album(Schema):
    title: Annotated[str, Field(min_length=1, max_length=100)]
    year: int | None = None


class ArtistIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    born: int | None = None
    tags: list[str] = Field(default_factory=list)
    albums: list[Album] = Field(default_factory=list)


class Artist(ArtistIn):
    id: str


api: Final = NinjaAPI()


@api.get("/artist/", response=list[Artist])
def list_artists(request: HttpRequest) -> list[dict[str, Any]]:
    return [*ARTISTS.values()]


@api.get("/artist/{id}/", response=Artist)
def detail_artist(request: HttpRequest, id: str) -> dict[str, Any]:
    if id not in ARTISTS:
        raise HttpError(404, "Artist not found")
    return ARTISTS[id]


@api.post("/artist/", response={201: Artist})
def create_artist(request: HttpRequest, artist: ArtistIn) -> Any:
    return Status(201, {"id": "20", **artist.dict()})


@api.patch("/artist/{id}/", response=Artist)
def update_artist(request: HttpRequest, id: str, artist: PatchDict[ArtistIn]) -> dict[str, Any]:
    if id not in ARTISTS:
        raise HttpError(404, "Artist not found")
    return {**ARTISTS[id], **artist}


urlpatterns: Final = [path("", api.urls)]
