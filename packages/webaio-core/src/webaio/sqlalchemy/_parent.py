"""The rows below an item of another viewset."""

from __future__ import annotations  # of functions that are made for each action

from collections.abc import Awaitable, Callable
from typing import Any

from webaio.exceptions import ImproperlyConfigured
from webaio.parameters import Parameter
from webaio.schemas._annotation import bare_of
from webaio.viewsets import BaseViewSet

from ._references import Reference
from ._resource import Resource
from ._rows import column_of

Enter = Callable[[Any, Any, Any], Awaitable[None]]
"""Leaves an instance the rows below one item of another viewset, by an instance of that and the key.

Without a key, the rows below any item that there is for the request.
"""


def reference_to(
    resource: Resource, parent: type[BaseViewSet], field: str | None, where: str
) -> Reference:
    """Find the column that names the parent of a row; `field` is what the viewset says of it.

    Raises `ImproperlyConfigured` where there is none, or several.
    """
    table = getattr(getattr(parent, "_resource", None), "table", None)
    if table is None and field in resource.columns:
        return Reference(field, resource.columns[field])
    found = [
        each
        for each in resource.references
        if each.target.table is table and field in (None, each.name)
    ]
    if len(found) == 1:
        return found[0]
    names = " and ".join(each.name for each in found) or "nothing"
    raise ImproperlyConfigured(
        where,
        f"{names} in {resource.table} could name a {parent.__qualname__}'s item",
        "Write such as parent_field = 'artist_id', the column that does",
    )


def require_held(resource: Resource, name: str, key: Parameter) -> None:
    """Refuse a key that is read as a text where a column of other values names the parent."""
    held = bare_of(resource.types.get(name, str))
    if bare_of(key.type) is str and held is not str:
        raise ImproperlyConfigured(
            key.where,
            f"it is a text, and {resource.table}.{name} holds {held.__qualname__}",
            f"Write its type, {held.__qualname__}",
        )


def enter_of(reference: Reference, parent: type[BaseViewSet], *, is_part: bool) -> Enter:
    """Make what leaves an instance the rows below an item.

    `is_part` tells that the parent was found, or that the action's own statement finds nothing where
    it is not there.
    """
    if not hasattr(parent, "_resource"):
        return _enter_by_key(reference)
    resource: Resource = parent._resource
    is_key = reference.target is resource.columns[resource.key]

    async def enter(instance: Any, above: Any, key: Any) -> None:
        instance._asks_above = above._asks_above or bool(above._allowed)
        rows, column = above._rows(), instance._resource.columns[reference.name]
        named = column_of(rows.statement, reference.target)
        if key is None:
            instance._inside = (column.in_(named),) if rows.conditions else ()
            return
        named = named.where(resource.columns[resource.key] == key)
        value, is_known = key, is_part and is_key
        if not is_known:
            value = await above.transaction.run(lambda it: it.scalar(named), by_itself=True)
            if value is None:
                raise await above._absent(key)
        is_searched = is_known and rows.conditions
        instance._inside = (column.in_(named) if is_searched else column == value,)
        instance._of_parent = {reference.name: value}

    return enter


def _enter_by_key(reference: Reference) -> Enter:
    async def enter(instance: Any, above: Any, key: Any) -> None:
        instance._inside = (instance._resource.columns[reference.name] == key,)
        instance._of_parent = {reference.name: key}

    return enter
