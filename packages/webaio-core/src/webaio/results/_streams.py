"""From the annotation of a result to the kind of stream that it is."""

import inspect
import typing
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable
from typing import Any, Final

from webaio.exceptions import ImproperlyConfigured
from webaio.parameters._annotations import unaliased
from webaio.parameters._schemas import schema_for

from ._bytes import bytes_of
from ._events import events_of
from ._lines import Lines
from ._stream import Stream

_ITERATORS: Final = (AsyncGenerator, AsyncIterable, AsyncIterator)


def stream_of(
    function: Callable[..., Any], annotation: Any, media_types: tuple[str, ...] | None, where: str
) -> Stream | None:
    """Read what an action gives item by item; None for what it gives as a whole.

    Raises `ImproperlyConfigured` for items of an unknown type, or an unknown media type.
    """
    if typing.get_origin(annotation) in _ITERATORS:
        item = typing.get_args(annotation)[0]
        plain = unaliased(item)  # of JSON the name stays: a union of models has it in the document
        return (
            events_of(plain, where)
            or bytes_of(plain, media_types, where)
            or Lines(schema_for(item, where))
        )
    if annotation in _ITERATORS or inspect.isasyncgenfunction(function):
        raise ImproperlyConfigured(
            where.removesuffix(", result"),
            "it streams items, and does not say of which type",
            "Write such as `-> AsyncIterator[Artist]`",
        )
    return None


def streams_bytes(annotation: Any) -> bool:
    """Tell whether a result is a stream of which `produces=` says the media type."""
    if typing.get_origin(annotation) not in _ITERATORS:
        return False
    return unaliased(typing.get_args(annotation)[0]) is bytes
