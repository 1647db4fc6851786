import typing
from typing import Any

from ._annotation import pieces_of
from ._binary import binaries_in, is_binary
from ._cache import made_once
from ._fault import Unsupported
from ._msgspec import MsgspecFormSchema, MsgspecPartialSchema, MsgspecSchema
from ._partial import Partial
from ._schema import Schema

_PYDANTIC = ("annotated_types", "pydantic")


@made_once
def schema_of(annotation: Any) -> Schema:
    """Make the `Schema` of a type, once for all that ask, with the library that knows it.

    That is pydantic where the type is, or has in it, something of pydantic, and msgspec otherwise.
    Raises `Unsupported` for a type that has no form in JSON.

    >>> schema_of(list[int]).decode(b"[1, 2]")
    [1, 2]
    """
    schema = _made(annotation, MsgspecSchema)
    for each in binaries_in(annotation):
        raise Unsupported(
            f"{each.__name__} is neither JSON nor text; a form holds it: Annotated[..., Form]"
        )
    return schema


@made_once
def form_schema_of(annotation: Any) -> Schema:
    """Do the same for what a form holds, where files may be."""
    return _made(annotation, MsgspecFormSchema)


def _made(annotation: Any, of_msgspec: type[MsgspecSchema]) -> Schema:
    try:
        return _with_library(annotation, of_msgspec)
    except RecursionError as error:
        raise Unsupported("it holds itself, and has no class: write it as one") from error


def _with_library(annotation: Any, of_msgspec: type[MsgspecSchema]) -> Schema:
    model = _model_of_partial(annotation)
    if not _uses_pydantic(annotation):
        return of_msgspec(annotation) if model is None else MsgspecPartialSchema(model)
    try:
        from ._pydantic import PydanticPartialSchema, PydanticSchema
    except ImportError as error:
        raise Unsupported("it needs pydantic: pip install 'webaio-core[pydantic]'") from error
    return PydanticSchema(annotation) if model is None else PydanticPartialSchema(model)


def _model_of_partial(annotation: Any) -> Any:
    if annotation is Partial:
        raise Unsupported("Partial needs its model: Partial[ArtistIn]")
    return typing.get_args(annotation)[0] if typing.get_origin(annotation) is Partial else None


def _uses_pydantic(annotation: Any) -> bool:
    try:
        return any(map(_is_of_pydantic, pieces_of(annotation)))
    except NameError as error:
        raise Unsupported(f"{error}: an annotation in it names what its module has not") from error


def _is_of_pydantic(piece: Any) -> bool:
    return not is_binary(piece) and (
        hasattr(piece, "__get_pydantic_core_schema__")
        or hasattr(piece, "__pydantic_fields__")
        or type(piece).__module__.partition(".")[0] in _PYDANTIC
    )
