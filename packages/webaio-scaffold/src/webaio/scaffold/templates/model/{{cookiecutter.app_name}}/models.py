#% filter replace("Artist", cookiecutter.resource_class)
#% filter replace('from msgspec import Struct\nfrom webaio.sqlalchemy import Text100\n', cookiecutter.model_imports)
#% filter replace('    name: Text100\n', cookiecutter.received)
#% filter replace('    name: str\n', cookiecutter.sent)
from msgspec import Struct
from webaio.sqlalchemy import Text100


class ArtistIn(Struct):
    """What a client sends."""

    name: Text100


class ArtistOut(Struct):
    """What a client gets."""

    id: int
    name: str
#% endfilter
#% endfilter
#% endfilter
#% endfilter
