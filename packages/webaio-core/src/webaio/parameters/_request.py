"""The parameter of a function that takes the request itself."""

import inspect
from collections.abc import Collection, Mapping
from typing import Any, Final

from aiohttp import web

from webaio.exceptions import ImproperlyConfigured

from ._annotations import Unresolved
from ._marks import mark_in
from ._source import REQUIRED

_POSITIONAL: Final = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)
_VARIADIC: Final = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


def request_of(
    parameters: Collection[inspect.Parameter],
    annotations: Mapping[str, Any],
    variables: Collection[str],
    where: str,
) -> inspect.Parameter | None:
    """Find the parameter that takes the request: by its type, its name, or as the only one."""
    candidates = [each for each in parameters if each.name not in variables]
    for each in candidates:
        annotation = annotations.get(each.name, REQUIRED)
        if isinstance(annotation, type) and issubclass(annotation, web.BaseRequest):
            return each
        if each.name == "request":
            _require_request(annotation, where)
            return each
    first = next(iter(parameters), None)
    if first is None or first not in candidates or first.kind in _VARIADIC:
        return None
    annotation = annotations.get(first.name, REQUIRED)
    says_nothing = annotation is REQUIRED or is_imported_for_checkers(annotation, "Request")
    is_only = first.default is REQUIRED and _are_bare(list(parameters)[1:], annotations)
    return first if says_nothing and is_only else None


def is_all_that_is_taken(
    request: inspect.Parameter | None,
    parameters: Collection[inspect.Parameter],
    annotations: Mapping[str, Any],
) -> bool:
    """Tell whether a function can be called with the request alone, as a plain handler is."""
    first = next(iter(parameters), None)
    is_first = request is not None and request is first and request.kind in _POSITIONAL
    return is_first and _are_bare([each for each in parameters if each is not first], annotations)


def is_imported_for_checkers(annotation: Any, ending: str) -> bool:
    """Tell whether a class of aiohttp is named that is only imported under `if TYPE_CHECKING`."""
    return isinstance(annotation, Unresolved) and annotation.text.strip("'\"").endswith(ending)


def _require_request(annotation: Any, where: str) -> None:
    """Refuse the name `request` for something else."""
    is_class = isinstance(annotation, type) and annotation is not REQUIRED
    if is_class and not issubclass(web.Request, annotation):
        raise ImproperlyConfigured(
            f"{where}, parameter 'request'",
            f"the name stands for the request, and its type is {annotation.__name__}",
            "Give it another name",
        )


def _are_bare(parameters: Collection[inspect.Parameter], annotations: Mapping[str, Any]) -> bool:
    """Tell whether parameters can be left out, and say nothing of themselves."""
    return all(
        each.kind in _VARIADIC
        or (
            (each.default is not REQUIRED and each.name not in annotations)
            and mark_in(each.default) is None
        )
        for each in parameters
    )
