import logging

from aiohttp import web
#% if cookiecutter.database
from webaio import openapi, sqlalchemy, streams
#% else
from webaio import openapi, streams
#% endif
from webaio.middlewares import exception_handler, request_id_middleware

import health
import settings
from routes import routespatters

# From /artist to /artist/ it redirects: where only the slash at the end is wrong.
api_exception_handler = exception_handler(redirect_slashes=True)
MIDDLEWARES = [health.close_connection, request_id_middleware, api_exception_handler]


def create_app() -> web.Application:
    app = web.Application(middlewares=MIDDLEWARES)
    #% if cookiecutter.database
    sqlalchemy.setup(app, settings.DATABASE_URL)
    #% endif
    health.setup(app)
    streams.setup(app)
    app.add_routes(routespatters)
    openapi.setup(
        app,
        title={{ cookiecutter.project_name_literal }},
        description={{ cookiecutter.description_literal }},
        swagger=settings.SWAGGER,
    )
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
