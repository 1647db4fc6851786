"""Refusing, at registration, a viewset that would not do what it says."""

import functools
from collections.abc import Mapping
from typing import Final

from webaio.conditions._idempotent import require_actions
from webaio.decorators._action import ActionMark
from webaio.decorators._mark import records_of
from webaio.decorators._said import require_known_names
from webaio.exceptions import ImproperlyConfigured
from webaio.viewsets import BaseViewSet

from ._url_table import KNOWN_ACTIONS

_UNREAD: Final = {
    **dict.fromkeys(
        ("authentication_classes", "get_authenticators"),
        "authentication = (jwt,)",
    ),
    **dict.fromkeys(
        ("permission", "permission_classes", "get_permissions"),
        "permissions = IsAuthenticated()",
    ),
    **dict.fromkeys(
        ("throttle_classes", "get_throttles"),
        "throttles = (Rate('20/minute', by='user'),)",
    ),
    **dict.fromkeys(("renderer_classes", "get_renderers"), "renderers = (JSON(), CSV())"),
}
"""What nobody reads, most of it REST framework's, with what is read in its place."""


def require_viewset(viewset: type[BaseViewSet]) -> None:
    """Refuse what is no viewset, and attributes that cannot be meant."""
    _require_class(viewset)
    _require_lookup(viewset)
    _require_operations(viewset)
    _require_no_unread_words(viewset)
    require_known_names(viewset, [*KNOWN_ACTIONS])
    require_actions(viewset, functools.partial(_is_action, viewset))


def _require_class(viewset: object) -> None:
    if not isinstance(viewset, type) or not issubclass(viewset, BaseViewSet):
        raise ImproperlyConfigured(
            f"register({viewset!r})",
            "it is not a viewset",
            "Pass the class first, and let it extend webaio.viewsets.BaseViewSet",
        )


def _require_lookup(viewset: type[BaseViewSet]) -> None:
    for attribute in ("lookup_url_kwarg", "lookup_value_regex"):
        value = getattr(viewset, attribute)
        if not isinstance(value, str) or not value:
            raise ImproperlyConfigured(
                f"{viewset.__qualname__}.{attribute}",
                f"{value!r} is not a string with something in it",
                "Leave it out, or give such as 'id' and '[0-9]+'",
            )
    field = viewset.lookup_field
    if field is not None and (not isinstance(field, str) or not field):
        raise ImproperlyConfigured(
            f"{viewset.__qualname__}.lookup_field",
            f"{field!r} is no name of a member",
            "Leave it out, or give such as 'id'",
        )
    if not viewset.lookup_url_kwarg.isidentifier():
        raise ImproperlyConfigured(
            f"{viewset.__qualname__}.lookup_url_kwarg",
            f"{viewset.lookup_url_kwarg!r} cannot name a part of a URL",
            "Use an identifier, such as 'id'",
        )


def _require_operations(viewset: type[BaseViewSet]) -> None:
    """Refuse words of an action that there is not."""
    where = f"{viewset.__qualname__}.operations"
    for owner in viewset.__mro__:
        operations = vars(owner).get("operations") or {}
        if not isinstance(operations, Mapping):
            raise ImproperlyConfigured(
                where, f"{operations!r} is no dict", "Write such as {'create': operation(...)}"
            )
        for name in operations:
            if not isinstance(name, str) or not _is_action(viewset, name):
                raise ImproperlyConfigured(
                    where, f"it has {name!r}, which is no action", "Give the name of one"
                )


def _is_action(viewset: type[BaseViewSet], name: str) -> bool:
    return name in KNOWN_ACTIONS or any(records_of(viewset, name, ActionMark))


def _require_no_unread_words(viewset: type[BaseViewSet]) -> None:
    for name, ours in _UNREAD.items():
        if hasattr(viewset, name):
            raise ImproperlyConfigured(
                f"{viewset.__qualname__}.{name}", "nobody reads it", f"Write `{ours}`"
            )
