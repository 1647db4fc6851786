#% filter replace("Artist", cookiecutter.resource_class)
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=100)]


class ArtistIn(Struct):
    """What a client sends."""

    name: Name


class Artist(Struct):
    """What a client gets."""

    id: UUID
    name: Name


ArtistList = list[Artist]
#% endfilter
