from aiohttp import web

from .views import index

routespatters: list[web.AbstractRouteDef] = [
    web.get("/{{ cookiecutter.app_name }}/", index),
]
