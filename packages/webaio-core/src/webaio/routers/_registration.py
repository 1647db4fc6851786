import inspect
from collections.abc import Mapping

from webaio.decorators._callable import name_of
from webaio.decorators._operation import Operation, added_by, operation_of
from webaio.decorators._words import Middleware, checked_middlewares
from webaio.parameters import Depends
from webaio.parameters._plan import plan_of
from webaio.parameters._request import is_all_that_is_taken, request_of
from webaio.parameters._signature import Signature, signature_of
from webaio.parameters._source import REQUIRED
from webaio.results._declared import Statuses, is_response, results_of
from webaio.results._kinds import Results
from webaio.viewsets import BaseViewSet

from ._action import Action
from ._action_checks import require_servable
from ._method import Method, method_of


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

    `attributes` are those of the viewset that functions give.

    Raises `ImproperlyConfigured` for a method that is not async, and for a signature that no
    request could serve.
    """
    where = f"{viewset.__qualname__}.{name}"
    method = method_of(viewset, name, where)
    operation = operation_of(viewset, name)
    request = request_of(method.parameters, method.annotations, variables, where)
    is_handler = _is_handler(method, request, variables)
    if is_handler:
        signature = Signature("request", (), {})
        results = Results(200, 204, makes_response=True)
    else:
        signature = signature_of(method.parameters, method.annotations, variables, where)
        results = _results(method, name, operation, has_items, where)
    action = Action(
        viewset=viewset,
        name=name,
        basename=basename,
        methods=methods,
        variables=variables,
        has_items=has_items,
        function=method.function,
        takes_self=method.takes_self,
        is_handler=is_handler,
        operation=operation,
        middlewares=_middlewares(viewset, operation),
        plan=plan_of(
            signature,
            attributes,
            variables,
            client_max_size=operation.client_max_size,
        ),
        results=results,
    )
    require_servable(action)
    return action


def _is_handler(
    method: Method, request: inspect.Parameter | None, variables: frozenset[str]
) -> bool:
    """Tell a plain handler of a request, which says nothing of what it takes and gives."""
    return (
        inspect.iscoroutinefunction(method.function)
        and is_response(method.annotations.get("return", REQUIRED))
        and is_all_that_is_taken(request, method.parameters, method.annotations, variables)
    )


def _middlewares(viewset: type[BaseViewSet], operation: Operation) -> tuple[Middleware, ...]:
    """Give the middlewares around an action, those of the viewset outermost."""
    common = checked_middlewares(viewset.middlewares, viewset.__qualname__) or ()
    found = (*common, *(operation.middlewares or ()))
    for each in found:
        added_by(each, name_of(each), "errors", "headers", "security")
    return found


def _results(
    method: Method, name: str, operation: Operation, has_items: bool, where: str
) -> Results:
    is_create = name == "create"
    statuses = Statuses(
        status=operation.status or (201 if is_create else 200),
        empty_status=operation.status or 204,
        has_location=is_create and has_items,
    )
    annotation = method.annotations.get("return", REQUIRED)
    headers = operation.headers or {}
    return results_of(method.function, annotation, statuses, headers, f"{where}, result")
