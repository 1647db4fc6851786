"""Types of members with the bounds that columns have."""

import datetime
from typing import Annotated, Any, Final, Literal

from msgspec import Meta
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    Integer,
    SmallInteger,
    String,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

SmallInt = Annotated[int, Meta(ge=-(2**15), le=2**15 - 1)]
"""What a `SmallInteger` holds."""
Int = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
"""What an `Integer` holds."""
BigInt = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""What a `BigInteger` holds."""
Text100 = Annotated[str, Meta(min_length=1, max_length=100)]
"""A text of 1 to 100 characters."""
_INTEGERS: Final = ((SmallInteger, SmallInt), (BigInteger, BigInt), (Integer, Int))


class UTCDateTime(TypeDecorator[datetime.datetime]):
    """A column for an instant, which is the same on each database: kept in UTC, and given with it.

        made: Mapped[datetime] = mapped_column(UTCDateTime)

    Raises `ValueError` for a time without a timezone.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime.datetime | None, dialect: Dialect
    ) -> datetime.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no timezone")
        return value.astimezone(datetime.UTC)

    def process_result_value(
        self, value: datetime.datetime | None, dialect: Dialect
    ) -> datetime.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:  # SQLite keeps none
            return value.replace(tzinfo=datetime.UTC)
        return value.astimezone(datetime.UTC)


def annotation_of(kind: TypeEngine[Any]) -> Any:
    """Give the type of the values of a column, with its bounds; None for one that has no type."""
    for column, annotation in (
        *_INTEGERS,
        (UTCDateTime, Annotated[datetime.datetime, Meta(tz=True)]),
    ):
        if isinstance(kind, column):
            return annotation
    if isinstance(kind, Enum):
        return kind.enum_class or Literal[tuple(kind.enums)]
    try:
        python = kind.python_type
    except NotImplementedError:
        return None
    if python is object or (python is str and not isinstance(kind, String)):
        return None  # of a decorator that does not say it, and of what is a text in Python alone
    if python is str and isinstance(kind, String) and kind.length is not None:
        return Annotated[str, Meta(max_length=kind.length)]
    return python
