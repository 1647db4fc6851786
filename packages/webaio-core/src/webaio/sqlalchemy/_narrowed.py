"""The viewsets of an application that do not show all rows of a table to everybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from aiohttp import web
from msgspec import Struct

from webaio.routers._handler import action_served

from ._parent import Enter, enter_of, reference_to


class Narrowed(Struct, frozen=True):
    """A viewset, and what leaves it the rows below those that there are of its parents.

    It has nothing of these where it stands in one place, too, that shows rows whatever is above.
    """

    viewset: Any
    above: Sequence[tuple[Enter, Narrowed]]


def narrowed_in(app: web.Application) -> dict[Any, list[Narrowed]]:
    """Find them by their tables; those of the applications below are looked at, too."""
    parents: dict[Any, list[Any]] = {}
    for action in (action_served(each.handler) for each in app.router.routes()):
        if action is not None and hasattr(action.viewset, "_placing"):
            known = parents.setdefault(action.viewset, [])
            if action.parent not in known:
                known.append(action.parent)
    found: dict[Any, list[Narrowed]] = {}
    for viewset, places in parents.items():
        narrowed = _narrowed(viewset, places)
        if narrowed is not None:
            found.setdefault(viewset._resource.table, []).append(narrowed)
    return found


def _narrowed(viewset: Any, parents: Iterable[Any]) -> Narrowed | None:
    """Give a viewset with its parents; None where everybody sees all of it."""
    above = [_above(viewset, each) for each in parents]
    hiding = [each for each in above if each is not None]
    if len(hiding) < len(above):
        hiding = []
    return Narrowed(viewset, hiding) if hiding or viewset._is_narrowed else None


def _above(viewset: Any, parent: Any) -> tuple[Enter, Narrowed] | None:
    if parent is None or not hasattr(parent.viewset, "_placing"):
        return None
    found = _narrowed(parent.viewset, [parent.parent])
    if found is None:
        return None
    reference = reference_to(
        viewset._resource, parent.viewset, viewset.parent_field, viewset.__qualname__
    )
    return enter_of(reference, parent.viewset, is_part=True), found
