"""Django REST framework: a viewset with a serializer."""

from typing import Any, Final

from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY="the benchmark's",
    LOGGING={"version": 1, "loggers": {"django.request": {"level": "CRITICAL"}}},
)

from django.core.wsgi import get_wsgi_application  # it needs the settings

application: Final = get_wsgi_application()

from rest_framework import serializers, viewsets  # they need the applications
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from benchmarks.services.artists import ARTISTS


class AlbumSerializer(serializers.Serializer):
    title = serializers.CharField(max_length=100)
    year = serializers.IntegerField(allow_null=True, default=None)


class ArtistSerializer(serializers.Serializer):
    id = serializers.CharField(read_only=True)
    name = serializers.CharField(max_length=100)
    born = serializers.IntegerField(allow_null=True, default=None)
    tags = serializers.ListField(child=serializers.CharField(), default=list)
    albums = AlbumSerializer(many=True, default=list)


class ArtistViewSet(viewsets.ViewSet):
    def list(self, request: Request) -> Response:
        return Response(ArtistSerializer(ARTISTS.values(), many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        if pk not in ARTISTS:
            raise NotFound
        return Response(ArtistSerializer(ARTISTS[pk]).data)

    def create(self, request: Request) -> Response:
        serializer = ArtistSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        artist: dict[str, Any] = {"id": "20", **serializer.validated_data}
        headers = {"Location": "/artist/20/"}
        return Response(ArtistSerializer(artist).data, status=201, headers=headers)

    def partial_update(self, request: Request, pk: str) -> Response:
        if pk not in ARTISTS:
            raise NotFound
        serializer = ArtistSerializer(ARTISTS[pk], data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        artist = {**ARTISTS[pk], **serializer.validated_data}
        return Response(ArtistSerializer(artist).data)


router: Final = SimpleRouter()
router.register("artist", ArtistViewSet, basename="artist")
urlpatterns: Final = router.urls
