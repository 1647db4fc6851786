import contextlib
import functools
import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar, overload

from aiohttp import web

_Value = TypeVar("_Value")
_ABSENT: Final = object()


@overload
def override(
    app: web.Application, target: web.AppKey[_Value], value: _Value
) -> contextlib.AbstractContextManager[_Value]: ...


@overload
def override(
    app: web.Application, target: Callable[..., Any], value: _Value
) -> contextlib.AbstractContextManager[_Value]: ...


@contextlib.contextmanager
def override(app: web.Application, target: Any, value: Any) -> Iterator[Any]:
    """Give the application another value for a key, or for a function, until the block ends.

        with override(app, CLOCK, FrozenClock()):
            await api_client.get("/now")
        with override(app, current_user, User("ann")):
            await api_client.get("/me")

    The function is one that actions depend on, `Depends(current_user)`. In its place stands a value,
    or a function, which may be async, a generator, and take parameters as any other.
    It works on an application that runs, too, and on those that are mounted in it.
    """
    if isinstance(target, web.AppKey):
        with _set(app, target, value):
            yield value
        return
    from webaio.parameters import overriding  # who names a function that actions depend on has it

    with overriding(app, target, _function(value)):
        yield value


def _function(value: Any) -> Callable[..., Any]:
    if inspect.isroutine(value) or isinstance(value, functools.partial):
        return value
    return lambda: value


@contextlib.contextmanager
def _set(app: web.Application, key: web.AppKey[Any], value: object) -> Iterator[None]:
    before: Any = app.get(key, _ABSENT)
    _put(app, key, value)
    try:
        yield
    finally:
        _put(app, key, before)


def _put(app: web.Application, key: web.AppKey[Any], value: object) -> None:
    with warnings.catch_warnings():
        # aiohttp warns where the application runs already: for tests that is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        if value is _ABSENT:
            del app[key]
        else:
            app[key] = value
