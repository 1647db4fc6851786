from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from aiohttp import web

from webaio.authentication import BaseAuthentication
from webaio.conditions._idempotent import Idempotent
from webaio.decorators._operation import Operation
from webaio.decorators._words import Middleware
from webaio.exceptions import APIException, NotFound
from webaio.permissions import Permissions
from webaio.renderers import BaseRenderer
from webaio.renderers._words import JSON_ALONE
from webaio.throttling import Rate


class BaseViewSet:
    """A set of views on one resource; its async methods are the actions that a router serves.

    Six names are known: `list` and `create` on the collection; `detail`, `update`,
    `partial_update` and `destroy` on one item. Define those you need. Other methods become actions
    when `webaio.decorators.action` marks them; the rest are yours alone.

    An action takes the request, as in the tutorial, or `self` and the request, or what its
    signature says: parameters that are read, checked and passed, and a result that is written as
    JSON. With `self` each request gets an instance of its own, with the request in `self.request`,
    the action's name in `self.action` and the application in `self.app`; without it there is no
    instance, and state is kept in class attributes.

        class ArtistViewSet(BaseViewSet):
            async def list(self, limit: Annotated[int, Meta(ge=1)] = 10) -> Artists:
                return ARTISTS[:limit]
    """

    lookup_url_kwarg: ClassVar[str] = "id"
    """The name of the item's part of the URL: `request.match_info["id"]`."""

    lookup_field: ClassVar[str | None] = None
    """The member of a result that is its key, where it has not the name that the URL has.

    For a `pk` or an `artist_id` there `id` is looked for too.
    """

    lookup_value_regex: ClassVar[str] = r"[^{}/]+"
    """What that part may look like; another value is a 404."""

    operations: ClassVar[Mapping[str, Operation]] = MappingProxyType({})
    """Words of actions, by their names, that the viewset has from a base: `operation(...)`."""

    middlewares: ClassVar[Sequence[Middleware]] = ()
    """Middlewares of aiohttp's kind around each action, the first outermost."""

    authentication: ClassVar[
        Sequence[BaseAuthentication] | Mapping[str, Sequence[BaseAuthentication]]
    ] = ()
    """The ways to find out who asks; of actions by their names, and of the others by `"*"`."""

    permissions: ClassVar[Permissions] = None
    """Who may; of actions by their names, and of the others by `"*"`."""

    throttles: ClassVar[Sequence[Rate] | Mapping[str, Sequence[Rate]]] = ()
    """How often; of actions by their names, and of the others by `"*"`."""

    renderers: ClassVar[Sequence[BaseRenderer] | Mapping[str, Sequence[BaseRenderer]]] = JSON_ALONE
    """How results are written; of actions by their names, and of the others by `"*"`.

    Of several the header Accept chooses, and the first is for who does not say.
    """

    idempotency: ClassVar[Mapping[str, Idempotent]] = MappingProxyType({})
    """The actions, by their names, that a client may repeat: `idempotent(...)`."""

    not_found: ClassVar[type[APIException]] = NotFound
    """The answer for an item that is not there, and for one that is hidden from who asks.

    Where there are `permissions`, an action on an item begins with `get_object`, a method that takes
    variables of the URL, `async def get_object(self, id: int) -> Artist | None`. What it gives is
    in `self.object` when the permission was asked for it.
    """

    etag: ClassVar[Any] = None
    """The member of an item that is its version, or a function of the item that gives it.

    An answer with an item has it as `ETag`, and a write with `If-Match` is a 412 where the item has
    another by now. The item that a write is compared with, `get_object` gives.
    """

    last_modified: ClassVar[Any] = None
    """The member of an item, or a function of it, that is the time of its last change."""

    require_if_match: ClassVar[bool] = False
    """Whether a write of an item without `If-Match` is refused, with a 428."""

    request: web.Request
    action: str
    object: Any
    parent: Any
    """The item of the viewset that it is registered below, `parent=`, as its `get_object` gave it."""

    @property
    def app(self) -> web.Application:
        """The application that serves the request; a sub-application where there is one.

        What the application above has, `self.request.config_dict[KEY]` finds, too.
        """
        return self.request.app

    async def before(self) -> None:
        """Run before each action, and before its parameters are read; raise to refuse the request.

        An action of a viewset that defines it must take `self`.
        """

    async def after(self, response: web.StreamResponse) -> None:
        """Run after each action that gave a response, before it is sent; it may add headers.

        An action of a viewset that defines it must take `self`.
        """
