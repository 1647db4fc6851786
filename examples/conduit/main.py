import logging

from aiohttp import web
from webaio import openapi, permissions, sqlalchemy, throttling
from webaio.cors import setup as allow_origins
from webaio.middlewares import exception_handler, request_id_middleware

import health
import settings
from conduit.errors import errors_of
from conduit.routes import router

MIDDLEWARES = [
    health.close_connection,
    request_id_middleware,
    exception_handler(problem=errors_of, media_type="application/json"),
]


def create_app(database_url: str | None = None) -> web.Application:
    """Make the application, on the database of the settings where no other one is named."""
    app = web.Application(middlewares=MIDDLEWARES)
    sqlalchemy.setup(app, database_url or settings.DATABASE_URL)
    health.setup(app)
    app.add_routes(router.routespatters)
    allow_origins(app, settings.ORIGINS)
    throttling.setup(app, failures="60/minute")
    openapi.setup(
        app,
        title="Conduit",
        description="The RealWorld API: articles, comments, tags and who follows whom.",
        permission=permissions.Anyone(),
        swagger=settings.SWAGGER,
    )
    permissions.setup(app, undeclared="refuse")
    return app


async def get_web_app() -> web.Application:
    """Make the application, for each test."""
    return create_app()


# For the development server; gunicorn has its own logging, and its own application (runner.py).
logging.getLogger("adev").propagate = False  # it writes its lines itself
logging.basicConfig(
    level=settings.LOG_LEVEL,
    format="[%(asctime)s] %(levelname)s %(name)s: %(message)s",
    datefmt="%H:%M:%S",
)
app = create_app()
