"""The marks in `Annotated`, and what else may stand there."""

import contextlib
import inspect
import typing
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final

from webaio.exceptions import ImproperlyConfigured
from webaio.schemas._annotation import pieces_of, without_null
from webaio.schemas._cache import made_once

from ._annotations import Unresolved
from ._depends import Depends
from ._source import Source

Mark = Depends | Source

_LIBRARIES: Final = frozenset(
    ["annotated_types", "msgspec", "pydantic", "pydantic_core", "pydantic_extra_types"]
)
_INSIDE: Final = "it is marked inside its type"
_OUTSIDE: Final = "Put the mark outside, such as `Annotated[str | None, Header]`"
_OF_CONSTRAINTS: Final = (
    "__get_pydantic_core_schema__",
    "__get_pydantic_json_schema__",
    "__is_annotated_types_grouped_metadata__",
    "__prepare_pydantic_annotations__",
)


def unmarked(annotation: Any, where: str) -> tuple[Any, Mark | None]:
    """Take the mark off a type; constraints of the validation library stay.

    Raises `ImproperlyConfigured` for metadata that nobody would read: what was meant for a mark, and
    is none, would let a client send the value.
    """
    if isinstance(annotation, Unresolved):
        return annotation, None
    if typing.get_origin(annotation) is not Annotated:
        _require_none_inside(annotation, where)
        return annotation, _own_source(annotation)
    _require_none_inside(annotation.__origin__, where)
    metadata = [_made(each, where) for each in annotation.__metadata__]
    marks = [each for each in metadata if isinstance(each, Mark)]
    if len(marks) > 1:
        raise ImproperlyConfigured(where, "it is marked twice", "Keep one of the marks")
    rest = [each for each in metadata if not isinstance(each, Mark)]
    bare = Annotated[annotation.__origin__, *rest] if rest else annotation.__origin__
    return bare, marks[0] if marks else _own_source(annotation.__origin__)


def _own_source(annotation: Any) -> Source | None:
    """Give the source of a class that has one by itself, and needs no mark; or of a list of it."""
    bare = without_null(annotation)
    item = typing.get_args(bare)[0] if typing.get_origin(bare) is list else bare
    source = getattr(typing.get_origin(item) or item, "__source__", None)
    return source if isinstance(source, Source) else None


def mark_in(value: object) -> str | None:
    """Give the name of a mark, or of a class of marks; None for anything else."""
    kind = value if isinstance(value, type) else type(value)
    return kind.__name__ if issubclass(kind, Mark) else None


def require_none_in_members(annotation: Any, where: str) -> None:
    """Refuse a mark on a member of a model: nobody would read it, and a client send the member."""
    mark = _mark_within(annotation)
    if mark:
        raise ImproperlyConfigured(
            where,
            f"a member of its model is marked {mark}, and nobody would read it",
            "Take the mark off, and give the action a parameter that has it",
        )


@made_once
def _mark_within(annotation: Any) -> str:
    """Give the name of a mark that something in a type has; nothing where there is none."""
    with contextlib.suppress(NameError):  # the schema tells more of that
        for each in pieces_of(annotation):
            if (name := mark_in(each)) is not None:
                return name
    return ""


def _made(metadata: Any, where: str) -> Any:
    """Make a mark of a class of marks, and refuse what is neither mark nor constraint."""
    if isinstance(metadata, type) and issubclass(metadata, Mark):
        make: Callable[[], Mark] = metadata
        try:
            return make()
        except TypeError as error:
            raise ImproperlyConfigured(
                where,
                f"{metadata.__name__} cannot be made without arguments ({error})",
                f"Write {metadata.__name__}(...)",
            ) from error
    if not isinstance(metadata, Mark) and not _is_known(metadata):
        fix = (
            f"Write Depends({metadata.__name__})"
            if inspect.isroutine(metadata)
            else "Take it out, or make it a webaio.parameters.Source"
        )
        raise ImproperlyConfigured(
            where, f"it is annotated with {metadata!r}, which is no mark and no constraint", fix
        )
    return metadata


def require_unmarked(annotations: Iterable[Any], where: str) -> None:
    """Refuse marks in types that are read by nobody; other metadata is somebody else's."""
    for each in annotations:
        if _mark_within(each):
            raise ImproperlyConfigured(where, _INSIDE, _OUTSIDE)


def _require_none_inside(annotation: Any, where: str, seen: tuple[Any, ...] = ()) -> None:
    """Refuse a mark inside a type, where it would be read by nobody."""
    if any(annotation is each for each in seen):  # `type Json = list[Json] | ...`
        return
    try:
        inner = getattr(annotation, "__value__", annotation)
    except NameError:  # of a named type, of which the schema tells more
        return
    for each in getattr(inner, "__metadata__", ()):
        if mark_in(each) is not None:
            raise ImproperlyConfigured(where, _INSIDE, _OUTSIDE)
        _made(each, where)
    for part in typing.get_args(inner):
        _require_none_inside(part, where, (*seen, annotation))


def _is_known(metadata: object) -> bool:
    """Tell a constraint of a validation library, and words for people; a model is neither."""
    kind = metadata if isinstance(metadata, type) else type(metadata)
    if issubclass(kind, str) or kind.__name__ == "Doc":  # PEP 727
        return True
    if _library_of(kind) in _LIBRARIES or any(map(_is_annotated_type, kind.__mro__)):
        return True
    is_model = hasattr(kind, "__pydantic_fields__")
    return not is_model and any(hasattr(kind, each) for each in _OF_CONSTRAINTS)


def _library_of(kind: type) -> str:
    return kind.__module__.partition(".")[0]


def _is_annotated_type(kind: type) -> bool:
    return _library_of(kind) == "annotated_types"
