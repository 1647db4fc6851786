"""Routers: they turn viewsets into aiohttp's own route definitions.

router = SimpleRouter()
router.register(ArtistViewSet, basename="artist")
app.add_routes(router.routespatters)
"""

from ._action import Action, Place
from ._default_router import DefaultRouter
from ._handler import action_served
from ._resource import is_refusal
from ._simple_router import SimpleRouter

__all__ = ["Action", "DefaultRouter", "Place", "SimpleRouter", "action_served", "is_refusal"]
