"""The conditions of one request, compared with an item (RFC 9110, 13.2.2)."""

from datetime import datetime
from typing import Final

from aiohttp import hdrs, web
from msgspec import Struct

from webaio.exceptions import PreconditionFailed

from ._entity_tags import EntityTags, sent_tags
from ._http_date import sent_date
from ._if_match import IfMatch, if_match_in

SAFE: Final = (hdrs.METH_GET, hdrs.METH_HEAD)


class Preconditions(Struct, frozen=True):
    """What must hold of an item: before it is written, or before an answer tells of it.

    `unmodified_since` is None beside If-Match.
    """

    if_match: IfMatch | None = None
    unmodified_since: datetime | None = None
    if_none_match: EntityTags | None = None

    def require(self, tag: str | None, modified: datetime | None) -> None:
        """Raise `PreconditionFailed` where a condition of a write does not hold of an item."""
        self.require_same(tag, modified)
        if self.if_none_match is not None and self.if_none_match.has(tag):
            raise PreconditionFailed("If-None-Match names what is here.")

    def require_same(self, tag: str | None, modified: datetime | None) -> None:
        """Raise `PreconditionFailed` for an item that is not any more as it was read."""
        if self.if_match is not None and not (self.if_match.is_any or tag in self.if_match.tags):
            raise self.if_match.failed()
        since = self.unmodified_since
        if since is not None and modified is not None and modified.replace(microsecond=0) > since:
            raise PreconditionFailed("It was changed since that time.")

    def without_if_match(self) -> "Preconditions | None":
        """Give the rest, for an action that compares If-Match itself; None where that is nothing."""
        rest = Preconditions(None, self.unmodified_since, self.if_none_match)
        return None if rest == Preconditions() else rest

    def require_absent(self) -> None:
        """Raise `PreconditionFailed` where an item should be there that is to be created."""
        if self.if_match is not None:
            raise PreconditionFailed("There is none that If-Match could mean.")


def preconditions_of(request: web.Request) -> Preconditions | None:
    """Read the conditions of a write; None where there are none. Raises `BadRequest`."""
    headers = request.headers
    if_match, if_none_match = hdrs.IF_MATCH in headers, hdrs.IF_NONE_MATCH in headers
    if not (if_match or if_none_match or hdrs.IF_UNMODIFIED_SINCE in headers):
        return None
    tags = sent_tags(request, hdrs.IF_NONE_MATCH)
    return Preconditions(
        if_match_in(request),
        None if if_match else sent_date(request, hdrs.IF_UNMODIFIED_SINCE),
        None if tags is None else EntityTags(*tags),
    )


def failed(request: web.Request) -> PreconditionFailed:
    """Make the 412 of a request whose conditions do not hold, where a database has compared."""
    tags = if_match_in(request)
    return PreconditionFailed() if tags is None else tags.failed()


def is_unchanged(request: web.Request, tag: str | None, modified: datetime | None) -> bool:
    """Tell whether who reads has the item already; raises what a condition of a write raises."""
    conditions = preconditions_of(request)
    if conditions is not None:
        conditions.require_same(tag, modified)
        if conditions.if_none_match is not None:
            return conditions.if_none_match.has(tag)
    if modified is None or hdrs.IF_MODIFIED_SINCE not in request.headers:
        return False
    since = sent_date(request, hdrs.IF_MODIFIED_SINCE)
    return since is not None and modified.replace(microsecond=0) <= since
