#% filter replace("Artist", cookiecutter.resource_class)
from webaio.sqlalchemy import ModelViewSet

from .models import ArtistIn, ArtistOut
from .tables import Artist


#% if cookiecutter.resource_class | length > 17
class ArtistViewSet(
    ModelViewSet[Artist, ArtistOut, ArtistIn],
):
    """List, create, show, replace, change and delete them."""
#% else
class ArtistViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    """List, create, show, replace, change and delete them."""
#% endif
#% endfilter
