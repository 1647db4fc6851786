"""An answer as a store keeps it."""

from __future__ import annotations  # of functions that are made for each action

import logging
from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiohttp import hdrs, web
from msgspec import Struct
from multidict import CIMultiDict

from ._idempotency_errors import REPLAYED

LOGGER: Final = logging.getLogger("webaio.conditions")

_OF_THE_MOMENT: Final = frozenset(
    [
        *("connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"),
        "x-request-id",
    ]
)
"""The headers that are of one answer, and not of what it answers."""
_CORS: Final = "access-control-"
_UNPROCESSABLE: Final = 422

Write = Callable[[web.StreamResponse, int], bytes | None]


class _KeptAnswer(Struct, array_like=True):
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class ReplayedResponse(web.Response):
    """The answer of an earlier request."""


_decode: Final = msgspec.msgpack.Decoder(_KeptAnswer).decode


def writer_of(where: str) -> Write:
    """Make the function that writes an answer of an action; None for one that is not kept.

    That is one of 422, of 500 and above, one that sets a cookie, one that is streamed, and one with
    a body of more bytes than it is told.
    """
    told = set[str]()

    def write(response: web.StreamResponse, max_size: int) -> bytes | None:
        if response.status == _UNPROCESSABLE or response.status >= 500:
            return None
        refused = _reason_not_to_keep(response, max_size)
        if refused is None:
            return _encoded(response)
        if refused not in told:
            told.add(refused)
            LOGGER.warning("%s: a repeated request runs again: its answer %s.", where, refused)
        return None

    return write


def _reason_not_to_keep(response: web.StreamResponse, max_size: int) -> str | None:
    if response.cookies or hdrs.SET_COOKIE in response.headers:
        return "sets a cookie"
    body = response.body if isinstance(response, web.Response) else response
    if not isinstance(body, (bytes, type(None))) or response.prepared:
        return "is streamed"
    if body is not None and len(body) > max_size:
        return f"has more than {max_size} bytes"
    return None


def _encoded(response: Any) -> bytes:
    headers = [
        (f"{name}", each) for name, each in response.headers.items() if _is_kept(name.lower())
    ]
    return msgspec.msgpack.encode(_KeptAnswer(response.status, headers, response.body or b""))


def replayed(answer: bytes) -> ReplayedResponse:
    """Make the response that an answer is."""
    kept = _decode(answer)
    headers = CIMultiDict(kept.headers)
    headers[REPLAYED] = "true"
    return ReplayedResponse(status=kept.status, headers=headers, body=kept.body or None)


def _is_kept(name: str) -> bool:
    return name not in _OF_THE_MOMENT and not name.startswith(_CORS)
