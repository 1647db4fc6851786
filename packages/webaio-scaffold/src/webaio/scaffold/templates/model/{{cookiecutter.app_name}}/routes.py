#% filter replace("Artist", cookiecutter.resource_class)
from aiohttp import web
from webaio.routers import SimpleRouter

from .views import ArtistViewSet

router = SimpleRouter()
router.register(ArtistViewSet, basename="{{ cookiecutter.resource_path }}")

routespatters: list[web.AbstractRouteDef] = router.routespatters
#% endfilter
