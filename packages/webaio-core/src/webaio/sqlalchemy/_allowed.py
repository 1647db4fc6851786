"""From a permission to the condition of the rows that it lets somebody reach."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, not_, or_

from webaio.authentication import Identity
from webaio.exceptions import ImproperlyConfigured
from webaio.permissions import BasePermission, ObjectPermission
from webaio.permissions._base_permission import Joined, Not

from ._conditions import grouped
from ._rows import Conditions

Allowed = bool | ColumnElement[bool]
"""A condition of rows; True for every row, and False for none."""


def conditions_in(answer: Allowed) -> Conditions:
    """Give an answer as conditions that all hold."""
    if isinstance(answer, bool):
        return () if answer else (false(),)
    return (answer,)


async def allowed(permission: BasePermission, identity: Identity | None) -> Allowed:
    """Give the rows that somebody may reach."""
    if isinstance(permission, Joined):
        answers = [await allowed(each, identity) for each in permission.parts]
        return _joined(answers, decisive=permission.decisive)
    if isinstance(permission, Not):
        answer = await allowed(permission.part, identity)
        if isinstance(answer, bool):
            return not answer
        return not_(func.coalesce(answer, false()))  # of NULL neither it nor its NOT would hold
    decided = await permission.decide(identity)
    if decided is None and isinstance(permission, ObjectPermission):
        return _of_scope(permission, None if identity is None else identity.user)
    if decided is None:
        name = type(permission).__qualname__
        raise TypeError(f"{name}.decide() gave None, and it has no scope() that could be asked")
    return decided


def require_scopes(permission: BasePermission, where: str) -> None:
    """Refuse an object permission that says nothing of rows."""
    if isinstance(permission, Joined):
        for each in permission.parts:
            require_scopes(each, where)
    elif isinstance(permission, Not):
        require_scopes(permission.part, where)
    elif isinstance(permission, ObjectPermission):
        if type(permission).scope is ObjectPermission.scope:
            name = type(permission).__qualname__
            raise ImproperlyConfigured(
                where,
                f"{name} has no scope(), and a model viewset asks by its statements",
                "Define `def scope(self, user)`, which gives conditions of the rows",
            )
    elif permission.needs_object:
        name = type(permission).__qualname__
        what = f"{name} needs an object, and is no ObjectPermission"
        raise ImproperlyConfigured(where, what, "Extend ObjectPermission, and define scope()")


def _joined(answers: Iterable[Allowed], *, decisive: bool) -> Allowed:
    """Join answers: that which is decisive decides alone, and its opposite says nothing."""
    conditions: list[ColumnElement[bool]] = []
    for each in answers:
        if each is decisive:
            return decisive
        if not isinstance(each, bool):
            conditions.append(each)
    if not conditions:
        return not decisive
    return or_(*conditions) if decisive else and_(*conditions)


def _of_scope(permission: ObjectPermission[Any, Any], user: object) -> Allowed:
    said = permission.scope(user)
    if said is True or said is False:
        return said
    if not isinstance(said, (list, tuple)) or not said:
        name = type(permission).__qualname__
        raise TypeError(
            f"{name}.scope() gave {said!r}: give conditions, True for every row or False for none"
        )
    return and_(*(grouped(each) for each in said))
