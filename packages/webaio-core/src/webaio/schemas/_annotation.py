"""Taking a type apart that is written in Python, whatever library will read it."""

import dataclasses
import types
import typing
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Union, is_typeddict


def origin_of(annotation: Any) -> Any:
    """Give `list` for `list[int]`, and the type itself for a plain one, `Annotated` or not."""
    bare = bare_of(annotation)
    return typing.get_origin(bare) or bare


def bare_of(annotation: Any) -> Any:
    """Take off `Annotated`, and the name of a `type X = ...`."""
    if typing.get_origin(annotation) is Annotated:
        return bare_of(annotation.__origin__)
    if hasattr(annotation, "__value__"):
        return bare_of(annotation.__value__)
    return annotation


def union_of(members: Iterable[Any]) -> Any:
    """Give the union of types that are known only at run time."""
    return Union[tuple(members)]  # noqa: UP007  # `|` takes what is written


def is_union(annotation: Any) -> bool:
    return origin_of(annotation) in (Union, types.UnionType)


def without_null(annotation: Any) -> Any:
    """Give a type as it is where it is not null; what is said of it stays."""
    if typing.get_origin(annotation) is Annotated:
        return Annotated[without_null(annotation.__origin__), *annotation.__metadata__]
    if not is_union(annotation):
        return annotation
    return union_of(each for each in parts_of(annotation) if each is not types.NoneType)


def parts_of(annotation: Any) -> tuple[Any, ...]:
    """Give the types that a generic type or a union is made of; none for a `Literal`."""
    if origin_of(annotation) is typing.Literal:
        return ()
    return tuple(part for part in typing.get_args(bare_of(annotation)) if part is not ...)


def is_model(annotation: Any) -> bool:
    """Tell whether a type is a class of named members."""
    origin = origin_of(annotation)
    return isinstance(origin, type) and (
        dataclasses.is_dataclass(origin)
        or is_typeddict(origin)
        or hasattr(origin, "_fields")
        or hasattr(origin, "__attrs_attrs__")
        or hasattr(origin, "__struct_fields__")
        or hasattr(origin, "__pydantic_fields__")
    )


def is_named_union(annotation: Any) -> bool:
    """Tell a union of models that has a name: `type Pet = Cat | Dog`."""
    if not hasattr(annotation, "__value__"):
        return False
    value = annotation.__value__
    if typing.get_origin(value) not in (Union, types.UnionType) or typing.get_args(annotation):
        return False
    return all(is_model(each) or is_named_union(each) for each in typing.get_args(value))


def pieces_of(annotation: Any) -> Iterator[Any]:
    """Give everything that a type is written with: its parts, its metadata, its models' fields."""
    todo, seen = [annotation], list[Any]()
    while todo:
        piece = todo.pop()
        if hasattr(piece, "__value__"):  # `type X = ...`, which may hold itself
            if any(piece is each for each in seen):
                continue
            seen.append(piece)
        yield piece
        if typing.get_origin(piece) is Annotated:
            yield from piece.__metadata__
        todo += parts_of(piece)
        origin = origin_of(piece)
        if is_model(piece) and not any(origin is each for each in seen):
            seen.append(origin)
            todo += members_of(origin).values()
            # Of pydantic's generic models the annotations have the variable, and this what it is.
            todo += getattr(origin, "__pydantic_generic_metadata__", {}).get("args", ())


def members_of(model: Any) -> dict[str, Any]:
    """Give the types of the members of a model, without those of its class and private ones.

    Raises `NameError` and `TypeError` for what does not say them.
    """
    fields = getattr(model, "__pydantic_fields__", None)
    return {
        name: hint
        for name, hint in typing.get_type_hints(model, include_extras=True).items()
        if typing.get_origin(hint) is not typing.ClassVar
        and hint is not typing.ClassVar
        and (fields is None or name in fields)
    }


def name_of(annotation: Any, *, is_qualified: bool = False) -> str:
    """Give a class's name, and `Page[Artist]` for a generic one; with the modules if asked."""
    if typing.get_origin(annotation) is Annotated:
        return name_of(annotation.__origin__, is_qualified=is_qualified)
    cls = typing.get_origin(annotation) or annotation
    if typing.get_origin(annotation) is typing.Literal:
        return ", ".join(map(str, annotation.__args__))
    name = getattr(cls, "__qualname__" if is_qualified else "__name__", str(cls))
    if is_qualified and getattr(cls, "__module__", "builtins") != "builtins":
        name = f"{cls.__module__}.{name}"
    arguments = [name_of(each, is_qualified=is_qualified) for each in typing.get_args(annotation)]
    return f"{name}[{', '.join(arguments)}]" if arguments else str(name)
