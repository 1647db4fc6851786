import contextlib
import inspect
import sys
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ForwardRef, TypeVar

from msgspec import Struct

from webaio.decorators._callable import Function
from webaio.schemas._annotation import is_named_union


class Unresolved(Struct, frozen=True):
    """An annotation that cannot be resolved: as it is written, and what it raised."""

    text: str
    error: Exception


def annotations_of(
    function: Function,
    parameters: Iterable[inspect.Parameter],
    *,
    viewset: type = object,
    owner: type = object,
) -> dict[str, Any]:
    """Give the resolved annotations of a function with these parameters.

    Of a method `owner` is the class of the viewset's MRO that defines it. Names are looked up in the
    module, and in the owner but for its methods: an action named `list` does not hide the builtin.
    The name of a type stands for it, but for that of a union of models, which the document tells.
    Type variables of a generic owner are what the viewset says of them. An annotation that cannot be
    resolved is given as `Unresolved`.
    """
    written = _written(function)
    if not all(map(_is_plain, written.values())):  # as most are: the rest takes long
        names = {**_closure(function), **_names_of(owner)}
        scope = getattr(function, "__globals__", {})
        arguments = type_arguments(viewset).get(owner, {})
        written = {
            name: substituted(_resolved(each, scope, names), arguments)
            for name, each in written.items()
        }
    empty = inspect.Parameter.empty  # a `__signature__` made by hand may have other annotations
    made = {each.name: each.annotation for each in parameters if each.annotation is not empty}
    return {**made, **written}


def attributes_of(viewset: type, base: type) -> Iterator[tuple[str, Any]]:
    """Give the resolved annotations of the attributes of a class, those of the nearest base first.

    Those of `base` are left out.
    """
    arguments = type_arguments(viewset)
    for owner in (each for each in viewset.__mro__ if each is not base):
        scope = vars(sys.modules.get(owner.__module__, typing))
        for name, written in _written(owner).items():
            read = _resolved(written, scope, _names_of(owner), is_of_class=True)
            yield name, substituted(read, arguments.get(owner, {}))


def holds_method(annotation: Any) -> bool:
    """Tell whether a function stands where a type should: a method that hides a name of the module."""
    if isinstance(annotation, types.FunctionType):
        return True
    return any(map(holds_method, typing.get_args(annotation)))


def _written(of: Function) -> Mapping[str, Any]:
    """Give the annotations as they are: values, or strings where they are not evaluated.

    From Python 3.14 they are evaluated late, in the class's scope, where a method can hide a name
    of the module. Then they are asked for as strings.
    """
    if sys.version_info >= (3, 14):
        import annotationlib

        with contextlib.suppress(Exception):
            values = annotationlib.get_annotations(of)
            if not any(map(holds_method, values.values())):
                return values
        return annotationlib.get_annotations(of, format=annotationlib.Format.STRING)
    return inspect.get_annotations(of)


def _resolved(
    annotation: Any,
    scope: Mapping[str, Any],
    names: Mapping[str, Any],
    *,
    is_of_class: bool = False,
) -> Any:
    if _is_evaluated(annotation):
        return annotation if is_named_union(annotation) else unaliased(annotation)

    def function() -> None: ...

    holder: Any = type("Holder", (), {}) if is_of_class else function  # where ClassVar may stand
    holder.__annotations__ = {"it": annotation}
    try:
        hints = typing.get_type_hints(holder, dict(scope), dict(names), include_extras=True)
        found = hints["it"]
        return found if is_named_union(found) else unaliased(found)
    except Exception as error:  # noqa: BLE001  # whatever an annotation raises
        return Unresolved(str(annotation), error)


def _is_evaluated(annotation: Any) -> bool:
    """Tell a type without any name in it, which resolving would give as it is, and take long."""
    if _is_plain(annotation):
        return True
    parts = typing.get_args(annotation)
    return bool(parts) and all(map(_is_evaluated, parts))


def _is_plain(annotation: Any) -> bool:
    return isinstance(annotation, type) and typing.get_origin(annotation) is None


def unaliased(annotation: Any) -> Any:
    """Give what a name stands for: `type Artists = list[Artist]`, `type Page[T] = list[T]`."""
    while hasattr(annotation, "__value__"):
        arguments = typing.get_args(annotation)
        value = annotation.__value__
        annotation = value[arguments] if arguments else value
    return annotation


def _closure(function: Function) -> dict[str, Any]:
    """Give the names of the enclosing functions that the annotations use, from Python 3.14."""
    evaluate = getattr(function, "__annotate__", None)
    if evaluate is None or not getattr(evaluate, "__closure__", None):
        return {}
    found: dict[str, Any] = {}
    for name, cell in zip(evaluate.__code__.co_freevars, evaluate.__closure__, strict=True):
        with contextlib.suppress(ValueError):  # a name that has no value yet
            found[name] = cell.cell_contents
    return found


def _names_of(owner: type) -> dict[str, Any]:
    """Give what a class defines for itself, type parameters included, and methods not."""
    parameters = {each.__name__: each for each in getattr(owner, "__type_params__", ())}
    members = {name: each for name, each in vars(owner).items() if not _is_method(each)}
    return {**parameters, **members}


def _is_method(member: object) -> bool:
    wrappers = (classmethod, staticmethod, property)
    return member is None or inspect.isroutine(member) or isinstance(member, wrappers)


def type_arguments(viewset: type) -> dict[type, dict[Any, Any]]:
    """Say for each generic base what its type variables are: `class Artists(Crud[Artist])`."""
    known: dict[type, dict[Any, Any]] = {}
    for owner in viewset.__mro__:
        for base in vars(owner).get("__orig_bases__", ()):
            origin = typing.get_origin(base)
            parameters = getattr(origin, "__parameters__", ())
            scope = vars(sys.modules[owner.__module__])
            given = [
                substituted(_resolved_reference(each, scope), known.get(owner, {}))
                for each in typing.get_args(base)
            ]
            if origin is not None and parameters:
                known.setdefault(origin, dict(zip(parameters, given, strict=False)))
    return known


def _resolved_reference(argument: Any, scope: Mapping[str, Any]) -> Any:
    """Resolve the string of `Crud["Artist"]`; other arguments are there already."""
    return _resolved(argument, scope, {}) if isinstance(argument, ForwardRef) else argument


def substituted(annotation: Any, arguments: Mapping[Any, Any]) -> Any:
    """Put types in the place of type variables."""
    if isinstance(annotation, TypeVar):
        return arguments.get(annotation, _default_of(annotation))
    parameters = getattr(annotation, "__parameters__", ())
    if isinstance(annotation, type) or not parameters:
        return annotation
    return annotation[tuple(substituted(each, arguments) for each in parameters)]


def _default_of(variable: Any) -> Any:
    """Give the default of a type variable (PEP 696), and the variable itself where it has none."""
    has_default = getattr(variable, "has_default", None)
    return variable.__default__ if has_default and has_default() else variable
