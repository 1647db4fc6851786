"""What msgspec knows: Struct, dataclass, TypedDict, NamedTuple, attrs classes and scalars."""

from ._partial import MsgspecPartialSchema
from ._schema import MsgspecSchema

__all__ = ["MsgspecPartialSchema", "MsgspecSchema"]
