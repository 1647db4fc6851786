"""What pydantic knows: imported when a signature uses it, and only then."""

from ._partial import PydanticPartialSchema
from ._schema import PydanticSchema

__all__ = ["PydanticPartialSchema", "PydanticSchema"]
