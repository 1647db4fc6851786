import functools
import inspect
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from webaio.configuration import ImproperlyConfigured
from webaio.viewsets import BaseViewSet

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_FORMS: Final = "Write `async def {name}(self, request)` or `async def {name}(request)`"
_POSITIONAL: Final = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


def handler_of(viewset: type[BaseViewSet], name: str) -> Handler:
    """Make the coroutine function that serves one action; all is decided here, nothing per request.

    Raises `ImproperlyConfigured` when the method is not async or takes something else than the
    request.
    """
    where = f"{viewset.__qualname__}.{name}"
    static = inspect.getattr_static(viewset, name)
    function: Any = getattr(viewset, name)
    if not inspect.iscoroutinefunction(function):
        raise ImproperlyConfigured(where, "the action is not async", f"Write `async def {name}`")
    parameters = _positional_parameters(function, where, name)
    if isinstance(static, (classmethod, staticmethod)) or parameters[:1] != ["self"]:
        _require_one(parameters, where, name)
        return function  # type: ignore[no-any-return]  # its own signature is the handler's
    _require_one(parameters[1:], where, name)
    _require_plain_constructor(viewset)
    return _bound_handler(viewset, name, function)


def _bound_handler(
    viewset: type[BaseViewSet], name: str, function: Callable[..., Awaitable[web.StreamResponse]]
) -> Handler:
    @functools.wraps(function)
    async def handler(request: web.Request) -> web.StreamResponse:
        instance = viewset()
        instance.request = request
        instance.action = name
        return await function(instance, request)

    return handler


def _positional_parameters(function: Callable[..., Any], where: str, name: str) -> list[str]:
    parameters = list(_signature(function).parameters.values())
    for parameter in parameters:
        if parameter.kind not in _POSITIONAL and parameter.default is inspect.Parameter.empty:
            raise ImproperlyConfigured(
                where,
                f"the parameter {str(parameter)!r} cannot be given from a request",
                _FORMS.format(name=name) + "; a decorator of it needs functools.wraps",
            )
    return [parameter.name for parameter in parameters if parameter.kind in _POSITIONAL]


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """Read the parameters' names, and leave the annotations unread.

    From Python 3.14 annotations are evaluated when they are asked for, in the class's scope: there
    an action named `list` would make `-> list[Artist]` an error.
    """
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        return inspect.signature(function, annotation_format=Format.FORWARDREF)
    return inspect.signature(function)


def _require_one(parameters: list[str], where: str, name: str) -> None:
    if len(parameters) != 1:
        found = ", ".join(parameters) or "nothing"
        raise ImproperlyConfigured(
            where,
            f"an action takes the request, and this one takes {found}",
            _FORMS.format(name=name),
        )


def _require_plain_constructor(viewset: type[BaseViewSet]) -> None:
    try:
        _signature(viewset).bind()
    except TypeError as error:
        raise ImproperlyConfigured(
            f"{viewset.__qualname__}.__init__",
            f"it cannot be called without arguments ({error})",
            "An instance is made for each request: give each parameter a default",
        ) from error
