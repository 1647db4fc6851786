import functools
import inspect
import operator
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from webaio.authentication import current_user
from webaio.conditions._idempotent import idempotent_of
from webaio.decorators._callable import Function, name_of, signature
from webaio.decorators._operation import (
    Operation,
    added_by,
    operation_of,
    own_operation_of,
)
from webaio.decorators._words import Middleware, checked_middlewares
from webaio.parameters._request import is_all_that_is_taken, request_of
from webaio.parameters._signature import Signature, signature_of
from webaio.parameters._source import REQUIRED
from webaio.permissions._guard import Guard, guard_of
from webaio.renderers._words import JSON_ALONE, renderers_of
from webaio.results._declared import is_file, is_response, results_of, takes_media_types
from webaio.results._results import Results
from webaio.viewsets import BaseViewSet

from ._action import Action
from ._action_checks import require_servable
from ._method import method_of
from ._parent import Parent, asked_parents, guard_below
from ._url_table import KNOWN_ACTIONS

_MAY_BE_UNFIT: Final = operator.attrgetter(
    "status", "headers", "client_max_size", "consumes", "produces"
)
"""Gives the words that a method may have no use for which overrides another."""
_NONE_OF_THEM: Final = _MAY_BE_UNFIT(Operation())


def action_of(
    viewset: type[BaseViewSet],
    name: str,
    *,
    basename: str,
    methods: tuple[str, ...],
    variables: frozenset[str],
    attributes: Signature,
    has_item: bool,
    beside: int | None,
    parent: Parent | None,
) -> Action:
    """Read an action that answers some methods of a URL; the words are those of `Action`.

    Raises `ImproperlyConfigured` for a method that is not async, and for a signature that no
    request could serve.
    """
    where = f"{viewset.__qualname__}.{name}"
    function, takes_self, written, annotations = method_of(viewset, name, where)
    returned = annotations.get("return", REQUIRED)
    request = request_of(written, annotations, variables, where)
    is_handler = (
        inspect.iscoroutinefunction(function)
        and is_response(returned)
        and is_all_that_is_taken(request, written, annotations)
    )
    if is_handler:
        named = [each.name for each in written if each.name in variables]
        called = _called_with(function, named, takes_self=takes_self)
        taken = Signature(called, "request", (), {})
    else:
        taken = signature_of(function, written, annotations, variables, where)
    operation = _operation(viewset, name, returned, taken, is_handler)
    results = _results(viewset, name, operation, has_urls=beside is not None)
    if is_handler:
        results = msgspec.structs.replace(results, makes_file=is_file(returned))
    else:
        results = results_of(function, returned, results, operation, f"{where}, result")
    if viewset.renderers is not JSON_ALONE or operation.renderers is not None:
        renderers = renderers_of(viewset, name, has_content=results.has_json)
        results = results.written_by(renderers)
    action = Action(
        viewset=viewset,
        name=name,
        basename=basename,
        methods=methods,
        variables=variables,
        signature=taken,
        takes_self=takes_self,
        is_handler=is_handler,
        attributes=attributes,
        has_item=has_item,
        beside=beside,
        parent=parent,
        operation=operation,
        middlewares=_middlewares(viewset, operation),
        guard=_guard(viewset, name, parent, variables),
        idempotent=idempotent_of(viewset, name, methods, streams=results.stream is not None),
        results=results,
    ).with_dependencies({})
    action = _guarded(action)
    require_servable(action)
    return action


def _operation(
    viewset: type[BaseViewSet], name: str, returned: Any, taken: Signature, is_handler: bool
) -> Operation:
    """Give the words of an action, without those of a method that it overrides and that do not fit."""
    found = operation_of(viewset, name)
    if _MAY_BE_UNFIT(found) == _NONE_OF_THEM:
        return found
    own = own_operation_of(viewset, name)
    has_body = any(each.source.location == "body" for each in taken.parameters)
    may_have_body = has_body or bool(taken.dependencies)
    is_empty = found.status in (204, 205)
    unfit = {
        "status": (is_handler and not found.produces)
        or (is_empty and returned not in (None, type(None))),
        "headers": is_handler,
        "client_max_size": not may_have_body and taken.request is None,
        "consumes": has_body,
        "produces": not is_handler and not takes_media_types(returned),
    }
    dropped = [word for word, is_unfit in unfit.items() if is_unfit and getattr(own, word) is None]
    return msgspec.structs.replace(found, **dict.fromkeys(dropped)) if dropped else found


def _called_with(function: Function, variables: Sequence[str], *, takes_self: bool) -> Function:
    """Give the function of a handler; one that names variables of the URL, is given them.

    Its other parameters have defaults, and get nothing.
    """
    bound = [None, None] if takes_self else [None]
    try:
        signature(function, follow_wrapped=False).bind(*bound, **dict.fromkeys(variables))
    except (TypeError, ValueError):  # a decorator that passes on the request alone
        return function
    if not variables:
        return function

    @functools.wraps(function)
    async def handler(*arguments: Any) -> Any:
        found = arguments[-1].match_info
        return await function(*arguments, **{name: found[name] for name in variables})

    return handler


def _guard(
    viewset: type[BaseViewSet], name: str, parent: Parent | None, variables: frozenset[str]
) -> Guard | None:
    """Give what is said of the access to an action, and to what is above it."""
    above = asked_parents(viewset, parent, variables)
    return guard_below(guard_of(viewset, name), above[-1] if above else None)


def _guarded(action: Action) -> Action:
    """Give an action with what its guard asks for: a user where the action takes him."""
    guard = action.guard
    if current_user in action.dependencies:
        guard = msgspec.structs.replace(guard or Guard((), None, ()), needs_user=True)
    if guard is not None:
        guard.require_authentication(action.where)
    return msgspec.structs.replace(action, guard=guard)


def _middlewares(viewset: type[BaseViewSet], operation: Operation) -> tuple[Middleware, ...]:
    """Give the middlewares around an action, those of the viewset outermost."""
    common = checked_middlewares(viewset.middlewares, viewset.__qualname__) or ()
    found = (*common, *(operation.middlewares or ()))
    for each in found:
        added_by(each, name_of(each), "errors", "headers", "security")
    return found


def _results(
    viewset: type[BaseViewSet], name: str, operation: Operation, *, has_urls: bool
) -> Results:
    """Give what is known of the results before their type is read, and all of a handler's."""
    is_create = name == "create"
    has_url = (is_create and has_urls) or name == "update"  # a PUT may make the item of its own
    items = (each for each, mark in KNOWN_ACTIONS.items() if mark.detail)
    has_items = any(getattr(viewset, each, None) for each in items)
    return Results(
        operation.status or (201 if is_create else 200),
        operation.status or 204,
        has_location=has_url and has_items,
        makes_response=True,
    )
