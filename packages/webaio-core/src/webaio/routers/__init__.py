"""Routers: they turn viewsets into aiohttp's own route definitions.

router = SimpleRouter()
router.register(ArtistViewSet, basename="artist")
app.add_routes(router.routespatters)
"""

from typing import TYPE_CHECKING

from ._default_router import DefaultRouter
from ._simple_router import SimpleRouter

__all__ = ["DefaultRouter", "SimpleRouter"]

if not TYPE_CHECKING:
    from webaio.schemas._moved import getattr_of

    from . import _action, _handler, _resource

    __getattr__ = getattr_of(
        __name__,
        private={
            "Action": _action.Action,
            "Place": _action.Place,
            "action_served": _handler.action_served,
            "is_refusal": _resource.is_refusal,
        },
    )
