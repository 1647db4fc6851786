import string
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from aiohttp import web


def reversed_path(app: web.Application, name: str, parts: Mapping[str, str]) -> str:
    """Give the path of a named route, its parts filled in and escaped.

    Raises `LookupError` for a name that no route has or several have, and for wrong parts.
    """
    named = [(resource.name, resource) for resource in _resources(app) if resource.name]
    found = [resource for each, resource in named if each == name]
    if not found:
        names = ", ".join(sorted({each for each, _ in named}))
        raise LookupError(f"No route is named {name!r}. There are: {names}")
    if len(found) > 1:
        places = " and ".join(resource.canonical for resource in found)
        raise LookupError(f"{name!r} is the name of {places}: rename one, or write the path")
    formatter = found[0].get_info().get("formatter", found[0].canonical)
    wanted = {field for _, field, _, _ in string.Formatter().parse(formatter) if field}
    for part in sorted(wanted - parts.keys()):
        raise LookupError(f"{name!r} is {formatter}: give {part!r}")
    for part in sorted(parts.keys() - wanted):
        raise LookupError(f"{name!r} is {formatter}: it has no {part!r}")
    return str(formatter.format_map({key: quote(part, "") for key, part in parts.items()}))


def _resources(app: web.Application) -> Iterator[web.AbstractResource]:
    """Give the resources of an application and its sub-applications."""
    for resource in app.router.resources():
        inner = resource.get_info().get("app")
        if inner is None:
            yield resource
        else:
            yield from _resources(inner)
