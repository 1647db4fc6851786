import contextlib
import warnings
from collections.abc import Iterator
from typing import Any, Final, TypeVar

from aiohttp import web

_Value = TypeVar("_Value")
_ABSENT: Final = object()


@contextlib.contextmanager
def override(app: web.Application, key: web.AppKey[_Value], value: _Value) -> Iterator[_Value]:
    """Give the application another value for a key until the block ends, however it ends.

        with override(app, CLOCK, FrozenClock()):
            await api_client.get("/now")

    It works on an application that runs, too.
    """
    before: Any = app.get(key, _ABSENT)
    _set(app, key, value)
    try:
        yield value
    finally:
        _set(app, key, before)


def _set(app: web.Application, key: web.AppKey[Any], value: object) -> None:
    with warnings.catch_warnings():
        # aiohttp warns where the application runs already: for tests that is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        if value is _ABSENT:
            del app[key]
        else:
            app[key] = value
