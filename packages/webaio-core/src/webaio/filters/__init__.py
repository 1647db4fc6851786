"""What a client may ask of a list: `FilterSet` is the mark, `Filters` is what it gives.

A list of Python applies them by itself, `filters.apply(items)`; a store takes their parts.
"""

from ._filter_set import FilterSet
from ._filters import Condition, Filters, Order

__all__ = ["Condition", "FilterSet", "Filters", "Order"]
