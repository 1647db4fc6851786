from typing import Final

from aiohttp import web

from webaio.configuration import ImproperlyConfigured

from ._page import page

_PATH: Final = "/swagger"
_TEXT: Final = web.AppKey("webaio_openapi_page", list[str])


def setup(app: web.Application, *, title: str = "API", version: str = "0.1.0") -> None:
    """Add `GET /swagger`: a page that lists the operations of the application and its sub-apps.

    The page is written once, when the application starts, so call this before or after the routes
    are added. Raises `ImproperlyConfigured` when it is called twice for one application.

        app = web.Application()
        openapi.setup(app, title="Artists", version="1.0.0")
    """
    if _TEXT in app:
        raise ImproperlyConfigured(
            "openapi.setup", "this application has its page already", "Call it once"
        )
    app[_TEXT] = []

    async def write(app: web.Application) -> None:
        others = (route for route in app.router.routes() if route.handler is not _show)
        app[_TEXT][:] = [page(str(title), str(version), others)]

    app.on_startup.append(write)
    app.router.add_get(_PATH, _show)


async def _show(request: web.Request) -> web.StreamResponse:
    """Show this page."""
    return web.Response(text=request.app[_TEXT][0], content_type="text/html")
