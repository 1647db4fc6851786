import inspect
from collections.abc import Mapping
from typing import Any

from webaio.decorators._callable import Function, declared, signature
from webaio.decorators._mark import record_on
from webaio.decorators._operation import Operation
from webaio.exceptions import ImproperlyConfigured
from webaio.parameters._annotations import annotations_of
from webaio.viewsets import BaseViewSet


def method_of(
    viewset: type[BaseViewSet], name: str, where: str
) -> tuple[Function, bool, tuple[inspect.Parameter, ...], Mapping[str, Any]]:
    """Give the function of a method, whether it takes `self`, what it takes beside, its annotations.

    Raises `ImproperlyConfigured` for one that is not async, and for one whose words were lost.
    """
    owner = next(each for each in viewset.__mro__ if name in vars(each))
    static, function = vars(owner)[name], getattr(viewset, name)
    _require_words_kept(function, f"{owner.__qualname__}.{name}", where)
    if not (inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)):
        inner = inspect.unwrap(function) if callable(function) else None
        if inspect.iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner):
            raise ImproperlyConfigured(
                where,
                "the action is async, and its decorator is not",
                "Let the decorator's function be `async def`, and await the action",
            )
        raise ImproperlyConfigured(
            where, "the action is not an async function", f"Write `async def {name}`"
        )
    is_bound = isinstance(static, (classmethod, staticmethod))
    own = static.__func__ if is_bound else function
    written = declared(own)
    parameters = tuple(signature(written, follow_wrapped=False).parameters.values())
    takes_self = not is_bound and [each.name for each in parameters[:1]] == ["self"]
    rest = parameters[1:] if takes_self or isinstance(static, classmethod) else parameters
    annotations = annotations_of(written, parameters, viewset=viewset, owner=owner)
    return function, takes_self, rest, annotations


def _require_words_kept(function: object, name: str, where: str) -> None:
    """Refuse a decorator that hides the words of the method it is on: its permission, for one."""
    if not inspect.isfunction(function) or function.__closure__ is None:
        return  # as nearly all are: the rest takes long
    if record_on(function, Operation) is not None:
        return
    for cell in function.__closure__:
        try:
            inner = cell.cell_contents
        except ValueError:  # of a name that has no value yet
            continue
        is_method = inspect.isfunction(inner) and inner.__qualname__ == name
        if is_method and record_on(inner, Operation) is not None:
            raise ImproperlyConfigured(
                where,
                "a decorator hides what @operation says of it",
                "Put functools.wraps on the decorator's function, or @operation above the decorator",
            )
