import contextlib
from collections.abc import Iterator, Mapping
from typing import Final

from aiohttp import web

from webaio.decorators._callable import Function

OVERRIDES: Final[list[tuple[web.Application, Function, Function]]] = []
"""The functions that are overridden just now, in which application, and by what; in tests alone."""


@contextlib.contextmanager
def overriding(app: web.Application, function: Function, replacement: Function) -> Iterator[None]:
    """Call another function where actions of an application depend on one, until the block ends.

    So do those of the applications that are mounted in it. `webaio.testing.override` is for people.

        with overriding(app, current_user, lambda: User("ann")):
            ...
    """
    entry = (app, function, replacement)
    OVERRIDES.append(entry)
    try:
        yield
    finally:
        OVERRIDES.remove(entry)


def overrides_in(request: web.Request) -> Mapping[Function, Function]:
    """Give the overrides of the applications that serve a request."""
    apps = request.match_info.apps
    return {function: replacement for app, function, replacement in OVERRIDES if app in apps}
