from aiohttp import web

routespatters: list[web.AbstractRouteDef] = []
