"""What a type looks like on the wire: `schema_of` reads, checks and writes it.

This is the one place that knows the validation libraries. msgspec is built in; pydantic's models
work when pydantic is installed. `Partial` is the body of a PATCH.
"""

from typing import TYPE_CHECKING

from ._choice import schema_of
from ._fault import Unsupported
from ._partial import Partial
from ._schema import Schema

__all__ = ["Partial", "Schema", "Unsupported", "schema_of"]

if TYPE_CHECKING:
    from webaio.exceptions import Fault as Fault
    from webaio.exceptions import ParseError, ValidationError
    from webaio.exceptions import pointer as pointer

    Invalid = ValidationError
    Malformed = ParseError
else:
    import webaio.exceptions

    from . import _components, _json_schema, _schema
    from ._moved import getattr_of

    __getattr__ = getattr_of(
        __name__,
        moved={
            "Fault": webaio.exceptions.Fault,
            "Invalid": webaio.exceptions.ValidationError,
            "Malformed": webaio.exceptions.ParseError,
            "pointer": webaio.exceptions.pointer,
        },
        private={
            "Components": _components.Components,
            "Field": _schema.Field,
            "Texts": _schema.Texts,
            "to_json": _json_schema.to_json,
            "with_default": _json_schema.with_default,
        },
    )
