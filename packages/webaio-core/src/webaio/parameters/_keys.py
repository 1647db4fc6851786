from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from aiohttp import web

from webaio.decorators._words import TOKEN
from webaio.exceptions import ImproperlyConfigured
from webaio.schemas import Components

from ._source import Inputs, Parameter, Source
from ._unicode import require_unicode

SEVERAL: Final = ("texts", "files")
"""What takes the values of a key that stands there more than once."""


@dataclass(frozen=True, slots=True)
class Keys(Source):
    """What holds texts under keys: the query, headers, cookies or the form of a request.

    `name` is the key of a parameter, where it is not made of the parameter's own name.
    """

    name: str | None = None

    location: ClassVar[Literal["body", "cookie", "header", "query"]]
    takes_many: ClassVar[bool] = False
    """Whether a key may stand there more than once."""
    holds_json: ClassVar[bool] = False
    """Whether a key may hold JSON, for a member of a model that no text holds."""
    allow_empty_value: ClassVar[bool] = False
    """Whether an empty text is none: then the key is as absent."""

    def __post_init__(self) -> None:
        if self.name is None:
            return
        word = type(self).__name__
        if not isinstance(self.name, str) or not self.name:
            raise ImproperlyConfigured(word, f"{self.name!r} names nothing", f"Write {word}('key')")
        if self.location in ("cookie", "header") and not TOKEN.fullmatch(self.name):
            raise ImproperlyConfigured(
                word, f"no request can have a {self.location} named {self.name!r}", "Use a token"
            )

    @property
    def kind(self) -> str:
        """What it is called in a message."""
        return type(self).__name__.lower()

    @abstractmethod
    def texts(self, request: web.Request, key: str) -> Sequence[Any]:
        """Give what a request has under a key."""

    def keys_in(self, request: web.Request, named: Collection[str]) -> Iterable[str]:
        """Give the keys that a model is read from: those that its members name."""
        return named

    def key_of(self, name: str) -> str:
        """Give the key for the name of a parameter, or of a member of a model."""
        return name

    require_unicode = staticmethod(require_unicode)
    """Refuse texts of a key that are no UTF-8."""


def getter_of(source: Keys) -> Callable[[web.Request, str], Sequence[Any]]:
    """Give what gets the texts under a key, but for empty ones where they are none."""
    get = source.texts
    if not source.allow_empty_value:
        return get
    return lambda request, key: [text for text in get(request, key) if text]


def keys_of_others(parameter: Parameter, inputs: Inputs) -> set[str]:
    """Give the keys that other parameters of an action take, and a model does not name."""
    location = parameter.source.location
    others = set[str]()
    for each in inputs.parameters:
        if each.where == parameter.where:
            continue
        if not isinstance(each.source, Keys):
            others |= _documented_keys(each, inputs, location)
        elif each.source.location == location:
            others |= keys_of(each)
    return others - keys_of(parameter)


def keys_of(parameter: Parameter) -> set[str]:
    """Give the key of a parameter, or those of its members where it is a model."""
    source, fields = parameter.source, parameter.schema.fields
    if not isinstance(source, Keys):
        return set()
    if fields is not None:
        return {source.key_of(each.name) for each in fields}
    return {source.key_of(parameter.name) if source.name is None else source.name}


def _documented_keys(parameter: Parameter, inputs: Inputs, location: str | None) -> set[str]:
    """Give the keys that a source of somebody else says that it takes."""
    described = parameter.source.documentation(parameter, inputs, Components())
    return {each["name"] for each in described.parameters if each["in"] == location}
