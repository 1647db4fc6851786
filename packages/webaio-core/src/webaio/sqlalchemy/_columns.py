"""What a mapped class says of itself."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Column, LargeBinary, Numeric, String, inspect
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.orm import Mapper

from webaio.exceptions import ImproperlyConfigured

from ._types import annotation_of

_MOST_TEXT: Final = 700
"""Characters that a cursor holds: of each one JSON makes up to six, and base64 a third more."""


def mapper_of(entity: Any, where: str) -> Mapper[Any]:
    """Give the mapper of a mapped class, or of an alias; raises `ImproperlyConfigured` for others."""
    try:
        mapper = getattr(inspect(entity), "mapper", None)
    except NoInspectionAvailable:
        mapper = None
    if not isinstance(mapper, Mapper):
        raise ImproperlyConfigured(
            where, f"{entity!r} is no mapped class", "Write ModelViewSet[Model, Out, In]"
        )
    return mapper


def columns_of(mapper: Mapper[Any]) -> dict[str, Column[Any]]:
    """Give the columns of a class by the names of its attributes, without expressions."""
    return {
        each.key: each.columns[0]
        for each in mapper.column_attrs
        if isinstance(each.columns[0], Column)
    }


def key_of(mapper: Mapper[Any], where: str) -> tuple[str, Column[Any]]:
    """Give the name and the column of the primary key."""
    if len(mapper.primary_key) != 1:
        names = ", ".join(each.name for each in mapper.primary_key)
        raise ImproperlyConfigured(
            where,
            f"the primary key of {mapper.class_.__qualname__} has several columns: {names}",
            "Give the table a key of one column, and a unique constraint on those",
        )
    column: Any = mapper.primary_key[0]
    return mapper.get_property_by_column(column).key, column


def types_of(columns: Mapping[str, Column[Any]]) -> dict[str, Any]:
    """Give the types of the columns that have one, without null."""
    found = {name: annotation_of(each.type) for name, each in columns.items()}
    return {name: each for name, each in found.items() if each is not None}


def require_served(
    columns: Mapping[str, Column[Any]],
    names: Collection[str],
    unindexed: Collection[str],
    where: str,
) -> None:
    """Refuse to filter and to order by what no index serves, unless that is said."""
    for name in names:
        if name in columns and name not in unindexed and not _is_served(columns[name]):
            raise ImproperlyConfigured(
                where,
                f"no index serves {name!r}, so each request would read the whole table",
                f'Write index=True in its mapped_column, or unindexed = {{"{name}"}}',
            )


def require_exact(columns: Mapping[str, Column[Any]], names: Collection[str], where: str) -> None:
    """Refuse to order by decimals whose digits a database may round: a page would not find its place."""
    for name in names:
        kind = columns[name].type if name in columns else None
        if isinstance(kind, Numeric) and kind.asdecimal and kind.scale is None:
            raise ImproperlyConfigured(
                where, f"{name!r} has no number of digits to order by", "Write Numeric(12, 2), say"
            )


def require_short(columns: Mapping[str, Column[Any]], names: Collection[str], where: str) -> None:
    """Refuse to order by texts that together are too long for the URL of the next page."""
    kinds = {name: columns[name].type for name in names if name in columns}
    texts = {name: each for name, each in kinds.items() if isinstance(each, (String, LargeBinary))}
    lengths = {name: each.length for name, each in texts.items()}
    fix = "Write String(100), say, or pagination = LimitOffset"
    for name, length in lengths.items():
        if length is None:
            raise ImproperlyConfigured(
                where, f"{name!r} has no length, and a cursor takes {_MOST_TEXT} characters", fix
            )
    if (length := sum(each or 0 for each in lengths.values())) > _MOST_TEXT:
        raise ImproperlyConfigured(
            where,
            f"{', '.join(lengths)} together may have {length} characters, and a cursor takes "
            f"{_MOST_TEXT}",
            fix,
        )


def _is_served(column: Column[Any]) -> bool:
    if column.primary_key or column.index or column.unique:
        return True
    table: Any = column.table
    first = [next(iter(each.columns), None) for each in table.indexes]
    first += [next(iter(each.columns), None) for each in table.constraints if _has_index(each)]
    return any(each is column for each in first)


def _has_index(constraint: Any) -> bool:
    return getattr(constraint, "__visit_name__", "") in (
        "unique_constraint",
        "primary_key_constraint",
    )
