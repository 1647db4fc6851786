"""The actions of a viewset, and where in a URL they stand."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from webaio.decorators._action import ActionMark
from webaio.decorators._mark import record_on, records_of
from webaio.exceptions import ImproperlyConfigured
from webaio.viewsets import BaseViewSet

from ._path import Path, is_segment
from ._route_names import route_name

KNOWN_ACTIONS: Final[Mapping[str, ActionMark]] = MappingProxyType(
    {
        "list": ActionMark(detail=False, methods=("GET",), url_path="", url_name="list"),
        "create": ActionMark(detail=False, methods=("POST",), url_path="", url_name="list"),
        "detail": ActionMark(detail=True, methods=("GET",), url_path="", url_name="detail"),
        "update": ActionMark(detail=True, methods=("PUT",), url_path="", url_name="detail"),
        "partial_update": ActionMark(
            detail=True, methods=("PATCH",), url_path="", url_name="detail"
        ),
        "destroy": ActionMark(detail=True, methods=("DELETE",), url_path="", url_name="detail"),
    }
)
"""The six known actions, each as a mark would say it."""
OF_INSTANCES: Final = ("action", "object", "parent", "request")
"""What the instance of each request has, beside the attributes of its class."""


def actions_of(viewset: type[BaseViewSet]) -> dict[str, ActionMark]:
    """Give the actions that the viewset has, the collection's first; each mark says all.

    Raises `ImproperlyConfigured` when a known action is marked, or when there is no action.
    """
    known = {
        name: mark
        for name, mark in KNOWN_ACTIONS.items()
        if getattr(viewset, name, None) is not None
    }
    marked = dict(_marked(viewset))
    found = {
        **{name: mark for name, mark in known.items() if not mark.detail},
        **dict(sorted(marked.items(), key=lambda each: (each[1].detail, each[1].url_path == ""))),
        **known,  # an item's own URL comes last: it may take slashes
    }
    if found:
        return found
    raise ImproperlyConfigured(
        viewset.__qualname__,
        "the viewset has no action",
        f"Define one of {', '.join(sorted(KNOWN_ACTIONS))}, or mark a method with @action",
    )


def require_apart(marks: Mapping[str, ActionMark], where: str) -> None:
    """Refuse actions of one URL that answer one method, or name the route in two ways."""
    names = [mark.url_name for mark in marks.values()]
    answering: dict[str, str] = {}
    for name, mark in marks.items():
        for method in mark.methods:
            if answering.setdefault(method, name) != name:
                raise ImproperlyConfigured(
                    where,
                    f"{answering[method]!r} and {name!r} both answer {method}",
                    "Give one of them another url_path or method",
                )
        if mark.url_name != names[0]:  # aiohttp has one resource, with one name, for each URL
            raise ImproperlyConfigured(
                where,
                f"one URL has two names, {names[0]!r} and {mark.url_name!r}",
                "Give both actions the same url_name",
            )


def _marked(viewset: type[BaseViewSet]) -> Iterator[tuple[str, ActionMark]]:
    marked = {
        name
        for owner in viewset.__mro__
        if owner not in (BaseViewSet, object)
        for name, member in vars(owner).items()
        if record_on(member, ActionMark) is not None
    }
    for name in sorted(marked):
        mark = next(records_of(viewset, name, ActionMark), None)
        if mark is not None and getattr(viewset, name) is not None:
            yield name, _completed(mark, name, f"{viewset.__qualname__}.{name}")


def _completed(mark: ActionMark, name: str, where: str) -> ActionMark:
    """Derive from the method's name what its mark does not say."""
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
    if mark.url_path == "":
        own = "detail" if mark.detail else "list"  # as aiohttp knows the URL
        return ActionMark(mark.detail, mark.methods, "", mark.url_name or own)
    dashed = name.strip("_").replace("_", "-")
    url_path = dashed if mark.url_path is None else mark.url_path
    if Path.parse(url_path) is None:
        raise ImproperlyConfigured(
            where,
            f"no URL can match url_path={url_path!r}",
            "Give what stands between the slashes, such as 'google-it' or 'tracks/{track}'",
        )
    words = url_path if is_segment(url_path) else dashed
    return ActionMark(mark.detail, mark.methods, url_path, mark.url_name or route_name(words))
