#% filter replace("Artist", cookiecutter.resource_class)
#% filter replace('from typing import Annotated\nfrom uuid import UUID\n\nfrom msgspec import Meta, Struct\n', cookiecutter.model_imports)
#% filter replace('    name: Annotated[str, Meta(min_length=1, max_length=100)]\n', cookiecutter.received)
#% filter replace('    name: str\n', cookiecutter.sent)
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct


class ArtistIn(Struct):
    """What a client sends."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]


class Artist(Struct):
    """What a client gets."""

    id: UUID
    name: str


ArtistList = list[Artist]
#% endfilter
#% endfilter
#% endfilter
#% endfilter
