"""What stands after a place in an order, as an index finds it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, false, or_, tuple_

from webaio.filters import Order

from ._conditions import is_nullable, typed


class Part(Struct, frozen=True):
    """Some of a list, all of which comes before the next part."""

    conditions: tuple[ColumnElement[bool], ...] = ()
    skipped: int = 0
    """How many of the first columns of the order are null in all of it, and so order nothing."""


WHOLE: Final = Part()


def parts_after(
    ordering: Sequence[Order], columns: Mapping[str, Any], place: Sequence[Any]
) -> list[Part]:
    """Write what stands after a place in an order, part after part; null is larger than everything.

    A database finds the nulls by an index, and the others in their order, but not both at once.
    """
    order, value = ordering[0], place[0]
    column = columns[order.field]
    if value is None:
        rest = parts_after(ordering[1:], columns, place[1:])
        found = [Part((column.is_(None), *each.conditions), each.skipped + 1) for each in rest]
        others = Part((column.is_not(None),))
    else:
        found = [Part(_after(ordering, columns, place))]
        others = Part((column.is_(None),), 1)
    has_others = is_nullable(column) and (value is None) == order.is_descending
    return [*found, others] if has_others else found


def _after(
    ordering: Sequence[Order], columns: Mapping[str, Any], place: Sequence[Any]
) -> tuple[ColumnElement[bool], ...]:
    """Write what stands after a place, and is not null in the first column."""
    directions = {each.is_descending for each in ordering}
    named = [columns[each.field] for each in ordering]
    if len(directions) == 1 and not any(map(is_nullable, named[1:])):
        here, there = tuple_(*named), tuple_(*place, types=[each.type for each in named])
        return (here < there if directions == {True} else here > there,)
    found: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for order, column, value in zip(ordering, named, place, strict=True):
        found.append(and_(*equal, _beyond(column, value, order.is_descending)))
        equal.append(column.is_(None) if value is None else column == typed(column, value))
    first = typed(named[0], place[0])
    bound = named[0] <= first if ordering[0].is_descending else named[0] >= first
    return bound, or_(*found)  # no index serves the second by itself


def _beyond(column: Any, value: Any, is_descending: bool) -> ColumnElement[bool]:
    there = typed(column, value)
    if value is None:
        found = column.is_not(None) if is_descending else false()
    elif is_descending:
        found = column < there
    elif is_nullable(column):
        found = or_(column > there, column.is_(None))
    else:
        found = column > there
    return found
