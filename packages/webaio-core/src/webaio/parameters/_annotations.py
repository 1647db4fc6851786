import contextlib
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Function = Callable[..., Any]


def annotations_of(function: Function, viewset: type) -> dict[str, Any]:
    """Give the resolved annotations of a method, as the viewset that has it sees them.

    Names are looked up in the module, and in the class but for its methods: an action named `list`
    does not hide the builtin. Type variables of generic bases are replaced by what the viewset says.
    An annotation that cannot be resolved is given as the exception that it raised.
    """
    inner = inspect.unwrap(function)
    names = {**_closure(inner), **_names_of(viewset)}
    resolved = {
        name: _resolved(annotation, inner, names) for name, annotation in _raw(inner).items()
    }
    arguments = _type_arguments(viewset)
    return {name: _substituted(each, arguments) for name, each in resolved.items()}


def _raw(function: Function) -> Mapping[str, Any]:
    """Give the annotations as they are: values, or strings where they are not evaluated.

    From Python 3.14 they are evaluated late, in the class's scope, where a method can hide a name
    of the module. Then they are asked for as strings.
    """
    if sys.version_info >= (3, 14):
        import annotationlib

        with contextlib.suppress(Exception):
            values = annotationlib.get_annotations(function)
            if not any(isinstance(value, types.FunctionType) for value in values.values()):
                return values
        return annotationlib.get_annotations(function, format=annotationlib.Format.STRING)
    return inspect.get_annotations(function)


def _resolved(annotation: Any, function: Function, names: Mapping[str, Any]) -> Any:
    def holder() -> None: ...

    holder.__annotations__ = {"it": annotation}
    scope = getattr(function, "__globals__", {})
    try:
        return typing.get_type_hints(holder, scope, dict(names), include_extras=True)["it"]
    except Exception as error:  # noqa: BLE001  # whatever an annotation raises
        return error


def _closure(function: Function) -> dict[str, Any]:
    """Give the names of the enclosing functions that the annotations use, from Python 3.14."""
    evaluate = getattr(function, "__annotate__", None)
    if evaluate is None or not getattr(evaluate, "__closure__", None):
        return {}
    cells = zip(evaluate.__code__.co_freevars, evaluate.__closure__, strict=True)
    return {name: cell.cell_contents for name, cell in cells if name != "__classdict__"}


def _names_of(viewset: type) -> dict[str, Any]:
    """Give what classes define for themselves, type parameters included, and methods not."""
    names: dict[str, Any] = {}
    for owner in reversed(viewset.__mro__):
        names |= {each.__name__: each for each in getattr(owner, "__type_params__", ())}
        names |= {name: each for name, each in vars(owner).items() if not _is_method(each)}
    return names


def _is_method(member: object) -> bool:
    wrappers = (classmethod, staticmethod, property)
    return member is None or inspect.isroutine(member) or isinstance(member, wrappers)


def _type_arguments(viewset: type) -> dict[Any, Any]:
    """Say what each type variable of the generic bases is: `class Artists(Crud[Artist])`."""
    arguments: dict[Any, Any] = {}
    for owner in viewset.__mro__:
        for base in vars(owner).get("__orig_bases__", ()):
            parameters = getattr(typing.get_origin(base), "__parameters__", ())
            arguments |= {
                parameter: _substituted(given, arguments)
                for parameter, given in zip(parameters, typing.get_args(base), strict=False)
            }
    return arguments


def _substituted(annotation: Any, arguments: Mapping[Any, Any]) -> Any:
    if isinstance(annotation, TypeVar):
        return arguments.get(annotation, annotation)
    parameters = getattr(annotation, "__parameters__", ())
    if isinstance(annotation, type) or not parameters:
        return annotation
    return annotation[tuple(arguments.get(each, each) for each in parameters)]
