"""What is called, and how it is written."""

import functools
import inspect
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final, ParamSpec, TypeVar

from webaio.exceptions import ImproperlyConfigured

Function = Callable[..., Any]
_P = ParamSpec("_P")
_R = TypeVar("_R")

_VARIADIC: Final = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


def signature(function: Function, *, follow_wrapped: bool = True) -> inspect.Signature:
    """Read the parameters' names, and leave the annotations unread.

    From Python 3.14 annotations are evaluated when they are asked for, in the class's scope: there
    an action named `list` would make `-> list[Artist]` an error.
    """
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        return inspect.signature(
            function, follow_wrapped=follow_wrapped, annotation_format=Format.FORWARDREF
        )
    return inspect.signature(function, follow_wrapped=follow_wrapped)


def declared(function: Function) -> Function:
    """Give the function whose signature is that of another.

    A decorator that takes anything (`*args, **kwargs`) and keeps what it wraps passes it on.
    """
    while hasattr(function, "__wrapped__") and not hasattr(function, "__signature__"):
        try:
            own = [*signature(function, follow_wrapped=False).parameters.values()]
        except ValueError:  # of functools.cache
            own = []
        if own and not any(each.kind in _VARIADIC for each in own):
            return function
        function = function.__wrapped__
    return function


def called(function: Function) -> Function:
    """Give the function that runs: of a partial, of an object that can be called, of a class."""
    while isinstance(function, functools.partial):
        function = function.func
    if isinstance(function, type):
        return function.__init__  # type: ignore[misc,no-any-return]  # mypy fears for subclasses
    return function if inspect.isroutine(function) else type(function).__call__


def require_callable(
    function: Function, names: Iterable[str], where: str, *, is_bound: bool = True
) -> None:
    """Refuse a decorator that cannot be called as the signature that it shows."""
    bound = [] if is_bound else [None]
    try:
        signature(function, follow_wrapped=False).bind(*bound, **dict.fromkeys(names))
    except ValueError:  # of functools.cache, which takes anything
        return
    except TypeError as error:
        raise ImproperlyConfigured(
            where,
            f"its decorator cannot be called with its parameters ({error})",
            "Let the decorator's function take `*args, **kwargs`, and pass them on",
        ) from error


def never_bare(decorator: Callable[_P, _R]) -> Callable[_P, _R]:
    """Refuse a decorator that is written without its parentheses."""

    @functools.wraps(decorator)
    def checked(*args: _P.args, **options: _P.kwargs) -> _R:
        if args:
            name = f"@{decorator.__name__}"
            raise ImproperlyConfigured(
                name_of(args[0]) if callable(args[0]) else name,
                f"{name} takes no function, and its arguments by their names",
                f"Write {name}(...), with parentheses",
            )
        return decorator(*args, **options)

    return checked


def name_of(function: Function) -> str:
    """Name a function in a message."""
    return getattr(function, "__qualname__", None) or repr(function)
