"""Type-checked, and never run: the signatures of conditions."""

from typing import assert_type

from msgspec import Struct

from webaio.conditions import IfMatch
from webaio.exceptions import PreconditionFailed
from webaio.results import Created
from webaio.viewsets import BaseViewSet


class Artist(Struct):
    id: int
    version: int


class ArtistViewSet(BaseViewSet):
    etag = "version"
    last_modified = None
    require_if_match = True

    async def get_object(self, id: int) -> Artist | None: ...

    async def update(self, id: int, body: Artist, version: IfMatch) -> Artist | Created[Artist]:
        assert_type(version.tags, frozenset[str])
        assert_type(version.is_any, bool)
        assert_type(version.matches(3), bool)
        assert_type(version.failed(), PreconditionFailed)
        version.require("a")
        return Created(body)

    async def partial_update(self, id: int, version: IfMatch | None = None) -> Artist:
        assert_type(version, IfMatch | None)
        return Artist(id, 1)


class ByFunction(BaseViewSet):
    etag = staticmethod(lambda artist: artist.version)
