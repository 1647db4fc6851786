"""Django REST framework: a model viewset, with a connection that is kept."""

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from benchmarks.services.data import DATABASE_URL

url: Final = urlsplit(DATABASE_URL)
SQLITE: Final = {"ENGINE": "django.db.backends.sqlite3", "NAME": url.path[1:]}
POSTGRESQL: Final = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": url.path[1:],
    "USER": url.username,
    "PASSWORD": url.password,
    "HOST": url.hostname,
    "PORT": url.port,
    "CONN_MAX_AGE": None,
}

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": SQLITE if url.scheme.startswith("sqlite") else POSTGRESQL},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "PAGE_SIZE": 20,
        "UNAUTHENTICATED_USER": None,
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY="the benchmark's",
    LOGGING={"version": 1, "loggers": {"django.request": {"level": "CRITICAL"}}},
)

from django.core.wsgi import get_wsgi_application  # it needs the settings

application: Final = get_wsgi_application()

from django.db import models  # they need the applications
from rest_framework import serializers, viewsets
from rest_framework.routers import SimpleRouter


class Artist(models.Model):
    name = models.CharField(max_length=100)
    born = models.IntegerField(null=True, db_index=True)

    class Meta:
        app_label = "benchmarks"
        db_table = "artist"


class ArtistSerializer(serializers.ModelSerializer):
    class Meta:
        model = Artist
        fields = ("id", "name", "born")


class ArtistViewSet(viewsets.ModelViewSet):
    queryset = Artist.objects.order_by("id")
    serializer_class = ArtistSerializer


router: Final = SimpleRouter()
router.register("artist", ArtistViewSet)
urlpatterns: Final = router.urls
