from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from webaio.decorators._action import ActionMark
from webaio.decorators._mark import record_on, records_of
from webaio.exceptions import ImproperlyConfigured
from webaio.viewsets import BaseViewSet

from ._path import Path, is_segment
from ._route_names import route_name


class Row(Struct, frozen=True):
    """One URL of a viewset: the segments that follow the basename, and who answers there."""

    name: str
    detail: bool
    mapping: Mapping[str, str]
    url_path: Path | None = None


LIST: Final = Row("list", detail=False, mapping=MappingProxyType({"GET": "list", "POST": "create"}))
DETAIL: Final = Row(
    "detail",
    detail=True,
    mapping=MappingProxyType(
        {"GET": "detail", "PUT": "update", "PATCH": "partial_update", "DELETE": "destroy"}
    ),
)
OF_INSTANCES: Final = ("action", "object", "request")
"""What the instance of each request has, beside the attributes of its class."""
KNOWN_ACTIONS: Final = frozenset([*LIST.mapping.values(), *DETAIL.mapping.values()])


def rows_of(viewset: type[BaseViewSet]) -> list[Row]:
    """Give the rows of the actions that the viewset has, the collection's first.

    Raises `ImproperlyConfigured` when a known action is marked, or when there is no action.
    """
    marked = list(_marked_rows(viewset))
    rows = [
        *_present(viewset, LIST),
        *(row for row in marked if not row.detail),
        *(row for row in marked if row.detail),  # before the item's own, which may take slashes
        *_present(viewset, DETAIL),
    ]
    if rows:
        return rows
    raise ImproperlyConfigured(
        viewset.__qualname__,
        "the viewset has no action",
        f"Define one of {', '.join(sorted(KNOWN_ACTIONS))}, or mark a method with @action",
    )


def _present(viewset: type[BaseViewSet], row: Row) -> Iterator[Row]:
    mapping = {
        method: name
        for method, name in row.mapping.items()
        if getattr(viewset, name, None) is not None
    }
    if mapping:
        yield Row(row.name, row.detail, mapping)


def _marked_rows(viewset: type[BaseViewSet]) -> Iterator[Row]:
    marked = {
        name
        for owner in viewset.__mro__[:-1]  # without `object`
        for name, member in vars(owner).items()
        if record_on(member, ActionMark) is not None
    }
    for name in sorted(marked):
        mark = next(records_of(viewset, name, ActionMark), None)
        if mark is not None and getattr(viewset, name) is not None:
            yield _marked_row(f"{viewset.__qualname__}.{name}", name, mark)


def _marked_row(where: str, name: str, mark: ActionMark) -> Row:
    if name in KNOWN_ACTIONS:
        raise ImproperlyConfigured(
            where,
            "a known action is marked with @action",
            "Remove the mark, or give the method another name",
        )
    if name in OF_INSTANCES or hasattr(BaseViewSet, name):
        raise ImproperlyConfigured(
            where,
            "it is marked with @action, and every viewset has something of that name",
            "Give the method another name",
        )
    dashed = name.strip("_").replace("_", "-")
    written = dashed if mark.url_path is None else mark.url_path
    url_path = Path.parse(written)
    if url_path is None:
        raise ImproperlyConfigured(
            where,
            f"no URL can match url_path={written!r}",
            "Give what stands between the slashes, such as 'google-it' or 'tracks/{track}'",
        )
    words = written if is_segment(written) else dashed
    mapping = dict.fromkeys(mark.methods, name)
    return Row(mark.url_name or route_name(words), mark.detail, mapping, url_path)
