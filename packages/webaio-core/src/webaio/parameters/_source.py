import copy
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Literal, get_args

from aiohttp import web
from msgspec import Struct

from webaio.decorators._words import Error, Requirement
from webaio.exceptions import ImproperlyConfigured
from webaio.schemas import Components, Schema

from ._schemas import schema_for

Location = Literal["body", "cookie", "header", "path", "query"]
REQUIRED: Final = inspect.Parameter.empty
Reader = Callable[[web.Request], Any]
"""A function, or a coroutine function, that reads a value from a request."""


class Source:
    """Says where the value of a parameter comes from; a subclass, or an instance, is the mark.

    A subclass makes the function that reads the value, once, when a viewset is registered, and
    tells what the API's document says of it.

        class Forwarded(Source):
            def reader(self, parameter, inputs):
                return lambda request: request.headers.get("X-Forwarded-Host", request.host)

        async def list(self, host: Annotated[str, Forwarded]) -> Artists: ...

    `location` is where its faults are that do not say it: OpenAPI's `in`, or `body`.
    """

    __slots__ = ()
    location: ClassVar[Location | None] = None
    holds_files: ClassVar[bool] = False
    """Whether it reads types that are files, or have some in them."""

    def __init_subclass__(cls) -> None:
        if cls.location not in (None, *get_args(Location)):
            raise ImproperlyConfigured(
                f"{cls.__qualname__}.location",
                f"{cls.location!r} is no place in a request",
                f"Use one of {', '.join(get_args(Location))}",
            )

    def reader(self, parameter: "Parameter", inputs: "Inputs") -> Reader:
        """Make the function that reads the parameter from a request; it may be async.

        `inputs` are all parameters of the action. What the function raises is answered: a
        `ValidationError` together with the faults of the other parameters, anything else at once.

        Raises `ImproperlyConfigured` for a parameter that the source cannot give.
        """
        raise ImproperlyConfigured(
            type(self).__qualname__, "it reads nothing", "Define reader(self, parameter, inputs)"
        )

    def documentation(
        self, parameter: "Parameter", inputs: "Inputs", components: Components
    ) -> "Documentation":
        """Tell what the document says of the parameter; nothing by itself.

        `parameter.schema.json_schema(components, "input")` describes its type.
        """
        return Documentation()


class Documentation(Struct, frozen=True):
    """What a source adds to an operation of the API's document.

    `parameters` are OpenAPI's Parameter Objects, `body` its Request Body Object. `errors` and
    `security` are those of `@operation`: statuses or classes of exceptions, and names of security
    schemes, or OpenAPI's Security Requirement Objects, any one of which the operation needs.
    """

    parameters: tuple[Mapping[str, Any], ...] = ()
    body: Mapping[str, Any] | None = None
    errors: tuple[Error, ...] = ()
    security: tuple[Requirement, ...] = ()


class Parameter(Struct, frozen=True, dict=True):
    """One parameter of an action, or of a function that it depends on.

    `type` is its annotation without the mark, `default` is `inspect.Parameter.empty` where it is
    required, and `where` names it in a message.
    """

    name: str
    type: Any
    default: Any
    source: Source
    where: str

    @property
    def is_required(self) -> bool:
        """Whether it has no default."""
        return self.default is REQUIRED

    @functools.cached_property
    def schema(self) -> Schema:
        """What its type looks like on the wire; raises `ImproperlyConfigured` where it has no form."""
        return schema_for(self.type, self.where, holds_files=self.source.holds_files)

    def require_default_of_type(self) -> None:
        """Refuse a default that is not of the parameter's own type."""
        if not self.is_required and not self.schema.accepts(self.default):
            raise ImproperlyConfigured(
                self.where,
                f"its default {self.default!r} is not of its own type",
                "Give another, or write `... | None`" if self.default is None else "Give another",
            )

    def fallback(self) -> Any:
        """Give a copy of the default, so that no request changes it for the next."""
        return copy.deepcopy(self.default)


class Inputs(Struct, frozen=True):
    """All that one action reads: its parameters, and those of the functions that it depends on.

    `client_max_size` is the action's own limit of the body, in bytes; None leaves the application's.
    """

    parameters: tuple[Parameter, ...] = ()
    client_max_size: int | None = None
