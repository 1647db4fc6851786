import functools
import keyword
from collections.abc import Iterable, Mapping

from aiohttp import web

from webaio.exceptions import ImproperlyConfigured

from ._path import Path, is_whole


class RouteNames:
    """The route names that a router has given out, so that none is given twice."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def admit(self, names: Mapping[Path, str], where: str) -> None:
        """Take in the names of a registration's URLs, all or none.

        aiohttp judges them and their paths now, not at `add_routes`: a pattern once for all URLs.
        Raises `ImproperlyConfigured` for what it refuses, for a pattern that is none by itself, for
        a name that is taken, and for two URLs that match the same.
        """
        _require_fit(names, where)
        _require_patterns(names, where)
        for name in sorted(self._names.intersection(names.values())):
            raise ImproperlyConfigured(
                where, f"the name {name!r} is taken", "Choose another basename or url_name"
            )
        _require_different_shapes(names, where)
        self._names.update(names.values())


def _require_fit(names: Mapping[Path, str], where: str) -> None:
    dispatcher = web.UrlDispatcher()
    try:
        for number, (path, name) in enumerate(names.items()):
            is_fit = _are_fit(f"/{'/'.join(map(str, path.variables))}")
            dispatcher.add_resource(f"/{number}" if is_fit else path.text, name=name)
    except (ValueError, RuntimeError) as error:
        raise ImproperlyConfigured(
            where,
            f"aiohttp refuses one of its routes: {error}",
            "Choose another basename, url_path, url_name, prefix or lookup",
        ) from error


@functools.lru_cache
def _are_fit(variables: str) -> bool:
    """Tell whether aiohttp takes a path of these variables; what is written between fits always."""
    try:
        web.DynamicResource(variables)
    except ValueError:
        return False
    return True


def _require_patterns(paths: Iterable[Path], where: str) -> None:
    """Refuse what aiohttp takes although it ends the variable too early, such as `5)|(a`."""
    for path, variable in ((each, variable) for each in paths for variable in each.variables):
        if variable.pattern is not None and not is_whole(variable.pattern):
            raise ImproperlyConfigured(
                where,
                f"{variable.pattern!r}, of {variable.name!r} in {path.text}, is no pattern by itself",
                "Open each bracket that it closes, and close each that it opens: '(5|a)'",
            )


def _require_different_shapes(paths: Iterable[Path], where: str) -> None:
    shapes: dict[str, Path] = {}
    for path in paths:
        known = shapes.setdefault(path.shape, path)
        if known is not path:
            one, other = (web.DynamicResource(each.text).canonical for each in (known, path))
            raise ImproperlyConfigured(
                where,
                f"{one} and {other} match the same URLs",
                "Give one of them another url_path, or a narrower pattern",
            )


def route_name(words: str) -> str:
    """Give the words of a URL as a route's name, mended where aiohttp would refuse them.

    aiohttp takes identifiers joined by `-`, and no keyword: `google-it` stays as it is,
    `mark-as-read` becomes `mark_as_read`, `import` becomes `import_`, `2fa` becomes `_2fa`.
    """
    parts = words.split("-")
    if all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
        return words
    name = "_".join(parts)
    if keyword.iskeyword(name):
        return f"{name}_"
    return name if name.isidentifier() else f"_{name}"
