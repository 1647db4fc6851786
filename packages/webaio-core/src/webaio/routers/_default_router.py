from collections.abc import Sequence

from aiohttp import web

from webaio.authentication import BaseAuthentication
from webaio.permissions import BasePermission
from webaio.permissions._guarded import guarding_of
from webaio.viewsets import BaseViewSet

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
        self._collections: list[str] = []
        root = self._prefix / "" if trailing_slash or not prefix else self._prefix
        name = f"{self._namespace}api-root"
        self._names.admit({root: name}, type(self).__name__)
        handler = guarding_of(permission, authentication)(self._root)
        self.routespatters += resource(
            root, name, {"GET": handler}, is_indexed=bool(root.variables)
        )

    def register(
        self,
        viewset: type[BaseViewSet],
        basename: str,
        *,
        parent: type[BaseViewSet] | str | None = None,
        shallow: bool = False,
        singleton: bool = False,
    ) -> None:
        """Add the routes of the viewset's actions, and its collection to the root; it is in no parent."""
        super().register(viewset, basename, parent=parent, shallow=shallow, singleton=singleton)
        has_root = singleton or any(
            getattr(viewset, name, None) is not None for name in ("list", "create")
        )
        if has_root and parent is None:
            self._collections.append(basename)

    async def _root(self, request: web.Request) -> web.StreamResponse:
        """List the collections."""
        root = request.rel_url.raw_path.rstrip("/")
        return web.json_response({name: f"{root}/{name}{self._end}" for name in self._collections})
