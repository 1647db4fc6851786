"""From the annotation of a result to the kind of stream that it is."""

import inspect
import typing
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable
from typing import Any, Final

from webaio.exceptions import ImproperlyConfigured
from webaio.parameters._schemas import schema_for

from ._lines import Lines
from ._stream import Stream

_ITERATORS: Final = (AsyncGenerator, AsyncIterable, AsyncIterator)


def stream_of(function: Callable[..., Any], annotation: Any, where: str) -> Stream | None:
    """Read what an action gives item by item; None for what it gives as a whole.

    Raises `ImproperlyConfigured` for items of an unknown type.
    """
    if typing.get_origin(annotation) in _ITERATORS:
        return Lines(schema_for(typing.get_args(annotation)[0], where))
    if annotation in _ITERATORS or inspect.isasyncgenfunction(function):
        raise ImproperlyConfigured(
            where.removesuffix(", result"),
            "it streams items, and does not say of which type",
            "Write such as `-> AsyncIterator[Artist]`",
        )
    return None
