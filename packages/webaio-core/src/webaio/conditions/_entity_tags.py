"""Entity tags (RFC 9110, 8.8.3): of a version, and as a header lists them."""

import enum
import re
from typing import Any, Final
from urllib.parse import quote

import msgspec
from aiohttp import web

from webaio.exceptions import BadRequest

_ELEMENT: Final = re.compile(r'(W/)?"([!#-~\x80-\U0010ffff]*)"[ \t]*(?:,[ \t,]*|\Z)')
"""One tag of a list, with what follows; a list may have empty elements (RFC 9110, 5.6.1)."""
_EMPTY: Final = re.compile(r"[ \t,]*")
_PLAIN: Final = "!#$&'()*+-./:;<=>?@[]^_`{|}~"
"""What is written as it is: without `%`, which begins what is not, and what naive readers split at."""


def opaque_tag(version: Any) -> str:
    """Write a version as what stands between the quotes of its tag; raises `TypeError` for others.

    >>> opaque_tag(3), opaque_tag('a "b"')
    ('3', 'a%20%22b%22')
    """
    if type(version) is int:
        return str(version)
    value = version.value if isinstance(version, enum.Enum) else version
    written = value if isinstance(value, str) else msgspec.to_builtins(value)
    if not isinstance(written, (str, int, float)) or isinstance(written, bool):
        raise TypeError(f"{version!r} is no version: give a number, a text, a UUID or a time")
    return quote(str(written), safe=_PLAIN, errors="surrogatepass")


class EntityTags:
    """The tags of a header: any of an item that is there (`*`), or those that it lists."""

    __slots__ = ("is_any", "tags", "weak_tags")

    def __init__(
        self, tags: frozenset[str], weak_tags: frozenset[str] = frozenset(), is_any: bool = False
    ) -> None:
        self.tags = tags
        self.weak_tags = weak_tags
        self.is_any = is_any

    def has(self, tag: str | None) -> bool:
        """Compare weakly with the tag of an item; None is one without a tag."""
        return self.is_any or tag in self.tags or tag in self.weak_tags


def sent_tags(
    request: web.Request, name: str
) -> tuple[frozenset[str], frozenset[str], bool] | None:
    """Give the strong and the weak tags of a header, and whether it is `*`; None where it is absent.

    Several lines of it are one list. Raises `BadRequest` for what is neither.
    """
    lines = request.headers.getall(name, ())
    if not lines:
        return None
    text = ", ".join(lines).strip(" \t")
    if text == "*":
        return frozenset(), frozenset(), True
    strong, weak = list[str](), list[str]()
    start = _EMPTY.match(text)
    position = 0 if start is None else start.end()
    while position < len(text):
        element = _ELEMENT.match(text, position)
        if element is None:
            raise BadRequest(f'The header {name} is malformed: send "1", or several, or *.')
        (weak if element[1] else strong).append(element[2])
        position = element.end()
    return frozenset(strong), frozenset(weak), False
