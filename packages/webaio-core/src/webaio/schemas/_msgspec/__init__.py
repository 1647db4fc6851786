"""What msgspec knows: Struct, dataclass, TypedDict, NamedTuple, attrs classes and scalars."""

from ._form import MsgspecFormSchema
from ._partial import MsgspecPartialSchema
from ._schema import MsgspecSchema

__all__ = ["MsgspecFormSchema", "MsgspecPartialSchema", "MsgspecSchema"]
