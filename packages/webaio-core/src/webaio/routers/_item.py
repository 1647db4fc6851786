"""The item of an action: loaded, and asked for, before the action runs."""

from __future__ import annotations  # of functions that are made for each action

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

from aiohttp import web

from webaio.authentication import identity_of
from webaio.authentication._identified import unknown
from webaio.decorators._said import is_named
from webaio.exceptions import APIException, ImproperlyConfigured, PermissionDenied
from webaio.parameters import Parameter
from webaio.parameters._reading import reading_of
from webaio.parameters._source import Inputs, Reader
from webaio.permissions import BasePermission
from webaio.permissions._guard import Guard, guard_of, require_create
from webaio.permissions._words import permission_of
from webaio.viewsets import BaseViewSet

from ._action import Action
from ._loader import LOADER, loader_of

Ask = Callable[[Any, bool], Awaitable[None]]
"""Sets the item on an instance, and asks for it, unless all is decided; raises what refuses it."""
Load = Callable[[Any], Awaitable[Any]]
"""Gives the item of an instance, or None."""

_NOT_FOUND: Final = 404


def ask_of(action: Action) -> Ask | None:
    """Make what loads and asks for the item of an action; None where there is nothing to be asked.

    Raises `ImproperlyConfigured` for a permission that nothing can give an object.
    """
    guard, viewset, name = action.guard, action.viewset, action.name
    creating = create_permission_of(action) if action.may_create else None
    if guard is None or guard.permission is None:
        return None
    by_itself: Collection[str] | None = getattr(viewset, "_asking", None)
    if by_itself is not None:
        loads = action.has_item and name not in by_itself
        _require_narrowing(viewset, name, guard, loads, action.where)
        loader = loader_of(viewset, action.variables) if loads else None
        return _narrowing(guard, None if loader is None else reader_of(loader))
    if action.asks_for_item:
        load = loading_of(reader_of(loader_of(viewset, action.variables)))
        return asking_of(viewset, name, guard.permission, load, creating)
    if guard.needs_object:
        raise ImproperlyConfigured(
            action.where,
            "its permission asks for an object, and there is none",
            f"Define `async def {LOADER}(self, {viewset.lookup_url_kwarg}: ...)`"
            if action.has_item
            else f"Give the action its own: permissions = {{{name!r}: IsAuthenticated(), ...}}",
        )
    return None


def loading_of(read: Reader, loader: str = LOADER) -> Load:
    """Make what gives the item by what the URL says of it; None where it is not there."""

    async def load(instance: Any) -> Any:
        try:
            return await getattr(instance, loader)(**read(instance.request))
        except web.HTTPNotFound:
            return None
        except APIException as error:
            if error.status_code != _NOT_FOUND:
                raise
            return None

    return load


def reader_of(loader: Mapping[str, Parameter]) -> Reader:
    """Make what reads from a URL what `get_object` takes."""
    return reading_of(loader, (), Inputs((*loader.values(),)))


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
    if not loads and name not in viewset._asking and not is_named(viewset, name, "permissions"):
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


def asking_of(
    viewset: type[BaseViewSet],
    name: str,
    permission: BasePermission,
    load: Load,
    creating: BasePermission | None = None,
) -> Ask:
    """Make what loads an item, and asks for it; or by `creating` for what is made where none is."""
    of_detail = None if name == "detail" else guard_of(viewset, "detail")
    seen_by = None if of_detail is None else of_detail.permission

    async def ask(instance: Any, is_decided: bool) -> None:
        request: web.Request = instance.request
        identity = identity_of(request)
        item = await load(instance)
        if item is None and creating is not None:
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
