from aiohttp import web

from ._page import page


def setup(app: web.Application, *, title: str = "API", version: str = "0.1.0") -> None:
    """Add `GET /swagger`: a page that lists the operations of the application and its sub-apps.

    The page is written once, when the application starts, so call this before or after the routes
    are added.

        app = web.Application()
        openapi.setup(app, title="Artists", version="1.0.0")
    """
    text = ""

    async def write(app: web.Application) -> None:
        nonlocal text
        others = (route for route in app.router.routes() if route.handler is not swagger)
        text = page(title, version, others)

    async def swagger(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type="text/html")

    app.on_startup.append(write)
    app.router.add_get("/swagger", swagger)
