import contextlib
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from aiohttp import web

from webaio.decorators._callable import Function, name_of
from webaio.exceptions import ImproperlyConfigured

OVERRIDES: Final[list[tuple[web.Application, Function, Function]]] = []
"""The functions that are overridden just now, in which application, and by what; in tests alone."""
_NAMED: Final = "webaio_dependencies"


@contextlib.contextmanager
def overriding(app: web.Application, function: Function, replacement: Function) -> Iterator[None]:
    """Call another function where actions of an application depend on one, until the block ends.

    So do those of the applications that are mounted in it. `webaio.testing.override` is for people.

    Raises `ImproperlyConfigured` where no action depends on the function.

        with overriding(app, current_user, lambda: User("ann")):
            ...
    """
    if not any(function in getattr(each.handler, _NAMED, ()) for each in app.router.routes()):
        raise ImproperlyConfigured(
            f"override({name_of(function)})",
            "no action of the application depends on it",
            "Give the function that Depends names",
        )
    entry = (app, function, replacement)
    OVERRIDES.append(entry)
    try:
        yield
    finally:
        OVERRIDES.remove(entry)


def name_dependencies(handler: object, functions: Collection[Function]) -> None:
    """Leave on the handler of a route on which functions it depends."""
    setattr(handler, _NAMED, functions)


def overrides_in(request: web.Request) -> Mapping[Function, Function]:
    """Give the overrides of the applications that serve a request."""
    apps = request.match_info.apps
    return {function: replacement for app, function, replacement in OVERRIDES if app in apps}
