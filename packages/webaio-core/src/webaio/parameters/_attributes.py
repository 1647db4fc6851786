"""The attributes of a viewset that functions give."""

import inspect
import re
import typing
from typing import Annotated, Any, ClassVar, Final

from webaio.decorators._callable import Function
from webaio.exceptions import ImproperlyConfigured

from ._annotations import Unresolved, attributes_of
from ._depends import Depends
from ._marks import mark_in, require_unmarked, unmarked
from ._schemas import require_resolved

_OF_CLASS: Final = re.compile(r"^(\w+\.)*(ClassVar|Final)\b")


def dependencies_on(viewset: type, base: type) -> dict[str, Function]:
    """Give the attributes that functions give, with these; what the base of all viewsets has is not looked at.

    The nearest class that marks an attribute wins; one that only narrows its type takes no mark
    away. Raises `ImproperlyConfigured` for one that is marked otherwise, or may be and cannot be
    read: nothing would set it.
    """
    _require_no_marks_as_values(viewset)
    found: dict[str, Function] = {}
    for name, annotation in attributes_of(viewset, base):
        mark = _mark_of(annotation, f"{viewset.__qualname__}.{name}")
        if mark is not None:
            found.setdefault(name, mark.function)
    return found


def _mark_of(annotation: Any, where: str) -> Depends | None:
    if _is_of_class(annotation):
        require_unmarked(typing.get_args(annotation), where)
        return None
    require_resolved(annotation, where)
    if typing.get_origin(annotation) is Annotated and not _may_be_marked(annotation):
        return None  # what others read there is theirs
    _, mark = unmarked(annotation, where)
    if mark is not None and not isinstance(mark, Depends):
        raise ImproperlyConfigured(
            where,
            "only Depends can set an attribute",
            "Take it as a parameter of an action, or of a function that Depends names",
        )
    return mark


def _may_be_marked(annotation: Any) -> bool:
    """Tell metadata that is a mark, or a function whose `Depends` was forgotten."""
    return any(mark_in(each) or inspect.isroutine(each) for each in annotation.__metadata__)


def _is_of_class(annotation: Any) -> bool:
    """Tell what is said of the class, or is a constant, and not set on instances."""
    if isinstance(annotation, Unresolved):
        return _OF_CLASS.match(annotation.text.strip("'\"")) is not None
    return (typing.get_origin(annotation) or annotation) in (ClassVar, Final)


def _require_no_marks_as_values(viewset: type) -> None:
    """Refuse `user = Depends(current_user)`: it would give the mark itself, and ask nobody."""
    for owner in viewset.__mro__:
        for name, value in vars(owner).items():
            if isinstance(value, Depends):
                raise ImproperlyConfigured(
                    f"{owner.__qualname__}.{name}",
                    "Depends is given as its value",
                    f"Write `{name}: Annotated[..., Depends(...)]`",
                )
