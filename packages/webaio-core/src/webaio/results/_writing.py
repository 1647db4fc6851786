"""How a result is written."""

from collections.abc import Callable
from typing import Any

from webaio.schemas import Schema, schema_of

Encode = Callable[[Any], bytes]


def encoder_of(schema: Schema | None, *, check: bool) -> Encode:
    """Make the function that writes a result; None is the schema where none is declared.

    With `check` it compares each with what is declared.
    """
    if schema is None:
        return _refuse if check else schema_of(Any).encode
    return schema.encode_checked if check else schema.encode


def writer_of(write: Encode, where: str) -> Encode:
    """Let a function name the action where it cannot write."""

    def written(result: Any) -> bytes:
        try:
            return write(result)
        except (TypeError, ValueError) as error:
            raise unwritable(where, error) from error

    return written


def unwritable(where: str, error: Exception) -> TypeError:
    """Make the error of a result that is not what was declared."""
    return TypeError(f"{where}: the result cannot be written as declared: {error}")


def _refuse(result: Any) -> bytes:
    raise TypeError(f"a {type(result).__name__} is returned, and none is declared")
