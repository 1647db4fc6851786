import functools
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, Literal, TypeVar

import msgspec
from msgspec import Struct

Item = TypeVar("Item")
Lookup = Literal["contains", "eq", "gt", "gte", "in", "lt", "lte", "ne", "null", "startswith"]


class Condition(Struct, frozen=True):
    """One condition on the items of a list: `born.gte=1959`."""

    field: str
    lookup: Lookup
    value: Any


class Order(Struct, frozen=True):
    """One field by which a list is ordered; null counts as larger than everything."""

    field: str
    is_descending: bool = False


class Filters(Struct, frozen=True):
    """What a client asks of a list: all conditions must hold, and one of the texts have the search.

    `search_fields` are the texts that are searched. A store that is no list of Python turns these
    into its own words.
    """

    conditions: tuple[Condition, ...] = ()
    ordering: tuple[Order, ...] = ()
    search: str | None = None
    search_fields: tuple[str, ...] = ()

    def apply(self, items: Iterable[Item]) -> list[Item]:
        """Give the items that are asked for, in the order that is asked for.

        An item is a model, or a mapping. Texts are compared without regard to case by `contains`,
        `startswith` and the search.
        """
        found = [each for each in items if self._takes(each)]
        for order in reversed(self.ordering):
            rank = functools.partial(_rank, order.field)
            found.sort(key=rank, reverse=order.is_descending)
        return found

    def _takes(self, item: Any) -> bool:
        if not all(_holds(each, item) for each in self.conditions):
            return False
        if self.search is None:
            return True
        texts = (value_of(item, field) for field in self.search_fields)
        return any(_contains(text, self.search) for text in texts if text is not None)


def value_of(item: Any, field: str) -> Any:
    """Give the value of a field of a model, or of a mapping."""
    return item[field] if isinstance(item, Mapping) else getattr(item, field)


def _contains(text: str, part: str) -> bool:
    return part.casefold() in text.casefold()


def _starts_with(text: str, part: str) -> bool:
    return text.casefold().startswith(part.casefold())


_HOLDS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "contains": _contains,
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "in": lambda value, values: value in values,
    "lt": operator.lt,
    "lte": operator.le,
    "ne": operator.ne,
    "startswith": _starts_with,
}


def _holds(condition: Condition, item: Any) -> bool:
    value = value_of(item, condition.field)
    if value is msgspec.UNSET:
        value = None
    if condition.lookup == "null":
        return (value is None) is condition.value
    return value is not None and _HOLDS[condition.lookup](value, condition.value)


def _rank(field: str, item: Any) -> tuple[int, Any]:
    return rank_of(value_of(item, field))


def rank_of(value: Any) -> tuple[int, Any]:
    """Give what orders a value among others; null is larger than everything, NaN than all else."""
    if value is None or value is msgspec.UNSET:
        return 2, 0
    is_nan = isinstance(value, float | Decimal) and math.isnan(value)
    return (1, 0) if is_nan else (0, value)
