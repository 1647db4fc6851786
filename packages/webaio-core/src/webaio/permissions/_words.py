"""What a viewset, its bases and its methods say of an action's access."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from webaio.authentication import BaseAuthentication
from webaio.decorators._mark import owners_of, record_on
from webaio.decorators._operation import Operation
from webaio.exceptions import ImproperlyConfigured
from webaio.throttling import Rate

from ._base_permission import BasePermission

_OTHERS: Final = "*"
_Kind = TypeVar("_Kind")


def permission_of(viewset: type, name: str) -> BasePermission | None:
    """Give the permission of an action; None where nothing says it."""
    found = _said(viewset, name, "permissions")
    if found is None:
        return None
    where, permission = found
    return checked_permission(permission, where)


def is_named(viewset: type, name: str) -> bool:
    """Tell whether the permission of an action is said by its name."""
    return any(_by_name(viewset, name, "permissions"))


def authentication_of(viewset: type, name: str) -> tuple[BaseAuthentication, ...]:
    """Give the ways in which who asks for an action is found out."""
    found = _said(viewset, name, "authentication")
    return () if found is None else checked_authentication(found[1], found[0])


def throttles_of(viewset: type, name: str) -> tuple[Rate, ...]:
    """Give the rates of an action."""
    found = _said(viewset, name, "throttles")
    return () if found is None else checked_throttles(found[1], found[0])


def checked_permission(permission: object, where: str) -> BasePermission:
    """Keep a permission; raises `ImproperlyConfigured` for what is none."""
    if isinstance(permission, BasePermission):
        return permission
    if isinstance(permission, type) and issubclass(permission, BasePermission):
        fix = f"Write {permission.__name__}()"
        raise ImproperlyConfigured(where, f"{permission.__name__} is a class", fix)
    if isinstance(permission, (list, tuple)):
        fix = "Join them by `&`, or by `|` where one of them is enough"
        raise ImproperlyConfigured(where, "it is a list", fix)
    raise ImproperlyConfigured(
        where, f"{permission!r} is no permission", "Write such as IsAuthenticated()"
    )


def checked_authentication(ways: object, where: str) -> tuple[BaseAuthentication, ...]:
    """Keep ways to authenticate; raises `ImproperlyConfigured` for what is none."""
    return _all_of(BaseAuthentication, ways, where, "way to authenticate", "(jwt,)")


def checked_throttles(rates: object, where: str) -> tuple[Rate, ...]:
    """Keep rates; raises `ImproperlyConfigured` for what is none."""
    return _all_of(Rate, rates, where, "Rate", "(Rate('20/minute', by='user'),)")


def _all_of(
    kind: type[_Kind], given: object, where: str, name: str, example: str
) -> tuple[_Kind, ...]:
    fix = f"Write such as {example}"
    if not isinstance(given, (list, tuple)):
        raise ImproperlyConfigured(where, f"{given!r} is no list", fix)
    for each in given:
        if not isinstance(each, kind):
            raise ImproperlyConfigured(where, f"{each!r} is no {name}", fix)
    return tuple(given)


def require_known_names(viewset: type, names: Sequence[str]) -> None:
    """Refuse words of an action that there is not: a misspelt name would guard nothing."""
    for word in ("authentication", "permissions", "throttles"):
        for owner in viewset.__mro__:
            said = vars(owner).get(word)
            for name in said if isinstance(said, Mapping) else ():
                if name not in (*names, _OTHERS) and not hasattr(viewset, str(name)):
                    raise ImproperlyConfigured(
                        f"{owner.__qualname__}.{word}",
                        f"it has {name!r}, which is no action",
                        "Give the name of one, or '*' for all others",
                    )


def _said(viewset: type, name: str, word: str) -> tuple[str, Any] | None:
    """Find what is said of an action, and where: by its name before what is said of all.

    Of each the nearest class says it. So no class that says something of all its actions takes
    away what a base says of one of them.
    """
    return next(_by_name(viewset, name, word), None) or next(_of_all(viewset, word), None)


def _by_name(viewset: type, name: str, word: str) -> Iterator[tuple[str, Any]]:
    with_method = [*owners_of(viewset, name)]
    for owner in viewset.__mro__:
        said = vars(owner).get(word)
        if isinstance(said, Mapping) and name in said:
            yield f"{owner.__qualname__}.{word}[{name!r}]", said[name]
        operations = vars(owner).get("operations") or {}
        marked = record_on(vars(owner)[name], Operation) if owner in with_method else None
        for words in (operations.get(name), marked):
            if words is not None and (found := getattr(words, word)) is not None:
                yield f"{owner.__qualname__}.{name}, {word}=", found


def _of_all(viewset: type, word: str) -> Iterator[tuple[str, Any]]:
    for owner in viewset.__mro__:
        said = vars(owner).get(word)
        if isinstance(said, Mapping):
            if _OTHERS in said:
                yield f"{owner.__qualname__}.{word}['*']", said[_OTHERS]
        elif said is not None:
            yield f"{owner.__qualname__}.{word}", said
