"""From filters to the words of SQL."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    TextClause,
    bindparam,
    false,
    func,
    or_,
    text,
)
from sqlalchemy.sql.operators import in_op

from webaio.filters import Condition, Filters, Order

_COMPARED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "ne": operator.ne,
}
_NUL: Final = "\0"


def conditions_of(filters: Filters, columns: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Write the conditions and the search of filters."""
    found = [_condition(each, columns[each.field]) for each in filters.conditions]
    if filters.search is not None:
        texts = [columns[each] for each in filters.search_fields]
        found.append(or_(*(_contains(each, filters.search) for each in texts)))
    return found


def _condition(condition: Condition, column: Any) -> ColumnElement[bool]:
    lookup, value = condition.lookup, condition.value
    match lookup:
        case "null":
            found = column.is_(None) if value else column.is_not(None)
        case "in":
            found = column.in_([each for each in value if not _has_nul(each)])
        case "contains":
            found = _contains(column, value)
        case "startswith":
            start = func.lower(_escaped(value))
            found = func.lower(column).startswith(start, escape="/")
        case "ne" if _has_nul(value):
            found = column.is_not(None)
        case _:
            found = _COMPARED[lookup](column, typed(column, value))
    if lookup not in ("in", "ne", "null") and _has_nul(value):
        return false()
    return found  # type: ignore[no-any-return]  # a column's operators are of any type


def _contains(column: Any, text: str) -> ColumnElement[bool]:
    if _has_nul(text):
        return false()
    found: ColumnElement[bool] = func.lower(column).contains(func.lower(_escaped(text)), escape="/")
    return found


def _escaped(text: str) -> str:
    """Take their meaning from the signs that LIKE knows."""
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")


def _has_nul(value: Any) -> bool:
    """Tell a text that no row has: no database can hold NUL in one, and PostgreSQL does not take it."""
    return isinstance(value, str) and _NUL in value


def grouped(condition: Any) -> Any:
    """Put SQL that is written by hand in parentheses: an OR in it would reach beyond it."""
    written = condition
    if isinstance(condition, ColumnClause) and condition.is_literal:
        written = text(str(condition))
    return written.self_group(in_op) if isinstance(written, TextClause) else condition


def order_of(ordering: Sequence[Order], columns: Mapping[str, Any]) -> list[ColumnElement[Any]]:
    """Write an order; null is larger than everything on every database."""
    found: list[ColumnElement[Any]] = []
    for each in ordering:
        column = columns[each.field]
        clause = column.desc() if each.is_descending else column.asc()
        if is_nullable(column):
            clause = clause.nulls_first() if each.is_descending else clause.nulls_last()
        found.append(clause)
    return found


def typed(column: Any, value: Any) -> Any:
    """Give a value the type of its column: by itself a bool is a word of SQL, and has no order."""
    return bindparam(None, value, type_=column.type)


def is_nullable(column: Any) -> bool:
    """Tell whether a column may be null."""
    return bool(column.expression.nullable)
