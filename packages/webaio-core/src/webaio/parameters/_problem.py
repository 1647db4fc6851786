"""The answers to a request that breaks the contract: aiohttp's exceptions with a problem (RFC 9457)."""

import itertools
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from aiohttp import web

from webaio.schemas import Fault, Invalid

from ._parameter import Source

_INVALID: Final = "Unprocessable Content"
"""The name of the status 422 (RFC 9110, 15.5.21)."""
_PROBLEM_TYPE: Final = "application/problem+json"


def malformed(request: web.Request, detail: str) -> web.HTTPException:
    """Make the 400 of a body that cannot be read."""
    return web.HTTPBadRequest(**_content(request, 400, "Bad Request", "parse_error", detail))


def not_found(request: web.Request) -> web.HTTPException:
    """Make the 404 of a path that its types refuse."""
    return web.HTTPNotFound(**_content(request, 404, "Not Found", "not_found", "Not found."))


def too_large(request: web.Request, limit: int) -> web.HTTPException:
    """Make the 413 of a body of more than `limit` bytes."""
    detail = f"The request's content is larger than {limit} bytes."
    content = _content(request, 413, "Content Too Large", "content_too_large", detail)
    return web.HTTPRequestEntityTooLarge(limit, limit, **content)


def unsupported_media_type(request: web.Request) -> web.HTTPException:
    """Make the 415 of a body that is not JSON; it says what is taken (RFC 9110, 15.5.16)."""
    title = "Unsupported Media Type"
    detail = "The request's content must be JSON: send Content-Type: application/json."
    content = _content(request, 415, title, "unsupported_media_type", detail)
    return web.HTTPUnsupportedMediaType(headers={"Accept": "application/json"}, **content)


def told_faults(request: web.Request, error: Invalid, *, has_body: bool) -> web.HTTPException:
    """Make the 422 of faults that an action tells itself: of the body, or of the query."""
    text = invalid_problem(request, error, has_body=has_body).decode()
    return web.HTTPUnprocessableEntity(text=text, content_type=_PROBLEM_TYPE, reason=_INVALID)


def invalid_problem(request: web.Request, error: Invalid, *, has_body: bool) -> bytes:
    """Write the 422 of values that break their schemas, with every fault.

    What does not say where its faults are has them in the body, or in the query.
    """
    source: Source = "body" if has_body else "query"
    sources = error.sources if isinstance(error, Unbound) else itertools.repeat(source)
    errors = [
        _Error(where, each.pointer, each.code, each.detail)
        for where, each in zip(sources, error.faults, strict=False)
    ]
    return _problem(request, 422, _INVALID, "invalid", "Invalid input.", errors)


class Unbound(Invalid):
    """The faults of a request, of which no arguments can be made, and where each of them is."""

    def __init__(self, found: Sequence[tuple[Source, Fault]]) -> None:
        super().__init__(fault for _, fault in found)
        self.sources = [source for source, _ in found]


def _content(
    request: web.Request, status: int, title: str, code: str, detail: str
) -> dict[str, Any]:
    text = _problem(request, status, title, code, detail).decode()
    return {"text": text, "content_type": _PROBLEM_TYPE, "reason": title}


def _problem(
    request: web.Request,
    status: int,
    title: str,
    code: str,
    detail: str,
    errors: "list[_Error] | msgspec.UnsetType" = msgspec.UNSET,
) -> bytes:
    path = request.rel_url.raw_path
    if not path.isascii():
        path = path.encode("ascii", "replace").decode()
    return _encode(_Problem("about:blank", title, status, detail, code, errors, path))


_encode: Final = msgspec.json.Encoder().encode


class _Error(msgspec.Struct):
    source: Source = msgspec.field(name="in")
    pointer: str
    code: str
    detail: str


class _Problem(msgspec.Struct):
    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[_Error] | msgspec.UnsetType
    instance: str
