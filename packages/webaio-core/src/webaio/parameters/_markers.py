from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Marker:
    """Says where a parameter comes from: `Annotated[str, Header("X-Key")]`, or only `Header`."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Query(Marker):
    """A parameter of the query; of a model, all its members are.

    `name` is the key in the URL, where it differs from the parameter's name.

        async def list(self, filters: Annotated[Filters, Query]) -> Artists: ...
    """


@dataclass(frozen=True, slots=True)
class Header(Marker):
    """A parameter from a header; by itself `x_key` is the header `x-key`.

    async def list(self, key: Annotated[str, Header("X-Key")]) -> Artists: ...
    """


@dataclass(frozen=True, slots=True)
class Cookie(Marker):
    """A parameter from a cookie.

    async def list(self, session: Annotated[str, Cookie]) -> Artists: ...
    """


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON body, for a type that is no model by itself.

    async def rename(self, id: UUID, name: Annotated[str, Body]) -> Artist: ...
    """
