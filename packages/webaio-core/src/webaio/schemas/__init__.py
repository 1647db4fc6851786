"""What a type looks like on the wire: `schema_of` reads, checks and writes it.

This is the one place that knows the validation libraries. msgspec is built in; pydantic's models
work when pydantic is installed. `Partial` is the body of a PATCH.
"""

from ._choice import schema_of
from ._components import Components
from ._fault import Unsupported
from ._partial import Partial
from ._schema import Schema

__all__ = ["Components", "Partial", "Schema", "Unsupported", "schema_of"]
