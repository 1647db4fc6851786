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

    Raises `ImproperlyConfigured` when the method is not async, or needs anything but the request.
    """
    where = f"{viewset.__qualname__}.{name}"
    static = inspect.getattr_static(viewset, name)
    function: Any = getattr(viewset, name)
    if not inspect.iscoroutinefunction(function):
        raise ImproperlyConfigured(
            where,
            "the action is not an async function that returns a response",
            f"Write `async def {name}`",
        )
    parameters = list(_signature(function).parameters.values())
    is_bound = isinstance(static, (classmethod, staticmethod))
    takes_self = not is_bound and [each.name for each in parameters[:1]] == ["self"]
    _require_request(parameters[1:] if takes_self else parameters, where, name)
    if not takes_self:
        return function  # type: ignore[no-any-return]  # its own signature is the handler's
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


def _require_request(parameters: list[inspect.Parameter], where: str, name: str) -> None:
    """Refuse parameters (without `self`) unless one takes the request, and the rest are optional."""
    if parameters and parameters[0].kind is inspect.Parameter.VAR_POSITIONAL:
        raise ImproperlyConfigured(
            where,
            f"{parameters[0]} hides what the action takes",
            f"{_FORMS.format(name=name)}; in a decorator use functools.wraps",
        )
    takes_one = bool(parameters) and parameters[0].kind in _POSITIONAL
    if not takes_one or not all(map(_is_optional, parameters[1:])):
        found = ", ".join(each.name for each in parameters) or "nothing"
        raise ImproperlyConfigured(
            where, f"an action takes the request, and this one {found}", _FORMS.format(name=name)
        )


def _is_optional(parameter: inspect.Parameter) -> bool:
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return parameter.kind in variadic or parameter.default is not inspect.Parameter.empty


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """Read the parameters' names, and leave the annotations unread.

    From Python 3.14 annotations are evaluated when they are asked for, in the class's scope: there
    an action named `list` would make `-> list[Artist]` an error.
    """
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        return inspect.signature(function, annotation_format=Format.FORWARDREF)
    return inspect.signature(function)


def _require_plain_constructor(viewset: type[BaseViewSet]) -> None:
    """Refuse a viewset of which a request could not make an instance."""
    if inspect.isabstract(viewset):
        raise ImproperlyConfigured(
            viewset.__qualname__, "it is abstract", "Register a class that defines every method"
        )
    try:
        _signature(viewset).bind()
    except ValueError:
        return  # a base in C that does not tell what it takes
    except TypeError as error:
        raise ImproperlyConfigured(
            f"{viewset.__qualname__}.__init__",
            f"it cannot be called without arguments ({error})",
            "An instance is made for each request: give each parameter a default",
        ) from error
