import itertools
import string
from collections.abc import Mapping
from typing import Any, Final

_EXAMPLES: Final = ("1", "x", "xx", "2000", "2000-01-01", "00000000-0000-4000-8000-000000000000")


class NoExample(Exception):
    """No example fits the pattern of a URL."""


def example_path(info: Mapping[str, Any], parts: Mapping[str, str]) -> str:
    """Give a path that a URL matches, its variables filled from `parts`, else with an example.

    `info` is what aiohttp tells of a resource. Raises `NoExample` where none fits.
    """
    if "formatter" not in info:
        return str(info.get("path") or info.get("prefix") or "/")
    formatter = info["formatter"]
    names = sorted({name for _, name, _, _ in string.Formatter().parse(formatter) if name})
    choices = [(parts[name],) if name in parts else _EXAMPLES for name in names]
    for values in itertools.product(*choices):
        path = str(formatter.format_map(dict(zip(names, values, strict=True))))
        if info["pattern"].fullmatch(path):
            return path
    raise NoExample(f"{formatter}: no example fits; give parts={{{names[0]!r}: …}}")
