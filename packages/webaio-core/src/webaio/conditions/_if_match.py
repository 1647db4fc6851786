from __future__ import annotations  # of a class that its source gives

from typing import Any, ClassVar, Final

from aiohttp import hdrs, web

from webaio.exceptions import (
    BadRequest,
    ImproperlyConfigured,
    PreconditionFailed,
    PreconditionRequired,
)
from webaio.parameters import Documentation, Inputs, Parameter, Source
from webaio.parameters._openapi import parameter_object
from webaio.parameters._source import Reader
from webaio.schemas import Components

from ._entity_tags import EntityTags, opaque_tag, sent_tags

_TAG: Final = r'(W/)?"[!#-~\u0080-\u00ff]*"'
TAGS: Final = rf"^(\*|[ \t,]*({_TAG}([ \t]*,[ \t,]*{_TAG})*[ \t,]*)?)$"
"""The pattern of a header of tags."""


class IfMatch(EntityTags):
    """The versions that a client has read: the header If-Match. An action that takes it compares.

        async def update(self, id: int, body: ArtistIn, version: IfMatch) -> Artist:
            artist = ARTISTS[id]
            version.require(artist.version)

    Without a default a request without the header is a 428; `version: IfMatch | None = None` may be
    left out. A malformed header is a 400.

    `tags` are the versions as texts, for a statement of your own, and `is_any` is true for `*`,
    which stands for each version. A tag that says it is weak is not among them.
    """

    __slots__ = ()
    __source__: ClassVar[Source]

    def matches(self, version: object) -> bool:
        """Tell whether a version is among them; raises `TypeError` for what is none."""
        return self.is_any or opaque_tag(version) in self.tags

    def require(self, version: object) -> None:
        """Refuse the write where the item has another version by now.

        Raises `PreconditionFailed`, a 412.
        """
        if not self.matches(version):
            raise self.failed()

    def failed(self) -> PreconditionFailed:
        """Make the 412; it says where a weak tag may come from."""
        if not self.weak_tags:
            return PreconditionFailed("It was changed since you read it.")
        weak = min(self.weak_tags)
        return PreconditionFailed(
            f'W/"{weak}" is weak, and If-Match compares strong tags alone: a proxy that compresses '
            "makes them weak."
        )


def if_match_in(request: web.Request) -> IfMatch | None:
    """Give what the header says; raises `BadRequest` for a malformed one."""
    found = sent_tags(request, hdrs.IF_MATCH)
    return None if found is None else IfMatch(*found)


def required() -> PreconditionRequired:
    """Make the 428 of a write that must say what was read."""
    return PreconditionRequired("Send If-Match, with the ETag of what you have read.")


class _Source(Source):
    """The header If-Match."""

    __slots__ = ()
    location = "header"

    def reader(self, parameter: Parameter, inputs: Inputs) -> Reader:
        if not parameter.is_required and parameter.default is not None:
            raise ImproperlyConfigured(
                parameter.where, "its default is no None", "Write `IfMatch | None = None`"
            )
        is_required = parameter.is_required

        def read(request: web.Request) -> IfMatch | None:
            found = if_match_in(request)
            if found is None and is_required:
                raise required()
            return found

        return read

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        return documented(is_required=parameter.is_required)


def documented(*, is_required: bool) -> Documentation:
    """Tell of If-Match, and of the errors that it brings."""
    errors: tuple[Any, ...] = (BadRequest, PreconditionFailed)
    return Documentation(
        (header_of(hdrs.IF_MATCH, "The ETag of what was read.", is_required=is_required),),
        errors=(*errors, PreconditionRequired) if is_required else errors,
    )


def header_of(name: str, description: str, *, is_required: bool = False) -> dict[str, Any]:
    """Describe a header of tags."""
    schema = {"type": "string", "pattern": TAGS, "description": description}
    return parameter_object(name, "header", schema, is_required=is_required)


IfMatch.__source__ = _Source()
