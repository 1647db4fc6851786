"""Which representation a request asks for: the header Accept (RFC 9110, 12.5.1)."""

from __future__ import annotations  # of functions that are made for each action

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from aiohttp import hdrs, web

from webaio.exceptions import NotAcceptable

Choose = Callable[[web.Request], int]
"""Gives the number of the representation; raises `NotAcceptable`."""

_TOKEN: Final = r"[!#$%&'+.^_`|~0-9a-z-]+"
_RANGE: Final = re.compile(rf"\*/\*|{_TOKEN}/(?:\*|{_TOKEN})")
_WEIGHT: Final = re.compile(r"0?\.[0-9]+|0\.?|1(?:\.0*)?")


def chooser_of(media_types: Sequence[str]) -> Choose:
    """Make the function that chooses among media types, of which the first is the default.

    Of equal weights the earlier of `media_types` is chosen. What is malformed counts for nothing,
    and where nothing else is there, as no header.
    """
    offered = tuple(media_types)

    def choose(request: web.Request) -> int:
        lines = request.headers.getall(hdrs.ACCEPT, ())
        if not lines:
            return 0
        found = _chosen(offered, lines[0] if len(lines) == 1 else ",".join(lines))
        if found is None:
            raise NotAcceptable(f"Accept one of {', '.join(offered)}.")
        return found

    return choose


@functools.lru_cache(maxsize=512)  # of all actions: a client may send what it likes
def _chosen(media_types: tuple[str, ...], accept: str) -> int | None:
    """Give the number of the one that is wanted most; None where none is."""
    ranges = [*_ranges_in(accept)]
    if not ranges:
        return 0
    weights = [_weight_of(each, ranges) for each in media_types]
    best = max(weights)
    return weights.index(best) if best > 0 else None


class _Range:
    """A range of media types that a client takes, with its weight.

    `is_bare` tells that it has no parameters beside the weight: that comes before one that has some,
    which are not looked at.
    """

    __slots__ = ("is_bare", "name", "weight")

    def __init__(self, name: str, weight: float, *, is_bare: bool) -> None:
        self.name = name
        self.weight = weight
        self.is_bare = is_bare

    def rank(self, media_type: str) -> int:
        """Tell how closely it means a media type; 0 where not at all."""
        if self.name == media_type:
            return 4 if self.is_bare else 3
        kind = media_type.partition("/")[0]
        return 2 if self.name == f"{kind}/*" else 1 if self.name == "*/*" else 0


def _weight_of(media_type: str, ranges: Sequence[_Range]) -> float:
    """Give the weight that the closest range says; 0 where none means it."""
    found = max((each.rank(media_type), each.weight) for each in ranges)
    return found[1] if found[0] else 0.0


def _ranges_in(accept: str) -> Iterator[_Range]:
    for element in accept.lower().split(","):
        name, *parameters = (each.strip(" \t") for each in element.split(";"))
        weights = [each[2:] for each in parameters if each.startswith("q=")] or ["1"]
        if _RANGE.fullmatch(name) and _WEIGHT.fullmatch(weights[0]):
            others = [each for each in parameters if each and not each.startswith("q=")]
            yield _Range(name, float(weights[0]), is_bare=not others)
