import re
from dataclasses import dataclass
from typing import Final

from webaio.exceptions import ImproperlyConfigured

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""The name of a header (RFC 9110, 5.1) or a cookie (RFC 6265, 4.1.1)."""


@dataclass(frozen=True, slots=True)
class Marker:
    """Says where a parameter comes from: `Annotated[str, Header("X-Key")]`, or only `Header`."""

    name: str | None = None

    def __post_init__(self) -> None:
        if self.name is None:
            return
        word = type(self).__name__
        if not isinstance(self.name, str) or not self.name:
            raise ImproperlyConfigured(word, f"{self.name!r} names nothing", f"Write {word}('key')")
        if word != "Query" and not _TOKEN.fullmatch(self.name):
            raise ImproperlyConfigured(
                word, f"no request can have a {word.lower()} named {self.name!r}", "Use a token"
            )


class Query(Marker):
    """A parameter of the query; of a model, all its members are.

    `name` is the key in the URL, where it differs from the parameter's name.

        async def list(self, filters: Annotated[Filters, Query]) -> Artists: ...
    """

    __slots__ = ()


class Header(Marker):
    """A parameter from a header; by itself `x_key` is the header `x-key`.

    async def list(self, key: Annotated[str, Header("X-Key")]) -> Artists: ...
    """

    __slots__ = ()


class Cookie(Marker):
    """A parameter from a cookie.

    async def list(self, session: Annotated[str, Cookie]) -> Artists: ...
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON body, for a type that is no model by itself.

    async def rename(self, id: UUID, name: Annotated[str, Body]) -> Artist: ...
    """
