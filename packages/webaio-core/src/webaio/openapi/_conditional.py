"""What conditions add to an operation."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from aiohttp import hdrs

from webaio.conditions._if_match import documented, header_of
from webaio.conditions._preconditions import SAFE
from webaio.conditions._version import Version
from webaio.exceptions import BadRequest, PreconditionFailed
from webaio.parameters import Documentation
from webaio.parameters._openapi import header_object, parameter_object
from webaio.routers._action import Action
from webaio.routers._conditional import conditional_of

_NOT_MODIFIED: Final = 304
_DATE: Final = {"type": "string", "description": "A time as HTTP writes it."}


def conditions_taken(action: Action, method: str) -> Iterator[Documentation]:
    """Give the headers by which a request may say conditions, and the errors that they bring."""
    conditional = conditional_of(action)
    version = None if conditional is None else conditional.version
    if conditional is None or version is None:
        return
    if method in SAFE:
        if conditional.is_told:
            names = [hdrs.IF_MODIFIED_SINCE] if version.last_modified else []
            words = "Send 304 where the ETag is one of these."
            yield Documentation(tuple(_headers(version, words, names)), errors=(BadRequest,))
    elif conditional.checks and action.has_item:
        if version.etag is not None:
            yield documented(is_required=conditional.requires)
        names = [hdrs.IF_UNMODIFIED_SINCE] if version.last_modified else []
        words = "Do it only where the ETag is none of these."
        yield Documentation(
            tuple(_headers(version, words, names)), errors=(BadRequest, PreconditionFailed)
        )


def with_tags(
    found: Mapping[int, dict[str, Any]], action: Action, method: str
) -> dict[int, dict[str, Any]]:
    """Add the headers of an item to answers that have one, and the answer for who has it already."""
    conditional = conditional_of(action)
    version = None if conditional is None else conditional.version
    if conditional is None or version is None or not conditional.is_told:
        return dict(found)
    headers = dict(_told(version))
    told = {
        status: {**each, "headers": {**headers, **each.get("headers", {})}}
        if "content" in each
        else each
        for status, each in found.items()
    }
    if method in SAFE:
        told[_NOT_MODIFIED] = {"description": "Not Modified", "headers": headers}
    return told


def _headers(version: Version, words: str, dates: Iterable[str]) -> Iterator[dict[str, Any]]:
    if version.etag is not None:
        yield header_of(hdrs.IF_NONE_MATCH, words)
    for name in dates:
        yield parameter_object(name, "header", _DATE, is_required=False)


def _told(version: Version) -> Iterator[tuple[str, dict[str, Any]]]:
    if version.etag is not None:
        tag = {"type": "string", "pattern": '^"[!#-~]*"$', "description": "The version."}
        yield "ETag", header_object(tag)
    if version.last_modified is not None:
        yield hdrs.LAST_MODIFIED, header_object(_DATE)
