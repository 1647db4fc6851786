import functools
import inspect
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from webaio.authentication import current_user
from webaio.decorators._callable import name_of, signature
from webaio.decorators._operation import (
    Operation,
    added_by,
    operation_of,
    own_operation_of,
)
from webaio.decorators._words import Middleware, checked_middlewares
from webaio.parameters import Depends
from webaio.parameters._plan import Plan, plan_of
from webaio.parameters._request import is_all_that_is_taken, request_of
from webaio.parameters._signature import Signature, signature_of
from webaio.parameters._source import REQUIRED
from webaio.permissions._guard import Guard, guard_of
from webaio.results._declared import Statuses, is_response, makes_response, results_of
from webaio.results._kinds import Results
from webaio.viewsets import BaseViewSet

from ._action import Action
from ._action_checks import require_servable
from ._method import Method, method_of

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
    has_items: bool,
    attributes: Mapping[str, Depends],
) -> Action:
    """Read an action that answers some methods of a URL; the words are those of `Action`.

    `attributes` are those of the viewset that functions give, and `has_items` tells whether an item
    of the viewset has a URL.

    Raises `ImproperlyConfigured` for a method that is not async, and for a signature that no
    request could serve.
    """
    where = f"{viewset.__qualname__}.{name}"
    method = method_of(viewset, name, where)
    request = request_of(method.parameters, method.annotations, variables, where)
    is_handler = _is_handler(method, request)
    if is_handler:
        taken = Signature("request", (), {})
    else:
        taken = signature_of(method.parameters, method.annotations, variables, where)
    operation = _operation(viewset, name, method, taken, is_handler)
    if is_handler:
        status = _statuses(name, operation, has_items).status
        results = Results(status, 204, makes_response=True)
    else:
        results = _results(method, name, operation, has_items, where)
    plan = plan_of(taken, attributes, variables, client_max_size=operation.client_max_size)
    action = Action(
        viewset=viewset,
        name=name,
        basename=basename,
        methods=methods,
        variables=variables,
        function=_called_with(method, variables) if is_handler else method.function,
        takes_self=method.takes_self,
        is_handler=is_handler,
        operation=operation,
        middlewares=_middlewares(viewset, operation),
        guard=_guard(viewset, name, plan, where),
        plan=plan,
        results=results,
    )
    require_servable(action)
    return action


def _is_handler(method: Method, request: inspect.Parameter | None) -> bool:
    """Tell a plain handler of a request, which says nothing of what it takes and gives."""
    return (
        inspect.iscoroutinefunction(method.function)
        and is_response(method.annotations.get("return", REQUIRED))
        and is_all_that_is_taken(request, method.parameters, method.annotations)
    )


def _operation(
    viewset: type[BaseViewSet], name: str, method: Method, taken: Signature, is_handler: bool
) -> Operation:
    """Give the words of an action, without those of a method that it overrides and that do not fit."""
    found = operation_of(viewset, name)
    if _MAY_BE_UNFIT(found) == _NONE_OF_THEM:
        return found
    own = own_operation_of(viewset, name)
    result = method.annotations.get("return", REQUIRED)
    has_body = any(each.source.location == "body" for each in taken.parameters)
    may_have_body = has_body or bool(taken.dependencies)
    is_empty = found.status in (204, 205)
    unfit = {
        "status": (is_handler and not found.produces)
        or (is_empty and result not in (None, type(None))),
        "headers": is_handler,
        "client_max_size": not may_have_body and taken.request is None,
        "consumes": has_body,
        "produces": not is_handler and not makes_response(result),
    }
    dropped = [word for word, is_unfit in unfit.items() if is_unfit and getattr(own, word) is None]
    return msgspec.structs.replace(found, **dict.fromkeys(dropped)) if dropped else found


def _called_with(method: Method, variables: frozenset[str]) -> Callable[..., Any]:
    """Give the function of a handler; one that names variables of the URL, is given them.

    Its other parameters have defaults, and get nothing.
    """
    function = method.function
    names = [each.name for each in method.parameters if each.name in variables]
    bound = [None, None] if method.takes_self else [None]
    try:
        signature(function, follow_wrapped=False).bind(*bound, **dict.fromkeys(names))
    except (TypeError, ValueError):  # a decorator that passes on the request alone
        names = []
    if not names:
        return function

    @functools.wraps(function)
    async def handler(*arguments: Any) -> Any:
        found = arguments[-1].match_info
        return await function(*arguments, **{name: found[name] for name in names})

    return handler


def _guard(viewset: type[BaseViewSet], name: str, plan: Plan, where: str) -> Guard | None:
    """Give what stands before an action; one that takes the user needs a way to find out who asks."""
    found = guard_of(viewset, name)
    takes_user = any(each.function is current_user for each in plan.dependencies)
    if takes_user:
        found = msgspec.structs.replace(found or Guard((), None, ()), needs_user=True)
    if found is not None:
        found.require_authentication(where)
    return found


def _middlewares(viewset: type[BaseViewSet], operation: Operation) -> tuple[Middleware, ...]:
    """Give the middlewares around an action, those of the viewset outermost."""
    common = checked_middlewares(viewset.middlewares, viewset.__qualname__) or ()
    found = (*common, *(operation.middlewares or ()))
    for each in found:
        added_by(each, name_of(each), "errors", "headers", "security")
    return found


def _statuses(name: str, operation: Operation, has_items: bool) -> Statuses:
    is_create = name == "create"
    return Statuses(
        status=operation.status or (201 if is_create else 200),
        empty_status=operation.status or 204,
        has_location=is_create and has_items,
    )


def _results(
    method: Method, name: str, operation: Operation, has_items: bool, where: str
) -> Results:
    statuses = _statuses(name, operation, has_items)
    annotation = method.annotations.get("return", REQUIRED)
    headers = operation.headers or {}
    return results_of(method.function, annotation, statuses, headers, f"{where}, result")
