import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from msgspec import Struct

_VARIABLE: Final = r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}"
_PART: Final = re.compile(rf"{_VARIABLE}|[^{{}}]+")
_SEGMENT: Final = re.compile(rf"(?:{_VARIABLE}|[^{{}}/])+")
_WRITTEN_SEGMENT: Final = rf"(?!\.{{1,2}}(?:/|$))(?:{_VARIABLE}|[\w.~-])+"
_WRITTEN: Final = re.compile(rf"{_WRITTEN_SEGMENT}(?:/{_WRITTEN_SEGMENT})*")
"""What a user may write between two slashes; other characters would need an escape."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9._~-]*")
"""A text that no escape changes: it stands in a URL as it is written."""
_NAME: Final = re.compile(r"\(\?P<\w+>")
_WORD: Final = re.compile(r"[A-Za-z0-9_-]+")
_ANY_SEGMENT: Final = r"[^{}/]+"
"""The pattern that aiohttp gives a variable without one."""
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


class Variable(Struct, frozen=True, gc=False):
    """A variable in a path; `pattern` is what may stand there, None for any segment."""

    name: str
    pattern: str | None = None

    @property
    def is_within(self) -> bool:
        """Whether it is known that no value of it holds a slash."""
        return self.pattern is None or _WITHIN.fullmatch(self.pattern) is not None

    def __str__(self) -> str:
        return f"{{{self.name}}}" if self.pattern is None else f"{{{self.name}:{self.pattern}}}"


Segment = tuple[str | Variable, ...]


class Segments(Struct, frozen=True):
    """What is known of all URLs of a path: how many segments they have, and some of these.

    `literals` are texts by position. `is_open` tells that there may be more segments than `least`.
    """

    least: int
    literals: dict[int, str]
    is_open: bool


class Path(Struct, frozen=True, gc=False):
    """The path of a route: `text` is it in aiohttp's syntax, `segments` stand between the slashes.

    Path.parse("v1/{tenant}") / "artist" / ""  # "/v1/{tenant}/artist/"
    """

    text: str = ""
    segments: tuple[Segment, ...] = ()

    @classmethod
    def parse(cls, text: object) -> "Path | None":
        """Read what a user wrote between two slashes; None for what no URL could match."""
        if not isinstance(text, str) or _WRITTEN.fullmatch(text) is None:
            return None
        return cls(f"/{text}", tuple(tuple(_parts(each)) for each in _SEGMENT.findall(text)))

    @classmethod
    def read(cls, path: str) -> "Path | None":
        """Read a path as aiohttp has it, `/artist/{id}/`; None for what no router writes."""
        found = cls.parse(path.removeprefix("/").removesuffix("/"))
        return found / "" if found is not None and path.endswith("/") else found

    def __truediv__(self, other: "Path | Variable | str") -> "Path":
        """Append a path, or one segment; an empty one ends the path with a slash."""
        if isinstance(other, Path):
            return Path(self.text + other.text, self.segments + other.segments)
        return Path(f"{self.text}/{other}", (*self.segments, (other,)))

    @property
    def variables(self) -> list[Variable]:
        """The variables, in their order."""
        return [part for each in self.segments for part in each if isinstance(part, Variable)]

    @property
    def is_unicode(self) -> bool:
        """Whether it has a variable, and letters beyond ASCII."""
        return not self.text.isascii() and bool(self.variables)

    @property
    def beginning(self) -> str:
        """What aiohttp finds it by."""
        return beginning_of(self.text)

    @property
    def regex(self) -> str:
        """What a decoded URL matches."""
        return "".join(f"/{''.join(map(_regex, each))}" for each in self.segments)

    @property
    def shape(self) -> str:
        """What it matches, whatever its variables are named."""
        return _NAME.sub("(", self.regex)

    def known_segments(self, *, start: int = 0, before: int = 0) -> Segments:
        """Give what is known from the segment `start` on, which has `before` segments before."""
        literals: dict[int, str] = {}
        position = before
        for position, segment in enumerate(self.segments[start:], before + 1):
            if not all(isinstance(each, str) or each.is_within for each in segment):
                return Segments(position + 1, literals, is_open=True)
            text = "".join(map(str, segment))
            if _PLAIN.fullmatch(text):
                literals[position] = text
        return Segments(position + 1, literals, is_open=False)


def _parts(segment: str) -> Iterator[str | Variable]:
    for part in _PART.findall(segment):
        yield _variable(part[1:-1]) if part[0] == "{" else part


def _variable(written: str) -> Variable:
    name, colon, pattern = written.partition(":")
    return Variable(name, pattern if colon else None)


def _regex(part: str | Variable) -> str:
    if isinstance(part, str):
        return re.escape(part)
    return f"(?P<{part.name}>{part.pattern or _ANY_SEGMENT})"


def beginning_of(canonical: str) -> str:
    """Give the part of a resource's path that aiohttp finds it by: all before a variable's segment."""
    before, brace, _ = canonical.partition("{")
    return (before.rpartition("/")[0] if brace else before).rstrip("/")


@lru_cache
def is_whole(pattern: str) -> bool:
    """Tell whether a pattern ends where its variable ends: `5)|(a` ends before, and `5}` too."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return re.fullmatch(_VARIABLE, f"{{{pattern}}}") is not None


def is_segment(text: str) -> bool:
    """Tell whether the text is a plain part of a URL: no escape is needed, and no variable is in it."""
    return _WORD.fullmatch(text) is not None
