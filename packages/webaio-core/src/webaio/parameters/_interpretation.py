"""From a parameter as it is written in a signature to a `Parameter`, or a refusal."""

import inspect
import typing
from collections.abc import Collection
from typing import Annotated, Any, Final, TypeVar

from webaio.exceptions import ImproperlyConfigured
from webaio.schemas import Schema, Unsupported, schema_of

from ._annotations import Unresolved, holds_method
from ._markers import Body, Cookie, Header, Marker, Query
from ._parameter import REQUIRED, Parameter, Source

_SOURCES: Final[dict[type, Source]] = {
    Body: "body",
    Cookie: "cookie",
    Header: "header",
    Query: "query",
}
_IDIOM: Final = "Name the type in the module, `Artists = list[Artist]`, and use that name"


def parameter_of(
    written: inspect.Parameter, annotation: Any, variables: Collection[str], where: str
) -> Parameter:
    """Say what a parameter of a signature is; `variables` are the names in the URL.

    Raises `ImproperlyConfigured` for one that no request could fill.
    """
    require_nameable(written, where)
    where = f"{where}, parameter {written.name!r}"
    if annotation is REQUIRED and written.name in variables:
        annotation = str
    if annotation is REQUIRED:
        raise ImproperlyConfigured(
            where, "it has no type, and is not in the URL", f"Write such as `{written.name}: int`"
        )
    bare, marker = _unmarked(annotation, where)
    schema = schema_for(bare, where)
    if written.name in variables:
        _require_unmarked(marker, where)
        return _readable(Parameter(written.name, "path", written.name, schema), where)
    source = _SOURCES[type(marker)] if marker else "body" if schema.is_model else "query"
    parameter = Parameter(written.name, source, _key(written.name, marker), schema, written.default)
    _require_default(parameter, where)
    return _readable(parameter, where)


def schema_for(annotation: Any, where: str) -> Schema:
    """Make the schema of a resolved annotation; raises `ImproperlyConfigured` where there is none."""
    if isinstance(annotation, Unresolved):
        error = annotation.error
        raise ImproperlyConfigured(
            where,
            f"its annotation cannot be resolved ({type(error).__name__}: {error})",
            "Import what it names, outside of `if TYPE_CHECKING`, and define it in the module",
        )
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
        return schema_of(annotation)
    except Unsupported as error:
        raise ImproperlyConfigured(
            where,
            f"nothing can read {_text(annotation)} from a request or write it: {error}",
            "Use a model, or a type that JSON has",
        ) from error


def _is_open(annotation: Any) -> bool:
    return not isinstance(annotation, type) and bool(getattr(annotation, "__parameters__", ()))


def require_nameable(written: inspect.Parameter, where: str) -> None:
    """Refuse a parameter that cannot be passed by its name, or has a marker for a default."""
    where = f"{where}, parameter {written.name!r}"
    if written.kind in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL):
        raise ImproperlyConfigured(
            where,
            f"nothing can be bound to `{written}`",
            "Name each parameter; in a decorator use functools.wraps",
        )
    if written.kind is inspect.Parameter.POSITIONAL_ONLY:
        raise ImproperlyConfigured(where, "it is positional-only", "Take the `/` out")
    default = written.default
    is_class = isinstance(default, type) and default in _SOURCES
    if is_class or type(default) in _SOURCES:
        name = default.__name__ if isinstance(default, type) else type(default).__name__
        raise ImproperlyConfigured(
            where,
            f"{name} is given as the default",
            f"Write `{written.name}: Annotated[..., {name}]`",
        )


def _unmarked(annotation: Any, where: str) -> tuple[Any, Marker | Body | None]:
    """Take the marker off a type; other metadata stays."""
    if isinstance(annotation, Unresolved):
        return annotation, None
    if typing.get_origin(annotation) is not Annotated:
        _require_no_mark(annotation, where)
        return annotation, None
    _require_no_mark(annotation.__origin__, where)
    metadata = [
        each() if isinstance(each, type) and each in _SOURCES else each
        for each in annotation.__metadata__
    ]
    markers = [each for each in metadata if type(each) in _SOURCES]
    if len(markers) > 1:
        raise ImproperlyConfigured(where, "it is marked twice", "Keep one of the marks")
    rest = [each for each in metadata if type(each) not in _SOURCES]
    bare = Annotated[annotation.__origin__, *rest] if rest else annotation.__origin__
    return bare, markers[0] if markers else None


def _require_no_mark(annotation: Any, where: str) -> None:
    """Refuse a marker inside a type, where it would be read by nobody."""
    inner = getattr(annotation, "__value__", annotation)
    metadata = getattr(inner, "__metadata__", ())
    if any(
        each in _SOURCES if isinstance(each, type) else type(each) in _SOURCES for each in metadata
    ):
        raise ImproperlyConfigured(
            where,
            "it is marked inside its type",
            "Put the mark outside, such as `Annotated[str | None, Header]`",
        )
    for part in typing.get_args(inner):
        _require_no_mark(part, where)


def _key(name: str, marker: Marker | Body | None) -> str:
    if isinstance(marker, Marker) and marker.name is not None:
        return marker.name
    return name.replace("_", "-") if isinstance(marker, Header) else name


def _require_unmarked(marker: Marker | Body | None, where: str) -> None:
    if marker is not None:
        raise ImproperlyConfigured(
            where,
            f"its name is in the URL, and it is marked {type(marker).__name__}",
            "Take the mark off, or give it another name",
        )


def _require_default(parameter: Parameter, where: str) -> None:
    if not parameter.is_required and not parameter.schema.accepts(parameter.default):
        fix = "Give another, or write `... | None`" if parameter.default is None else "Give another"
        raise ImproperlyConfigured(
            where, f"its default {parameter.default!r} is not of its own type", fix
        )


def _readable(parameter: Parameter, where: str) -> Parameter:
    """Refuse a type that the parameter's place cannot hold."""
    takes = parameter.schema.takes
    if parameter.source == "body" or takes == "text":
        return parameter
    if parameter.source != "query":
        raise ImproperlyConfigured(
            where,
            f"a {parameter.source} holds one text, and its type takes more",
            "Use a type such as str, int or UUID",
        )
    if takes == "texts":
        return parameter
    if parameter.key != parameter.name:
        raise ImproperlyConfigured(
            where, "a model is read from all of the query, and its mark has a name", "Take it out"
        )
    fields = parameter.schema.fields
    if fields is None or any(field.takes == "object" for field in fields):
        raise ImproperlyConfigured(
            where,
            "a query cannot hold its type",
            "Write `Annotated[..., Body]` for JSON; for a query use a model of plain members",
        )
    return parameter


def _text(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)
