from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

from msgspec import Struct

from ._components import Components, Mode
from ._json_schema import JsonSchema

Texts = str | Sequence[str] | Mapping[str, "str | Sequence[str]"]
"""What a URL, a header or a cookie holds: one value, several of one name, or those of a model."""

Takes = Literal["text", "texts", "file", "files", "object"]
"""What a type can be read from: one text, several of one name, files as well, or only JSON."""


class Field(Struct, frozen=True):
    """A member of a model that is an object: its name on the wire, what it takes, and its type."""

    name: str
    takes: Takes
    type: Any


def takes_many(each: Iterable[Takes]) -> Takes:
    """Give what several values of one name are read from, each of which takes something."""
    kinds = {*each}
    return "texts" if kinds <= {"text"} else "files" if kinds == {"file"} else "object"


class Schema(Protocol):
    """What one type looks like on the wire: read and written through a validation library."""

    is_model: bool
    """Whether the type is a model, or a list, a dict or a union of models: a body by itself."""

    is_text: bool
    """Whether it is `str` and nothing more, so that a text is its value as it stands."""

    takes: Takes

    @property
    def fields(self) -> tuple[Field, ...] | None:
        """The members, where the type is one model that is an object."""

    def decode(self, body: bytes) -> Any:
        """Read JSON; raises `ParseError` for what is none, else `ValidationError` with every fault."""

    def parse(self, texts: Texts) -> Any:
        """Do what `convert` does, and raise only `Refused`: of a path nobody is told the faults."""

    def convert(self, texts: Texts) -> Any:
        """Read a value from the text of a URL, a header or a cookie; raises `ValidationError`.

        Files, and members that take an object, are made already.
        """

    def accepts(self, default: Any) -> bool:
        """Tell whether a Python value, such as a default, is of the type."""

    def encode(self, value: Any) -> bytes:
        """Write a value as JSON."""

    def encode_checked(self, value: Any) -> bytes:
        """Write a value as JSON; raises `ValidationError` where it does not fit the type."""

    def json_schema(self, components: Components, mode: Mode) -> JsonSchema:
        """Describe the type (JSON Schema 2020-12); models are referred to, and go to `components`.

        `mode` is `input` for what a client sends, `output` for what it gets.
        """
