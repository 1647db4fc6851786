"""django-ninja, with its schemas."""

from typing import Annotated, Any, Final

from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="the benchmark's",
    LOGGING={"version": 1, "loggers": {"django.request": {"level": "CRITICAL"}}},
)

from django.core.wsgi import get_wsgi_application  # noqa: E402: it needs the settings

application: Final = get_wsgi_application()

from django.http import HttpRequest  # noqa: E402
from django.urls import path  # noqa: E402
from ninja import NinjaAPI, Schema, Status  # noqa: E402
from ninja.errors import HttpError  # noqa: E402
from pydantic import Field  # noqa: E402

from benchmarks.services.artists import ARTISTS  # noqa: E402


class ArtistIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    born: int | None
    tags: list[str]


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


urlpatterns: Final = [path("", api.urls)]
