from collections.abc import Sequence

from aiohttp import web

from webaio.authentication import BaseAuthentication
from webaio.permissions import BasePermission
from webaio.permissions._guarded import guarding_of

from ._resource import resource
from ._simple_router import SimpleRouter


class DefaultRouter(SimpleRouter):
    """A `SimpleRouter` with a root that lists the collections: `{"artist": "/artist/"}`.

    The root is at `/`, or at the prefix, and is named `api-root`. A viewset without `list` and
    `create` is left out. `permission` and `authentication` are those of the root.
    """

    def __init__(
        self,
        *,
        trailing_slash: bool = True,
        prefix: str = "",
        namespace: str = "",
        check_results: bool | None = None,
        permission: BasePermission | None = None,
        authentication: Sequence[BaseAuthentication] = (),
    ) -> None:
        super().__init__(
            trailing_slash=trailing_slash,
            prefix=prefix,
            namespace=namespace,
            check_results=check_results,
        )
        root = self._prefix / "" if trailing_slash or not prefix else self._prefix
        name = f"{self._namespace}api-root"
        self._names.admit({root: name}, type(self).__name__)
        handler = guarding_of(permission, authentication)(self._root)
        self.routespatters += resource(
            root, name, {"GET": handler}, is_indexed=bool(root.variables)
        )

    async def _root(self, request: web.Request) -> web.StreamResponse:
        """List the collections, and the singletons, that are below no parent."""
        root = request.rel_url.raw_path.rstrip("/")
        names = [each.basename for each in self._places.values() if each.is_at_root]
        return web.json_response({name: f"{root}/{name}{self._end}" for name in names})
