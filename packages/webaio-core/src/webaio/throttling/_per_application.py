"""What is set up once for an application, and holds for those below it."""

from collections.abc import AsyncIterator, Callable
from typing import Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

from aiohttp import web

from webaio.exceptions import ImproperlyConfigured

Setting = TypeVar("Setting")


class Opened(Protocol):
    """What is opened and closed with an application."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


class PerApplication(Generic[Setting]):
    """One setting of applications; those without a setup have their parent's, or the default."""

    def __init__(
        self, key: web.AppKey[Setting], default: Callable[[], Setting], where: str
    ) -> None:
        self._key = key
        self._default = default
        self._where = where
        self._found = WeakKeyDictionary[web.Application, Setting]()

    def set(self, app: web.Application, setting: Setting, store: Opened) -> None:
        """Set an application up, with a store; raises `ImproperlyConfigured` for a second time."""
        if self._key in app:
            raise ImproperlyConfigured(
                self._where, "this application is set up already", "Call it once"
            )
        app[self._key] = setting

        async def run(_: web.Application) -> AsyncIterator[None]:
            await store.open()
            try:
                yield
            finally:
                await store.close()

        app.cleanup_ctx.append(run)

    def own(self, app: web.Application) -> Setting | None:
        """Give what an application itself was set up with."""
        return app.get(self._key)

    def of(self, request: web.Request) -> Setting:
        """Give what a request's application was set up with, or its nearest parent."""
        found = self._found.get(request.app)
        if found is None:
            found = request.config_dict.get(self._key)
            if found is None:
                root = request.match_info.apps[0]
                found = self._found.get(root) or self._default()
                self._found[root] = found
            self._found[request.app] = found
        return found
