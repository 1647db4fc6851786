"""What an action does with the conditions of a request (RFC 9110, 13)."""

from typing import Any, Final

from msgspec import Struct

from webaio.conditions import IfMatch
from webaio.conditions._preconditions import SAFE
from webaio.conditions._version import Version, version_of
from webaio.exceptions import ImproperlyConfigured
from webaio.results._declared import result_types_of
from webaio.schemas._annotation import is_model, members_of, without_null

from ._action import Action
from ._loader import LOADER
from ._method import method_of

_OF_ITEM: Final = ("create", "detail", "partial_update", "update")
"""The known actions whose result is the item."""


class Conditional(Struct, frozen=True):
    """What an action does with conditions; `version` is None where its viewset says nothing.

    `is_told` says that its answers have a tag, or a time. It `checks` the headers of a write before
    the body is read, and `compares` a write with its item before it runs; what `takes_if_match`
    compares that header by itself, with an item that is as it is then. `requires` says that If-Match
    must be there.
    """

    version: Version | None
    is_told: bool
    checks: bool
    compares: bool
    takes_if_match: bool
    requires: bool


def conditional_of(action: Action) -> Conditional | None:
    """Read what an action does with conditions; None where they are nothing to it.

    Raises `ImproperlyConfigured` for what cannot be meant, and for a write that nothing compares.
    """
    viewset, version = action.viewset, version_of(action.viewset)
    takers = [each for each in action.inputs.parameters if without_null(each.type) is IfMatch]
    is_write = action.has_item and any(each not in SAFE for each in action.methods)
    by_itself = action.name in getattr(viewset, "_asking", ())
    can_load = version is not None and hasattr(viewset, "get_object") and not by_itself
    takes_object = action.asks_for_item and not by_itself
    if is_write and not takers:
        _require_tag(action, version)
        if not (can_load or (by_itself and version)):
            _require_no_version(action, version)
    if version is None and not takers:
        return None
    if action.name == "detail" and getattr(viewset, "_beside", None) is None:
        _require_member(action, "detail")
    if can_load and not hasattr(viewset, "_beside"):
        _require_member(action, LOADER)
    asks_always = viewset.require_if_match or any(each.is_required for each in takers)
    return Conditional(
        version,
        is_told=version is not None and not action.is_handler and _is_told(action),
        checks=is_write or bool(takers),
        compares=is_write and (can_load or (takes_object and bool(takers))),
        takes_if_match=bool(takers),
        requires=(is_write or bool(takers)) and asks_always,
    )


def _require_tag(action: Action, version: Version | None) -> None:
    """Refuse to require If-Match of items that have no tag: no client could send one."""
    if action.viewset.require_if_match and version is not None and version.etag is None:
        raise ImproperlyConfigured(
            action.where,
            "the viewset says require_if_match, and its items have no tag that could be sent",
            "Say etag, or in a model viewset version",
        )


def _require_no_version(action: Action, version: Version | None) -> None:
    """Refuse a write that is to be compared, and cannot be."""
    viewset = action.viewset
    if version is None and not viewset.require_if_match:
        return
    word = "require_if_match" if version is None else "etag" if version.etag else "last_modified"
    define = f"efine `async def get_object(self, {viewset.lookup_url_kwarg}: int)`"
    raise ImproperlyConfigured(
        action.where,
        f"the viewset says {word}, and nothing compares before the item is written",
        f"{'Say etag, and d' if version is None else 'D'}{define}, or take `version: IfMatch`, and "
        "compare in the write",
    )


def _require_member(action: Action, giver: str) -> None:
    """Refuse the name of a member that the item does not have which a method gives."""
    for word in ("etag", "last_modified"):
        name = getattr(action.viewset, word)
        for kind in _types_of(action.viewset, giver) if isinstance(name, str) else ():
            if is_model(kind) and name not in members_of(kind) and not hasattr(kind, name):
                raise ImproperlyConfigured(
                    f"{action.viewset.__qualname__}.{word}",
                    f"it is {name!r}, and {kind.__qualname__} has no such member",
                    "Name one, or write a function of the item",
                )


def _is_told(action: Action) -> bool:
    """Tell whether the result of an action is the item: a marked one gives what a known one gives."""
    if action.name in _OF_ITEM:
        return True
    if not action.has_item or action.results.stream is not None:
        return False
    names = [each for each in (*_OF_ITEM, "get_object") if getattr(action.viewset, each, None)]
    known = [kind for name in names for kind in _types_of(action.viewset, name)]
    return any(each in known for each in _types_of(action.viewset, action.name))


def _types_of(viewset: type, name: str) -> list[Any]:
    """Give the types that an action may give, beside None and responses."""
    annotations = method_of(viewset, name, f"{viewset.__qualname__}.{name}")[-1]
    return result_types_of(annotations.get("return"))
