"""How the results of one action are written."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from webaio.schemas import Schema, schema_of

from ._location import Locate

Encode = Callable[[Any], bytes]


class Options(Struct, frozen=True):
    """How the results of one action go out.

    `check` compares each with what is declared. `locate` gives the `Location` of what was created,
    None where nothing is, and `where` names the action in a message.
    """

    check: bool
    locate: Locate | None
    where: str


def encoder_of(schema: Schema | None, options: Options) -> Encode:
    """Make the function that writes a result; None is the schema where none is declared."""
    if schema is None:
        return _refuse if options.check else schema_of(Any).encode
    return schema.encode_checked if options.check else schema.encode


def unwritable(where: str, error: Exception) -> TypeError:
    """Make the error of a result that is not what was declared."""
    return TypeError(f"{where}: the result cannot be written as declared: {error}")


def _refuse(result: Any) -> bytes:
    raise TypeError(f"a {type(result).__name__} is returned, and none is declared")
