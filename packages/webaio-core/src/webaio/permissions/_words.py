"""What a viewset, its bases and its methods say of an action's access."""

from typing import TypeVar

from webaio.authentication import BaseAuthentication
from webaio.decorators._said import said_of
from webaio.exceptions import ImproperlyConfigured
from webaio.throttling import Rate

from ._base_permission import BasePermission

_Kind = TypeVar("_Kind")


def permission_of(viewset: type, name: str) -> BasePermission | None:
    """Give the permission of an action; None where nothing says it."""
    found = said_of(viewset, name, "permissions")
    if found is None:
        return None
    where, permission = found
    return checked_permission(permission, where)


def authentication_of(viewset: type, name: str) -> tuple[BaseAuthentication, ...]:
    """Give the ways in which who asks for an action is found out."""
    found = said_of(viewset, name, "authentication")
    return () if found is None else checked_authentication(found[1], found[0])


def throttles_of(viewset: type, name: str) -> tuple[Rate, ...]:
    """Give the rates of an action."""
    found = said_of(viewset, name, "throttles")
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
