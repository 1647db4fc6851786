"""What may stand in a URL and in a route's name."""

import keyword
import re
from typing import Final

_SEGMENT: Final = re.compile(r"[A-Za-z0-9_-]+")
_PATH: Final = re.compile(r"(?!\.{1,2}(/|$))[\w.~-]+(/(?!\.{1,2}(/|$))[\w.~-]+)*")
_NAME: Final = re.compile(r"\{([^\W\d]\w*)(?=[:}])")
_VARIABLE: Final = re.compile(r"\{[^{}]*(\{[^{}]*\}[^{}]*)*\}")


def is_segment(text: str) -> bool:
    """Tell whether the text is a plain part of a URL: no escape is needed, and no variable is in it."""
    return _SEGMENT.fullmatch(text) is not None


def is_path(text: str) -> bool:
    """Tell whether the text can stand between two slashes, variables in braces included."""
    return isinstance(text, str) and _PATH.fullmatch(_VARIABLE.sub("x", text)) is not None


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


def variables_in(path: str) -> frozenset[str]:
    """Give the names of the variables in a path of aiohttp, `{id}` and `{id:[0-9]+}`."""
    return frozenset(_NAME.findall(path))
