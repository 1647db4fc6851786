"""Refusing, at registration, an item that is found whatever parent the URL names."""

from collections.abc import Sequence

from webaio.conditions._version import version_of
from webaio.decorators._callable import declared
from webaio.exceptions import ImproperlyConfigured
from webaio.parameters._signature import Signature
from webaio.viewsets import BaseViewSet

from ._action import Action
from ._loader import LOADER, loader_of
from ._parent import Parent, in_url


def require_within_parent(action: Action) -> None:
    """Refuse to find an item by its own key alone: it may be below another parent than the URL's."""
    parent = in_url(action.parent, action.variables)
    if parent is None or not action.has_item or hasattr(action.viewset, "_placing"):
        return  # of rows, the statements say it
    viewset, is_asked = action.viewset, action.asks_for_item
    if is_asked or (version_of(viewset) is not None and hasattr(viewset, LOADER)):
        taken = loader_of(viewset, action.variables)
        loader = Signature(getattr(viewset, LOADER), None, (*taken.values(),), {})
        _require_within([loader], viewset, parent, f"{viewset.__qualname__}.{LOADER}")
    if not is_asked:
        signatures = [action.signature, *action.dependencies.values()]
        _require_within(signatures, viewset, parent, action.where)


def _require_within(
    signatures: Sequence[Signature], viewset: type[BaseViewSet], parent: Parent, where: str
) -> None:
    """Refuse functions that take the key of an item, and none of its parent."""
    key = parent.nearest_variable
    takers = [each for each in signatures if viewset.lookup_url_kwarg in each.names]
    are_within = [_is_within(each, key) for each in takers or signatures]
    if not (all(are_within) if takers else any(are_within)):
        other = "" if key is None else f"Take `{key}: ...` too and look within it, or use"
        raise ImproperlyConfigured(
            where,
            f"it finds an item by its own key alone, whatever {parent.viewset.__qualname__} it is of",
            f"{other or 'Use'} `self.parent`",
        )


def _is_within(taken: Signature, key: str | None) -> bool:
    """Tell whether a function may look at what is above; one with a request can do so by itself."""
    code = getattr(declared(taken.function), "__code__", None)
    names = (*taken.names, *getattr(code, "co_names", ()))
    return taken.request is not None or key in names or "parent" in names
