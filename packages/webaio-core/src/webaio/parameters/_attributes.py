"""The attributes of a viewset that functions give."""

import typing
from typing import Any, ClassVar

from webaio.exceptions import ImproperlyConfigured

from ._annotations import Unresolved, attributes_of
from ._depends import Depends
from ._marks import Mark, require_unmarked, unmarked
from ._schemas import require_resolved


def dependencies_on(viewset: type, base: type) -> dict[str, Depends]:
    """Give the attributes that functions give; what the base of all viewsets has is not looked at.

    Raises `ImproperlyConfigured` for one that is marked otherwise, or may be and cannot be read:
    nothing would set it.
    """
    _require_no_marks_as_values(viewset)
    found: dict[str, Depends] = {}
    for name, annotation in attributes_of(viewset, base).items():
        where = f"{viewset.__qualname__}.{name}"
        if _is_of_class(annotation):
            require_unmarked(typing.get_args(annotation), where)
            continue
        require_resolved(annotation, where)
        _, mark = unmarked(annotation, where)
        if isinstance(mark, Depends):
            found[name] = mark
        elif mark is not None:
            raise ImproperlyConfigured(
                where,
                "only Depends can set an attribute",
                "Take it as a parameter of an action, or of a function that Depends names",
            )
    return found


def _is_of_class(annotation: Any) -> bool:
    """Tell what is said of the class, and not of its instances."""
    if isinstance(annotation, Unresolved):
        return annotation.text.startswith(("ClassVar", "typing.ClassVar", "t.ClassVar"))
    if annotation is ClassVar:
        return True
    return typing.get_origin(annotation) is ClassVar


def _require_no_marks_as_values(viewset: type) -> None:
    """Refuse `user = Depends(current_user)`: it would give the mark itself, and ask nobody."""
    for owner in viewset.__mro__:
        for name, value in vars(owner).items():
            if isinstance(value, Mark):
                mark = type(value).__name__
                raise ImproperlyConfigured(
                    f"{owner.__qualname__}.{name}",
                    f"{mark} is given as its value",
                    f"Write `{name}: Annotated[..., {mark}(...)]`",
                )
