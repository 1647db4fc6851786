import re

from aiohttp import web

from webaio.exceptions import ImproperlyConfigured


class RouteNames:
    """The route names that a router has given out, so that none is given twice."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def admit(self, routes: list[web.RouteDef], where: str) -> None:
        """Take in the routes of a registration, all or none.

        A scratch dispatcher of aiohttp judges their names and paths now, not at `add_routes`.
        Raises `ImproperlyConfigured` for what it refuses, for a name that is taken, and for two
        URLs that match the same.
        """
        dispatcher = _dispatcher(routes, where)
        names = set(dispatcher.named_resources())
        for name in sorted(names & self._names):
            raise ImproperlyConfigured(
                where, f"the name {name!r} is taken", "Choose another basename or url_name"
            )
        _require_different_shapes(dispatcher, where)
        self._names |= names


def _dispatcher(routes: list[web.RouteDef], where: str) -> web.UrlDispatcher:
    dispatcher = web.UrlDispatcher()
    try:
        for path, name in dict.fromkeys((each.path, each.kwargs["name"]) for each in routes):
            dispatcher.add_resource(path, name=name)
    except (ValueError, RuntimeError) as error:
        raise ImproperlyConfigured(
            where,
            f"aiohttp refuses one of its routes: {error}",
            "Choose another basename, url_path, url_name, prefix or lookup",
        ) from error
    return dispatcher


def _require_different_shapes(dispatcher: web.UrlDispatcher, where: str) -> None:
    shapes: dict[str, str] = {}
    for resource in dispatcher.resources():
        known = shapes.get(_shape(resource))
        if known is not None:
            raise ImproperlyConfigured(
                where,
                f"{known} and {resource.canonical} match the same URLs",
                "Give one of them another url_path, or a narrower pattern",
            )
        shapes[_shape(resource)] = resource.canonical


def _shape(resource: web.AbstractResource) -> str:
    """Give the pattern of a URL without the names of its variables."""
    info = resource.get_info()
    if "pattern" not in info:
        return resource.canonical
    return re.sub(r"\?P<\w+>", "", info["pattern"].pattern)
