"""Django REST framework: a viewset over a queryset, with a connection that is kept.

Who asks is found by an authentication of its own, as its pages have it.
"""

from typing import Any, Final
from urllib.parse import urlsplit

import jwt
from django.conf import settings

from benchmarks.articles import NAME, SECRET
from benchmarks.services.conduit import DATABASE_URL

url: Final = urlsplit(DATABASE_URL)

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    APPEND_SLASH=False,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path[1:],
            "USER": url.username,
            "PASSWORD": url.password,
            "HOST": url.hostname,
            "PORT": url.port,
            "CONN_MAX_AGE": None,
        }
    },
    INSTALLED_APPS=["rest_framework", "benchmarks.services.conduit.articles"],
    REST_FRAMEWORK={
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "PAGE_SIZE": 20,
        "UNAUTHENTICATED_USER": None,
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY=SECRET,
    TIME_ZONE="UTC",
    USE_TZ=True,
    LOGGING={"version": 1, "loggers": {"django.request": {"level": "CRITICAL"}}},
)

from django.core.wsgi import get_wsgi_application  # it needs the settings

application: Final = get_wsgi_application()

from django.db.models import Count, Exists, OuterRef, Subquery  # they need the applications
from django.db.models.functions import Coalesce
from rest_framework import (
    authentication,
    exceptions,
    pagination,
    permissions,
    response,
    routers,
    serializers,
    viewsets,
)

from benchmarks.services.conduit.articles.models import Article, Favorite, Follow, User


class TokenAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request: Any) -> tuple[User, None] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Token":
            return None
        try:
            claims = jwt.decode(token, SECRET, ["HS256"], audience=NAME, issuer=NAME)
            return User.objects.get(pk=int(claims["sub"])), None
        except (jwt.InvalidTokenError, User.DoesNotExist):
            raise exceptions.AuthenticationFailed from None

    def authenticate_header(self, request: Any) -> str:
        return "Token"


class ProfileSerializer(serializers.ModelSerializer):
    following = serializers.BooleanField(source="is_followed")

    class Meta:
        model = User
        fields = ("username", "bio", "image", "following")


class ArticleSerializer(serializers.ModelSerializer):
    createdAt = serializers.DateTimeField(source="created_at")  # noqa: N815  # as on the wire
    updatedAt = serializers.DateTimeField(source="updated_at")  # noqa: N815  # as on the wire
    favorited = serializers.BooleanField()
    favoritesCount = serializers.IntegerField(source="favorites_count")  # noqa: N815  # as on the wire
    author = serializers.SerializerMethodField()
    tagList = serializers.SerializerMethodField()  # noqa: N815  # as on the wire

    class Meta:
        model = Article
        fields = (
            *("slug", "title", "description", "createdAt", "updatedAt"),
            *("favorited", "favoritesCount", "author", "tagList"),
        )

    def get_author(self, article: Any) -> dict[str, Any]:
        article.author.is_followed = article.is_followed
        return ProfileSerializer(article.author).data

    def get_tagList(self, article: Any) -> list[str]:  # noqa: N802  # as on the wire
        return sorted(tag.name for tag in article.tags.all())


class ArticlePagination(pagination.LimitOffsetPagination):
    max_limit = 100

    def get_paginated_response(self, data: Any) -> response.Response:
        return response.Response({"articles": data, "articlesCount": self.count})


class ArticleViewSet(viewsets.ReadOnlyModelViewSet):
    authentication_classes = (TokenAuthentication,)
    permission_classes = (permissions.IsAuthenticated,)
    pagination_class = ArticlePagination
    serializer_class = ArticleSerializer

    def get_queryset(self) -> Any:
        user = self.request.user
        count = Favorite.objects.filter(article=OuterRef("pk")).values("article")
        own = Favorite.objects.filter(article=OuterRef("pk"), user=user)
        followed = Follow.objects.filter(followed=OuterRef("author"), follower=user)
        return (
            Article.objects.select_related("author")
            .prefetch_related("tags")
            .annotate(
                favorites_count=Coalesce(Subquery(count.annotate(n=Count("*")).values("n")), 0),
                favorited=Exists(own),
                is_followed=Exists(followed),
            )
            .order_by("-id")
        )


router: Final = routers.SimpleRouter(trailing_slash=False)
router.register("api/articles", ArticleViewSet, basename="article")
urlpatterns: Final = router.urls
