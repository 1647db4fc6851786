"""The item of an action: loaded, and asked for, before the action runs."""

from __future__ import annotations  # of functions that are made for each action

import inspect
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from aiohttp import web

from webaio.authentication import identity_of
from webaio.authentication._identified import unknown
from webaio.exceptions import APIException, ImproperlyConfigured, PermissionDenied
from webaio.parameters._path import Path
from webaio.parameters._reading import reading_of
from webaio.parameters._signature import signature_of
from webaio.parameters._source import Inputs, Reader
from webaio.permissions import BasePermission
from webaio.permissions._guard import Guard, guard_of, require_create
from webaio.permissions._words import is_named, permission_of
from webaio.viewsets import BaseViewSet

from ._action import Action
from ._method import method_of

Ask = Callable[[Any, bool], Awaitable[None]]
"""Sets the item on an instance, and asks for it, unless all is decided; raises what refuses it."""

_LOADER = "get_object"
_NOT_FOUND = 404


def ask_of(action: Action, guard: Guard) -> Ask | None:
    """Make what loads and asks for the item of an action; None where there is nothing to be asked.

    Raises `ImproperlyConfigured` for a permission that nothing can give an object.
    """
    if guard.permission is None:
        return None
    viewset, name, where = action.viewset, action.name, action.where
    has_item, variables = action.has_item, action.variables
    by_itself: Collection[str] | None = getattr(viewset, "_asking", None)
    if by_itself is not None:
        loads = has_item and name not in by_itself
        _require_narrowing(viewset, name, guard, loads, where)
        return _narrowing(guard, _reader(viewset, variables) if loads else None)
    if has_item and hasattr(viewset, _LOADER):
        return _asking(action, guard.permission, loading_of(viewset, variables))
    if guard.needs_object:
        raise ImproperlyConfigured(
            where,
            "its permission asks for an object, and there is none",
            f"Define `async def {_LOADER}(self, {viewset.lookup_url_kwarg}: ...)`"
            if has_item
            else f"Give the action its own: permissions = {{{name!r}: IsAuthenticated(), ...}}",
        )
    return None


def loading_of(
    viewset: type[BaseViewSet], variables: Collection[str], *, is_to_write: bool = False
) -> Callable[[Any], Any]:
    """Make what gives the item by what the URL says of it; None where it is not there.

    A viewset may load otherwise what is to be written, such as with a lock.
    """
    read = _reader(viewset, variables)

    name: str = getattr(viewset, "_loader", _LOADER) if is_to_write else _LOADER

    async def load(instance: Any) -> Any:
        try:
            return await getattr(instance, name)(**read(instance.request))
        except web.HTTPNotFound:
            return None
        except APIException as error:
            if error.status_code != _NOT_FOUND:
                raise
            return None

    return load


def _reader(viewset: type[BaseViewSet], variables: Collection[str]) -> Reader:
    where = f"{viewset.__qualname__}.{_LOADER}"
    if not inspect.iscoroutinefunction(getattr(viewset, _LOADER)):
        raise ImproperlyConfigured(where, "it is not async", f"Write `async def {_LOADER}`")
    function, takes_self, written, annotations = method_of(viewset, _LOADER, where)
    taken = signature_of(function, written, annotations, variables, where)
    others = {*taken.names} - {
        each.name for each in taken.parameters if isinstance(each.source, Path)
    }
    if others or not takes_self:
        raise ImproperlyConfigured(
            where,
            "it takes `self` and variables of the URL alone",
            f"Write such as `async def {_LOADER}(self, {viewset.lookup_url_kwarg}: int)`; what "
            "functions give, an attribute can be",
        )
    return reading_of({each.name: each for each in taken.parameters}, (), Inputs(taken.parameters))


def _narrowing(guard: Guard, read: Reader | None) -> Ask | None:
    """Make what lets a viewset ask in its own statements, and loads an item by them."""
    if read is None and not guard.needs_object:
        return None

    async def ask(instance: Any, is_decided: bool) -> None:
        if not is_decided:
            await instance._narrow(guard.permission)
        if read is not None:
            instance.object = await instance.get_object(**read(instance.request))
            if instance.object is None:  # as one that is written by hand may say it
                raise instance.not_found()

    return ask


def _require_narrowing(viewset: Any, name: str, guard: Guard, loads: bool, where: str) -> None:
    """Refuse a permission that says nothing of rows, or that an action may leave unasked."""
    if not guard.needs_object:
        return
    viewset._require_narrowing(guard.permission, where, loads=loads)
    if not loads and name not in viewset._asking and not is_named(viewset, name):
        raise ImproperlyConfigured(
            where,
            "its permission depends on rows, and what is written by hand is not narrowed by itself",
            "Read by self.stream() or self.narrowed(select(...)), and name the action in "
            f"permissions = {{{name!r}: ..., '*': ...}}",
        )


def create_permission_of(action: Action) -> BasePermission | None:
    """Give what is asked for a PUT without an item: the permission of `create`.

    Raises `ImproperlyConfigured` where that cannot be asked, or would let in whom `create` does not.
    """
    creating, own = (
        permission_of(action.viewset, "create"),
        action.guard and action.guard.permission,
    )
    if creating is None and own is None:
        return None
    if own is None or creating is None or creating.needs_object:
        what = (
            "the permission of 'create' asks for an object"
            if creating is not None and creating.needs_object
            else f"of {'create' if creating is None else action.name!r} no permission is declared"
        )
        fix = "Give `permissions = {'create': IsAuthenticated(), ...}`, and one of 'update'"
        raise ImproperlyConfigured(action.where, f"it may create, and {what}", fix)
    return creating


def _asking(action: Action, permission: BasePermission, load: Callable[[Any], Any]) -> Ask:
    """Make what loads an item, and asks for it; or for what may make it, where there is none."""
    viewset, name, may_create = action.viewset, action.name, action.may_create
    creating = create_permission_of(action) if may_create else None
    of_detail = None if name == "detail" else guard_of(viewset, "detail")
    seen_by = None if of_detail is None else of_detail.permission

    async def ask(instance: Any, is_decided: bool) -> None:
        request: web.Request = instance.request
        identity = identity_of(request)
        item = await load(instance)
        if item is None and may_create:
            await require_create(creating, request)
            instance.object = None
            return
        if item is None:
            raise unknown(request) if identity is None and not is_decided else viewset.not_found()
        if not is_decided and not await permission.decide_on(identity, item):
            if identity is None:
                raise unknown(request)
            is_seen = seen_by is not None and await seen_by.decide_on(identity, item)
            raise PermissionDenied if is_seen else viewset.not_found()
        instance.object = item

    return ask
