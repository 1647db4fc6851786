"""The `Location` of what an action has created."""

from __future__ import annotations  # of functions that are made for each action

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from aiohttp import web

Locate = Callable[[web.Request, Any], str | None]


def locator_of(
    fields: Sequence[str], pattern: re.Pattern[str] | None, *, beside: int = 0
) -> Locate:
    """Make the function that gives the path of a new item below its collection (RFC 9110, 15.3.2).

    The first of the fields that the result has is its key. It gives None where the result has none,
    or none that could stand in an item's URL. `beside` is how many segments of the collection's path
    the items' have not: their own begin with the last one.
    """

    def locate(request: web.Request, result: Any) -> str | None:
        is_mapping, key = _is_mapping(result.__class__), None
        for field in fields:
            key = result.get(field) if is_mapping else getattr(result, field, None)
            if key is not None:
                break
        segment = _segment(key)
        if segment is None or (pattern is not None and not pattern.fullmatch(segment)):
            return None
        collection = request.rel_url.raw_path
        if beside:
            *beginning, last = collection.rstrip("/").split("/")
            end = "/" if collection.endswith("/") else ""
            collection = "/".join([*beginning[:-beside], last]) + end
        return f"{collection}{segment}/" if collection.endswith("/") else f"{collection}/{segment}"

    return locate


@functools.lru_cache(maxsize=256)
def _is_mapping(kind: type) -> bool:
    return issubclass(kind, Mapping)


def _segment(found: Any) -> str | None:
    """Write a value as a segment of a path; None for what is no string or whole number in JSON."""
    if type(found) is int:
        return str(found)
    if type(found) is str and found.isascii() and found.isalnum():
        return found  # with the integers most ids; the rest is for all others
    try:
        written = msgspec.to_builtins(found)
    except TypeError:
        return None
    if isinstance(written, bool) or not isinstance(written, (int, str)):
        return None
    segment = quote(str(written), safe="")
    return None if segment in ("", ".", "..") else segment
