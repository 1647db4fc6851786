"""Where in the URLs of an application a viewset stands."""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from webaio.decorators._action import ActionMark
from webaio.exceptions import ImproperlyConfigured
from webaio.viewsets import BaseViewSet

from ._parent import Parent, parent_of
from ._path import Path, Variable
from ._url_table import KNOWN_ACTIONS


class Place(Struct, frozen=True):
    """The paths of a viewset: of its collection, and what stands before the key of an item.

    `name` is its basename, with those of its parents before it. `parent` is the resource that it is
    below, also where a shallow item does not say it. A singleton has no keys.
    """

    viewset: type[BaseViewSet]
    basename: str
    name: str
    collection: Path
    items: Path
    is_singleton: bool
    parent: Parent | None = None

    @property
    def item(self) -> Path:
        """The path of an item."""
        if self.is_singleton:
            return self.items
        viewset = self.viewset
        return self.items / Variable(viewset.lookup_url_kwarg, viewset.lookup_value_regex)

    @property
    def is_at_root(self) -> bool:
        """Whether a root can name it: it stands below no parent, and its URL answers."""
        answers = any(getattr(self.viewset, each, None) is not None for each in ("list", "create"))
        return self.parent is None and (self.is_singleton or answers)

    @property
    def beside(self) -> int | None:
        """How many segments of the collection's path are not in an item's; None without a key there."""
        if self.is_singleton:
            return None
        return len(self.collection.segments) - len(self.items.segments)

    def mark_of(self, mark: ActionMark) -> ActionMark:
        """Give the mark of an action as it is here: all of a singleton, but to create it, is of its item."""
        if not self.is_singleton:
            return mark
        if mark == KNOWN_ACTIONS["create"]:
            return msgspec.structs.replace(mark, url_name="detail")
        return msgspec.structs.replace(mark, detail=True)


def place_of(
    viewset: type[BaseViewSet],
    basename: str,
    above: Place | None,
    prefix: Path,
    *,
    shallow: bool,
    singleton: bool,
) -> Place:
    """Find the place of a viewset below another, or at the prefix.

    Raises `ImproperlyConfigured` for words that do not go together, and what `parent_of` refuses.
    """
    where = f"register({viewset.__qualname__}, {basename!r})"
    if shallow and (above is None or singleton):
        raise ImproperlyConfigured(
            where,
            "shallow=True is given, and there is no key of an item below a parent",
            "Take the word out, or give parent=",
        )
    if singleton and hasattr(viewset, "_placing"):
        raise ImproperlyConfigured(
            where,
            "it is a model viewset, whose items have keys, and singleton=True is given",
            "Extend BaseViewSet, and take a Session",
        )
    if above is None:
        collection = prefix / basename
        return Place(viewset, basename, basename, collection, collection, singleton)
    if above.is_singleton and hasattr(viewset, "_placing"):
        raise ImproperlyConfigured(
            where,
            f"{above.viewset.__qualname__} is a singleton, and no key says which rows are below it",
            "Say it in scope(), and take parent= out",
        )
    parent = parent_of(above.viewset, above.basename, above.items, above.parent, above.is_singleton)
    collection = parent.path / basename
    key = [each for each in collection.variables if each.name == parent.variable]
    _require_segments(collection.variables if shallow else key, where)
    items = prefix / basename if shallow else collection
    name = f"{above.name}-{basename}"
    return Place(viewset, basename, name, collection, items, singleton, parent)


def _require_segments(variables: Iterable[Variable], where: str) -> None:
    """Refuse a key that may hold slashes: nobody could tell where a URL goes on."""
    for each in variables:
        if not each.is_within:
            raise ImproperlyConfigured(
                where,
                f"the URL goes on after {each.name!r}, which may hold a slash",
                "Give its viewset a lookup_value_regex without one, such as '[^/]+'",
            )
