import inspect
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from webaio.configuration import ImproperlyConfigured
from webaio.decorators import action_mark
from webaio.viewsets import BaseViewSet


@dataclass(frozen=True, slots=True)
class Row:
    """One URL of a viewset: the segments that follow the basename, and who answers there."""

    name: str
    detail: bool
    mapping: Mapping[str, str]
    url_path: str | None = None


KNOWN_ROWS: Final = (
    Row("list", detail=False, mapping=MappingProxyType({"GET": "list", "POST": "create"})),
    Row(
        "detail",
        detail=True,
        mapping=MappingProxyType(
            {
                "GET": "detail",
                "PUT": "update",
                "PATCH": "partial_update",
                "DELETE": "destroy",
            }
        ),
    ),
)
"""The URL policy: the known actions, then (after each row) the marked ones on the same URL."""

KNOWN_ACTIONS: Final = frozenset(name for row in KNOWN_ROWS for name in row.mapping.values())

PLAIN_SEGMENT: Final = re.compile(r"[A-Za-z0-9_-]+")
"""A part of a URL that needs no escape and holds no variable."""


def rows_of(viewset: type[BaseViewSet]) -> list[Row]:
    """Give the rows of the actions that the viewset has, the collection's first.

    Raises `ImproperlyConfigured` when a known action is marked, or when there is no action.
    """
    marked = list(_marked_rows(viewset))
    rows: list[Row] = []
    for known in KNOWN_ROWS:
        rows += _present(viewset, known)
        rows += [row for row in marked if row.detail is known.detail]
    if rows:
        return rows
    raise ImproperlyConfigured(
        viewset.__qualname__,
        "the viewset has no action",
        f"Define one of {', '.join(sorted(KNOWN_ACTIONS))}, or mark a method with @action",
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


def _present(viewset: type[BaseViewSet], row: Row) -> Iterator[Row]:
    mapping = {
        method: name
        for method, name in row.mapping.items()
        if getattr(viewset, name, None) is not None
    }
    if mapping:
        yield Row(row.name, row.detail, mapping)


def _marked_rows(viewset: type[BaseViewSet]) -> Iterator[Row]:
    for name in dir(viewset):
        mark = action_mark(inspect.getattr_static(viewset, name))
        if mark is None:
            continue
        if name in KNOWN_ACTIONS:
            raise ImproperlyConfigured(
                f"{viewset.__qualname__}.{name}",
                "a known action is marked with @action",
                "Remove the mark, or give the method another name",
            )
        dashed = name.strip("_").replace("_", "-")
        url_path = mark.url_path or dashed
        words = url_path if PLAIN_SEGMENT.fullmatch(url_path) else dashed
        mapping = dict.fromkeys(mark.methods, name)
        yield Row(mark.url_name or route_name(words), mark.detail, mapping, url_path)
