import re
from typing import Final, NamedTuple

_VARIABLE: Final = re.compile(r"\{\w+(?::((?:[^{}]|\{[^{}]*\})+))?\}")
"""A variable as aiohttp reads it; the group is its pattern."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9._~-]*")
"""A text that no escape changes: it stands in a URL as it is written."""
_WITHIN: Final = re.compile(
    r"""(
        [^./\\\[\]]                  # a character, a bracket, how often
        | \\[dsw.-]
        | \[ -? ([0-9A-Za-z]-[0-9A-Za-z] | [\w.,:@~] | \\[dw.])* -? \]
        | \[\^ [^\\\]]* / [^\\\]]* \]  # anything else than a slash
    )*""",
    re.VERBOSE,
)
"""A pattern that no slash can match. Others may be so too: it need not know all."""
_ONE, _MANY = "\x00", "\x01"


class Segments(NamedTuple):
    """What is known of all URLs of a path: how many segments they have, and some of these.

    `literals` are texts by position. `is_open` tells that there may be more segments than `least`.
    """

    least: int
    literals: dict[int, str]
    is_open: bool


def segments_of(path: str, before: int) -> Segments:
    """Read the path of a route, `/{tenant}/artist/{id:[0-9]+}/`, that has `before` segments before."""
    patterns = [each for each in _VARIABLE.findall(path) if each]
    if not all(map(_is_whole, patterns)):
        return Segments(1, {}, is_open=True)
    marked = _VARIABLE.sub(lambda found: _ONE if _is_within(found[1]) else _MANY, path)
    literals: dict[int, str] = {}
    position = before
    for position, segment in enumerate(marked.split("/")[1:], before + 1):
        if _MANY in segment:
            return Segments(position + 1, literals, is_open=True)
        if _PLAIN.fullmatch(segment):
            literals[position] = segment
    return Segments(position + 1, literals, is_open=False)


def _is_whole(pattern: str) -> bool:
    """Tell whether a pattern is one by itself: aiohttp also takes `a)|(b`, which is beyond us."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _is_within(pattern: str | None) -> bool:
    return pattern is None or _WITHIN.fullmatch(pattern) is not None
