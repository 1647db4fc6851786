from aiohttp import web
from webaio import openapi
from webaio.middlewares import api_exception_handler, request_id_middleware

import settings
from routes import routespatters


def create_app() -> web.Application:
    app = web.Application(middlewares=[request_id_middleware, api_exception_handler])
    app.add_routes(routespatters)
    openapi.setup(app, title={{ cookiecutter.project_name_literal }}, swagger=settings.SWAGGER)
    return app


async def get_web_app() -> web.Application:
    """Make the application, for gunicorn and for each test."""
    return create_app()


# For the development server.
app = create_app()
