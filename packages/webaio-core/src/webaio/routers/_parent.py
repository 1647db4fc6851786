"""The resource whose item stands in a URL before those of another: `/artist/{artist_id}/album/`."""

from collections.abc import Collection, Mapping

import msgspec
from msgspec import Struct

from webaio.decorators._callable import name_of
from webaio.exceptions import ImproperlyConfigured
from webaio.parameters import Parameter
from webaio.parameters._attributes import dependencies_on
from webaio.parameters._dependencies import dependencies_of
from webaio.parameters._signature import Signature
from webaio.permissions._guard import Guard, guard_of
from webaio.viewsets import BaseViewSet

from ._loader import LOADER, loader_of
from ._path import Path, Variable


class Parent(Struct, frozen=True):
    """A resource with others below its items.

    `variable` is the name that its item has in their URLs, None for a singleton; `path` is its item's.
    `attributes` are those of its instances. `guard` is that of its `detail`, with what those above
    ask for. `loader` is what its `get_object` takes, by the names that it has there.
    """

    viewset: type[BaseViewSet]
    variable: str | None
    path: Path
    attributes: Signature
    guard: Guard | None
    loader: Mapping[str, Parameter]
    parent: "Parent | None" = None

    @property
    def nearest_variable(self) -> str | None:
        """The name that its item has, or that of one above a singleton."""
        if self.variable is not None or self.parent is None:
            return self.variable
        return self.parent.nearest_variable


def parent_of(
    viewset: type[BaseViewSet], basename: str, items: Path, above: Parent | None, is_singleton: bool
) -> Parent:
    """Make it of a viewset, before the keys of whose items a path stands.

    Raises `ImproperlyConfigured` for one that cannot say whether its item is there, or that would take
    the key of what is below it for its own.
    """
    lookup = viewset.lookup_url_kwarg
    key = "" if is_singleton else f", {lookup}: ..."
    if not hasattr(viewset, LOADER):
        raise ImproperlyConfigured(
            f"parent={viewset.__qualname__}",
            f"it has no {LOADER}, which would find its item",
            f"Define `async def {LOADER}(self{key})` there",
        )
    above_it = [each.name for each in items.variables]
    variable = None if is_singleton else _variable(basename, lookup)
    loader = loader_of(viewset, above_it if is_singleton else [*above_it, lookup])
    if variable is not None:
        if lookup not in loader:
            raise ImproperlyConfigured(
                f"{viewset.__qualname__}.{LOADER}",
                f"it does not take {lookup!r}, and others stand below its items",
                f"Write `async def {LOADER}(self{key})`",
            )
        loader[lookup] = msgspec.structs.replace(loader[lookup], name=variable)
    attributes = Signature(viewset, None, (), dependencies_on(viewset, BaseViewSet))
    if variable not in (None, lookup):
        _require_no_key(attributes, viewset, above_it, lookup)
    return Parent(
        viewset,
        variable,
        items if variable is None else items / Variable(variable, viewset.lookup_value_regex),
        attributes,
        guard_below(guard_of(viewset, "detail"), above),
        loader,
        above,
    )


def _require_no_key(
    attributes: Signature, viewset: type[BaseViewSet], above_it: Collection[str], lookup: str
) -> None:
    """Refuse functions that take the key of an item: in the URLs below, that is another's."""
    for function, taken in dependencies_of([attributes], [*above_it, lookup], {}).items():
        if any(each.name == lookup for each in taken.parameters):
            raise ImproperlyConfigured(
                f"{viewset.__qualname__}, {name_of(function)}",
                f"it takes {lookup!r}, which is the key of another in the URLs below",
                f"Find the item in {LOADER}, which is given its key there, too",
            )


def _variable(basename: str, lookup: str) -> str:
    """Name the key of an item in the URLs below it: `artist_id`."""
    word = basename.replace("-", "_")
    return lookup if lookup.startswith(f"{word}_") else f"{word}_{lookup}"


def guard_below(guard: Guard | None, above: Parent | None) -> Guard | None:
    """Give a guard that finds out who asks, where one above asks for it."""
    if above is None or above.guard is None:
        return guard
    found, asks = guard or Guard((), None, ()), above.guard
    needs_user = asks.needs_user or (asks.permission is not None and asks.permission.needs_user)
    return msgspec.structs.replace(
        found,
        authentication=found.authentication or asks.authentication,
        needs_user=found.needs_user or needs_user,
    )


def in_url(parent: Parent | None, variables: Collection[str]) -> Parent | None:
    """Give the parent that a URL names; that of a shallow item names none."""
    is_named = parent is not None and parent.nearest_variable in (None, *variables)
    return parent if is_named else None


def asked_parents(
    viewset: type[BaseViewSet], parent: Parent | None, variables: Collection[str]
) -> list[Parent]:
    """Give the parents that are asked for, the first first.

    Those are what the URL names, and of rows what a shallow one leaves out.
    """
    if parent is None:
        return []
    are_rows = hasattr(viewset, "_placing") and hasattr(parent.viewset, "_placing")
    if not are_rows and in_url(parent, variables) is None:
        return []
    return [*asked_parents(parent.viewset, parent.parent, variables), parent]
