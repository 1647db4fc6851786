"""The answers to a request that breaks the contract: aiohttp's exceptions with a problem (RFC 9457)."""

from collections.abc import Sequence
from typing import Any

import msgspec
from aiohttp import web

from webaio.schemas import Fault, Invalid

from ._parameter import Source


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


def invalid(request: web.Request, faults: Sequence[tuple[Source, Fault]]) -> web.HTTPException:
    """Make the 422 of values that break their schemas, with every fault."""
    errors = [
        {"in": source, "pointer": each.pointer, "code": each.code, "detail": each.detail}
        for source, each in faults
    ]
    title = "Unprocessable Content"
    content = _content(request, 422, title, "invalid", "Invalid input.", errors=errors)
    return web.HTTPUnprocessableEntity(**content)


def told_faults(request: web.Request, error: Invalid, *, has_body: bool) -> web.HTTPException:
    """Make the 422 of faults that an action tells itself: of the body, or of the query."""
    source: Source = "body" if has_body else "query"
    return invalid(request, [(source, each) for each in error.faults])


def _content(
    request: web.Request, status: int, title: str, code: str, detail: str, **members: Any
) -> dict[str, Any]:
    problem = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        **members,
        "instance": request.rel_url.raw_path.encode("ascii", "replace").decode(),
    }
    text = msgspec.json.encode(problem).decode()
    return {"text": text, "content_type": "application/problem+json", "reason": title}
