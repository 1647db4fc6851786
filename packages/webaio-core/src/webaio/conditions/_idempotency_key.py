"""What a request says of itself: its key, and its fingerprint."""

import re
from hashlib import sha256
from typing import Final

import msgspec
from aiohttp import hdrs, web

from webaio.authentication import identity_of
from webaio.parameters._form_data import parts_sent

from ._idempotency_errors import HEADER, IdempotencyKeyInvalid, IdempotencyKeyRequired

_KEY: Final = r"[!#-+\--\[\]-~]{16,255}"
"""Visible, and none of `"`, `,` and `\\`: a key has one spelling, and two are not one."""
PATTERN: Final = f'^("{_KEY}"|{_KEY})$'
_WRITTEN: Final = re.compile(rf'("?)({_KEY})\1')


def key_in(request: web.Request, *, required: bool) -> str | None:
    """Give the client's key, bare or as the String of RFC 9651; None where there is none.

    Raises `IdempotencyKeyInvalid`, and `IdempotencyKeyRequired` where one is needed.
    """
    values = request.headers.getall(HEADER, ())
    if not values:
        if required:
            raise IdempotencyKeyRequired
        return None
    found = _WRITTEN.fullmatch(values[0]) if len(values) == 1 else None
    if found is None:
        raise IdempotencyKeyInvalid
    return found[2]


def claimed_key(request: web.Request, key: str) -> str:
    """Give the digest of what a key is for: one user, one method, one route."""
    identity, resource = identity_of(request), request.match_info.route.resource
    user = None if identity is None else identity.id
    route = None if resource is None else resource.canonical
    return _digest((user, request.method, route, key))


async def fingerprint_of(request: web.Request) -> str:
    """Give the digest of what was sent; who reads the body afterwards, reads it from memory."""
    url, media_type = request.rel_url, request.headers.get(hdrs.CONTENT_TYPE)
    parts = await parts_sent(request)  # of which only the boundary, and so the type, may differ
    sent = [media_type, await request.read()] if parts is None else parts
    return _digest((url.raw_path, url.raw_query_string, *sent))


def _digest(parts: tuple[str | bytes | None, ...]) -> str:
    # Whatever a client sends, no text is refused.
    encoded = [
        each.encode(errors="surrogatepass") if isinstance(each, str) else each for each in parts
    ]
    return sha256(msgspec.msgpack.encode(encoded)).hexdigest()
