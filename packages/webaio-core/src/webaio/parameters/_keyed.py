from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from http.cookies import CookieError
from typing import Final

from aiohttp import web

from webaio.schemas import Components

from ._keys import Keys
from ._members import described_members, model_reader
from ._source import Documentation, Inputs, Parameter, Reader
from ._value import described_value, value_reader

_TOLD_ELSEWHERE: Final = ("accept", "authorization", "content-type")
"""Headers that OpenAPI tells of elsewhere; as parameters they are to be ignored (3.1, 4.8.12.1)."""


class KeyedSource(Keys):
    """Reads a value from a key, and a model from the keys of its members."""

    __slots__ = ()

    def reader(self, parameter: Parameter, inputs: Inputs) -> Reader:
        parameter.require_default_of_type()
        if parameter.schema.fields is None:
            return value_reader(self, parameter)
        return model_reader(self, parameter, inputs)

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        if parameter.schema.fields is None:
            described = [described_value(self, parameter, components)]
        else:
            described = [*described_members(self, parameter, components)]
        return Documentation((*described,), errors=(422,))


@dataclass(frozen=True, slots=True)
class Query(KeyedSource):
    """A parameter of the query; of a model, all its members are.

    `name` is the key in the URL, where it differs from the parameter's name. With
    `allow_empty_value` an empty value, `?limit=`, is as if the key were absent: as a form sends it
    in which nothing was written.

        async def list(self, filters: Annotated[Filters, Query]) -> Artists: ...
    """

    allow_empty_value: bool = field(default=False, kw_only=True)  # type: ignore[misc]  # for Keys a constant
    location = "query"
    takes_many = True

    def texts(self, request: web.Request, key: str) -> Sequence[str]:
        return request.query.getall(key, ())

    def keys_in(self, request: web.Request, named: Collection[str]) -> Iterable[str]:
        """Give all keys: a model may refuse those that nobody knows."""
        return request.query


@dataclass(frozen=True)  # for the name in its messages
class Header(KeyedSource):
    """A parameter from a header, or from those that the members of a model name.

    By itself `x_key` is the header `x-key`.

        async def list(self, key: Annotated[str, Header("X-Key")]) -> Artists: ...
    """

    __slots__ = ()
    location = "header"

    def texts(self, request: web.Request, key: str) -> Sequence[str]:
        """Give the one value that the lines of a header are together (RFC 9110, 5.3)."""
        texts = request.headers.getall(key, ())
        return (", ".join(texts),) if texts else ()

    def key_of(self, name: str) -> str:
        return name.replace("_", "-")

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        found = super().documentation(parameter, inputs, components)
        kept = [each for each in found.parameters if each["name"].lower() not in _TOLD_ELSEWHERE]
        return Documentation((*kept,), errors=found.errors)


@dataclass(frozen=True)  # for the name in its messages
class Cookie(KeyedSource):
    """A parameter from a cookie, or from those that the members of a model name.

    async def list(self, session: Annotated[str, Cookie]) -> Artists: ...
    """

    __slots__ = ()
    location = "cookie"

    def texts(self, request: web.Request, key: str) -> Sequence[str]:
        try:
            text = request.cookies.get(key)
        except (
            CookieError
        ):  # of older versions of aiohttp; later ones pass by what they cannot read
            text = None
        return () if text is None else (text,)
