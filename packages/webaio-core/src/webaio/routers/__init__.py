"""Routers: they turn viewsets into aiohttp's own route definitions.

router = SimpleRouter()
router.register(ArtistViewSet, basename="artist")
app.add_routes(router.routespatters)
"""

from ._default_router import DefaultRouter
from ._simple_router import SimpleRouter

__all__ = ["DefaultRouter", "SimpleRouter"]
