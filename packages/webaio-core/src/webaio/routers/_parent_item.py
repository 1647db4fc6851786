"""The item of a parent: loaded, and asked for, before all that is below it."""

from __future__ import annotations  # of functions that are made for each action

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from webaio.authentication import identity_of
from webaio.parameters._scope import Scope
from webaio.permissions import Anyone, BasePermission
from webaio.permissions._guard import decide

from ._action import Action
from ._item import asking_of, loading_of, reader_of
from ._parent import Parent, in_url
from ._preparation import Prepare

AskParent = Callable[[Any, Scope | None], Awaitable[None]]
"""Sets the parent of an instance; raises what refuses it."""
_Find = Callable[[Any, Any, bool], Awaitable[None]]
"""Finds the parent of an instance by one of its own viewset; the last tells that all is decided."""


def ask_parent_of(action: Action, prepares: Sequence[Prepare | None]) -> AskParent | None:
    """Make what loads and asks for the items above an action; None where there are none.

    `prepares` are those of `action.parents`. Raises `ImproperlyConfigured` for rows of which nothing
    says whose they are.
    """
    found, parents = None, action.parents
    viewsets = [*(each.viewset for each in parents), action.viewset]
    for parent, below, prepare in zip(parents, viewsets[1:], prepares, strict=True):
        name = action.name if parent is parents[-1] else None
        found = _asking(parent, found, prepare, _finder_of(action, below, name, parent))
    return found


def _asking(
    parent: Parent, above: AskParent | None, prepare: Prepare | None, find: _Find
) -> AskParent:
    """Make what asks for the item of a parent, after those above it."""
    viewset, permission = parent.viewset, _permission_of(parent)

    async def ask(instance: Any, scope: Scope | None) -> None:
        request = instance.request
        it = viewset()
        it.request, it.action = request, "detail"
        is_decided = await decide(permission, request, identity_of(request))
        if above is not None:
            await above(it, scope)
        if prepare is not None:
            await prepare(it, scope)
        await find(instance, it, is_decided)

    return ask


def _permission_of(parent: Parent) -> BasePermission:
    said = None if parent.guard is None else parent.guard.permission
    return Anyone() if said is None else said


def _finder_of(action: Action, below: Any, name: str | None, parent: Parent) -> _Find:
    """Make what finds the item of a parent, of which a model viewset makes a part of its statements."""
    viewset: Any = parent.viewset  # which, and `below`, may have what a model viewset has
    key = parent.viewset.lookup_url_kwarg
    permission, read = _permission_of(parent), reader_of(parent.loader)
    placing = getattr(below, "_placing", None)
    is_named = in_url(parent, action.variables) is not None
    is_of_rows = hasattr(viewset, "_asking")
    place, loads = None, is_of_rows
    if placing is not None:
        loads = is_of_rows and below._loads_parent(viewset, name, is_named, action.where)
        is_part = name is None or loads or action.has_item
        place = placing(viewset, parent.loader[key], is_part=is_part, where=action.where)
    if is_of_rows and permission.needs_object:
        viewset._require_narrowing(permission, action.where, loads=place is None)
    ask = asking_of(viewset, "detail", permission, loading_of(read))

    async def find(instance: Any, it: Any, is_decided: bool) -> None:
        if not is_of_rows:
            await ask(it, is_decided)
            instance.parent = it.object
        elif not is_decided:
            await it._narrow(permission)
        if loads:
            instance.parent = await it.get_object(**read(it.request))
            if instance.parent is None:  # as one that is written by hand may say it
                raise viewset.not_found()
        if place is not None:
            await place(instance, it, read(it.request)[key] if is_named else None)

    return find
