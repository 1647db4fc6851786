from aiohttp import web


async def index(request: web.Request) -> web.StreamResponse:
    """Say that the application works."""
    return web.json_response({"app": "{{ cookiecutter.app_name }}"})
