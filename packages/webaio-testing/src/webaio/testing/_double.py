import warnings
from collections.abc import Callable, Mapping

from aiohttp import web
from aiohttp.typedefs import Handler

from ._paths import NoExample, example_path

Before = Callable[[web.Request], None]


def double_of(app: web.Application, before: Before, parts: Mapping[str, str]) -> web.Application:
    """Make a double of an application that runs, in which `before` is called before every handler.

    An application that has been added to another takes no middleware any more: so its URLs, filled
    as `example_path` does, its middlewares and its state are given to a new one.
    """
    return _double(app, before, parts, prefix="")


def _double(
    app: web.Application, before: Before, parts: Mapping[str, str], prefix: str
) -> web.Application:
    own = set[web.AbstractResource | None]()

    @web.middleware
    async def innermost(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.match_info.route.resource in own:  # and not in a sub-application
            before(request)
        return await handler(request)

    double = web.Application(middlewares=[*app.middlewares, innermost])
    double.on_response_prepare.extend(app.on_response_prepare)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", web.NotAppKeyWarning)
        for key in app:
            double[key] = app[key]
    taken = set[tuple[str, str]]()
    for resource in app.router.resources():
        info = resource.get_info()
        if "app" not in info:
            _add_routes(double, resource, parts, prefix, taken)
        elif "rule" in info:
            double.add_domain(host_of(resource), _double(info["app"], before, parts, prefix=prefix))
        else:
            inner = _double(info["app"], before, parts, prefix=info["prefix"])
            double.add_subapp(info["prefix"].removeprefix(prefix), inner)
    own.update(double.router.resources())
    return double


def host_of(resource: web.AbstractResource) -> str:
    """Give a host that a sub-application of a domain answers: of `*.example.org`, `x.example.org`."""
    return str(resource.get_info()["rule"].get_info()["domain"]).replace("*", "x")


def _add_routes(
    double: web.Application,
    resource: web.AbstractResource,
    parts: Mapping[str, str],
    prefix: str,
    taken: set[tuple[str, str]],
) -> None:
    try:
        path = example_path(resource.get_info(), parts).removeprefix(prefix)
    except NoExample:
        return
    for route in resource:
        if (path, route.method) not in taken:
            taken.add((path, route.method))
            double.router.add_route(route.method, path, route.handler)
