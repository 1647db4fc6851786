from typing import ClassVar

from aiohttp import web


class BaseViewSet:
    """A set of views on one resource; its async methods are the actions that a router serves.

    Six names are known: `list` and `create` on the collection; `detail`, `update`,
    `partial_update` and `destroy` on one item. Define those you need. Other methods become actions
    when `webaio.decorators.action` marks them; the rest are yours alone.

    An action takes the request, as in the tutorial, or `self` and the request. With `self` each
    request gets an instance of its own, with the request in `self.request` and the action's name
    in `self.action`; without it there is no instance, and state is kept in class attributes.

        class ArtistViewSet(BaseViewSet):
            async def list(self, request):
                return web.json_response([])
    """

    lookup_url_kwarg: ClassVar[str] = "id"
    """The name of the item's part of the URL: `request.match_info["id"]`."""

    lookup_value_regex: ClassVar[str] = r"[^{}/]+"
    """What that part may look like; another value is a 404."""

    request: web.Request
    action: str
