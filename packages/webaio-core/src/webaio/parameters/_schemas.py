from typing import Any, Final, TypeVar

from webaio.exceptions import ImproperlyConfigured
from webaio.schemas import Schema, Unsupported, schema_of
from webaio.schemas._choice import form_schema_of

from ._annotations import Unresolved, holds_method

_IDIOM: Final = "Name the type in the module, `Artists = list[Artist]`, and use that name"


def schema_for(annotation: Any, where: str, *, holds_files: bool = False) -> Schema:
    """Make the schema of a resolved annotation; raises `ImproperlyConfigured` where there is none."""
    require_resolved(annotation, where)
    if holds_method(annotation):
        raise ImproperlyConfigured(
            where, "a method of the class stands in its annotation in place of a type", _IDIOM
        )
    if isinstance(annotation, TypeVar) or _is_open(annotation):
        raise ImproperlyConfigured(
            where,
            f"{annotation} is left open",
            "Register a subclass that says what it is, such as `class Artists(Crud[Artist])`",
        )
    try:
        return form_schema_of(annotation) if holds_files else schema_of(annotation)
    except Unsupported as error:
        raise ImproperlyConfigured(
            where,
            f"nothing can read {_text(annotation)} from a request or write it: {error}",
            "Use a model, or a type that JSON has",
        ) from error


def require_resolved(annotation: Any, where: str) -> None:
    """Refuse an annotation that names what its module has not."""
    if isinstance(annotation, Unresolved):
        error = annotation.error
        raise ImproperlyConfigured(
            where,
            f"its annotation cannot be resolved ({type(error).__name__}: {error})",
            "Import what it names, outside of `if TYPE_CHECKING`, and define it in the module",
        )


def _is_open(annotation: Any) -> bool:
    return not isinstance(annotation, type) and bool(getattr(annotation, "__parameters__", ()))


def _text(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)
