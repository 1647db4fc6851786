from collections.abc import Iterable, Iterator
from typing import Final, Literal

from aiohttp import hdrs, web

from webaio.decorators._mark import record_on
from webaio.exceptions import ImproperlyConfigured

from ._guard import Guard

_WHERE: Final = "permissions.setup"
_DONE: Final = web.AppKey("webaio_permissions", bool)


def setup(
    app: web.Application,
    *,
    undeclared: Literal["allow", "refuse"] = "refuse",
    open_paths: Iterable[str] = (),
) -> None:
    """Refuse to start while a route of the application has no declared permission.

    That is asked of viewsets, plain handlers, each method of a `web.View`, static files and the
    API's document, in sub-applications too. `open_paths` declares what cannot be marked, such as
    static files, open to everybody, by the paths of their routes, with all methods: `"/static"`.

    Raises `ImproperlyConfigured` when it is called twice for one application; then, as the
    application starts, with the name of each route that says nothing, and of each path that is none.

        permissions.setup(app, undeclared="refuse")
    """
    if undeclared not in ("allow", "refuse"):
        what = f"undeclared={undeclared!r} is unknown"
        raise ImproperlyConfigured(_WHERE, what, "Write 'refuse', or 'allow'")
    if _DONE in app:
        raise ImproperlyConfigured(_WHERE, "this application has it already", "Call it once")
    app[_DONE] = True
    declared = frozenset(open_paths) if not isinstance(open_paths, str) else frozenset([open_paths])

    async def require_permissions(app: web.Application) -> None:
        _require_paths(app, declared)
        if undeclared := [*dict.fromkeys(_undeclared(app, declared))]:
            raise ImproperlyConfigured(
                _WHERE,
                f"no permission is declared for {', '.join(undeclared)}",
                "Give each viewset `permissions = ...`, each handler `@guarded(...)`; "
                "Anyone() is the word for what is open",
            )

    if undeclared == "refuse":
        app.on_startup.append(require_permissions)


def _undeclared(app: web.Application, declared: Iterable[str]) -> Iterator[str]:
    for route in app.router.routes():
        path = _path(route)
        if path not in declared:
            for handler in _handlers_of(route):
                guard = record_on(handler, Guard)
                if guard is None or guard.permission is None:
                    yield f"{path} ({_name(handler)})"


def _handlers_of(route: web.AbstractRoute) -> Iterable[object]:
    """Give the handler of a route; of a `web.View` its methods, which are asked."""
    view = route.handler
    if not (isinstance(view, type) and issubclass(view, web.View)):
        return [view]
    names = [method.lower() for method in hdrs.METH_ALL]
    return [getattr(view, name) for name in names if hasattr(view, name)] or [view]


def _require_paths(app: web.Application, declared: Iterable[str]) -> None:
    paths = {_path(each) for each in app.router.routes()}
    for path in declared:
        if path not in paths:
            fix = f"Give one of {', '.join(sorted(paths))}"
            raise ImproperlyConfigured(_WHERE, f"open_paths= has {path!r}, which no route has", fix)


def _path(route: web.AbstractRoute) -> str:
    return "" if route.resource is None else route.resource.canonical


def _name(handler: object) -> str:
    return getattr(handler, "__qualname__", type(handler).__qualname__)
