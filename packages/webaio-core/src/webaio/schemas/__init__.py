"""What a type looks like on the wire: `schema_of` reads, checks and writes it.

This is the one place that knows the validation libraries. msgspec is built in; pydantic's models
work when pydantic is installed. `Partial` is the body of a PATCH; `Invalid` and `Fault` say what is
wrong with a value.
"""

from ._choice import schema_of
from ._components import Components
from ._fault import Fault, Invalid, Malformed, Unsupported, pointer
from ._json_schema import to_json, with_default
from ._partial import Partial
from ._schema import Field, Schema, Texts

__all__ = [
    "Components",
    "Fault",
    "Field",
    "Invalid",
    "Malformed",
    "Partial",
    "Schema",
    "Texts",
    "Unsupported",
    "pointer",
    "schema_of",
    "to_json",
    "with_default",
]
