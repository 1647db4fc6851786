import functools
import inspect
import operator
import types
import typing
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Collection
from typing import Any, Final, Never, NoReturn, Union

from aiohttp import web
from msgspec import Struct

from webaio.exceptions import ImproperlyConfigured
from webaio.schemas import Schema

from ._annotations import Unresolved, annotations_of
from ._interpretation import parameter_of, require_nameable, schema_for
from ._parameter import REQUIRED, Parameter

_NONE: Final = (None, type(None))
_STREAMS: Final = (AsyncGenerator, AsyncIterable, AsyncIterator)
_POSITIONAL: Final = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)
_VARIADIC: Final = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


class Contract(Struct, frozen=True):
    """What the signature of an action says, worked out once.

    `request` is the name of the parameter that takes the request, if any. `result` is the schema of
    what is returned but for None, or of each item where it `streams`; None where there is none.
    `returns_none` and `returns_response` tell what else is declared to come.
    """

    request: str | None
    parameters: tuple[Parameter, ...]
    result: Schema | None
    streams: bool
    returns_none: bool
    returns_response: bool

    @property
    def body(self) -> Parameter | None:
        """The parameter that is the body."""
        return next((each for each in self.parameters if each.source == "body"), None)


def contract_of(
    function: Callable[..., Any],
    parameters: Collection[inspect.Parameter],
    *,
    viewset: type,
    owner: type,
    variables: Collection[str],
    where: str,
) -> Contract | None:
    """Read the contract of an action; None where it is untyped, a plain handler of a request.

    `parameters` are those of its signature without `self`, `owner` is the class of the viewset's
    MRO that defines it, `variables` are the names in its URL. Raises `ImproperlyConfigured` for a
    signature that no request could serve.
    """
    annotations = _annotations(function, parameters, viewset, owner)
    result = annotations.get("return", REQUIRED)
    request = _request_of(parameters, annotations, variables, where)
    rest = [each for each in parameters if each is not request]
    is_handler = inspect.iscoroutinefunction(function) and _is_response(result)
    if is_handler and _is_first(request, parameters) and _are_bare(rest, annotations):
        return None
    if request is not None:
        require_nameable(request, where)
    read = tuple(
        parameter_of(each, annotations.get(each.name, REQUIRED), variables, where) for each in rest
    )
    bodies = [each.name for each in read if each.source == "body"]
    if len(bodies) > 1:
        raise ImproperlyConfigured(
            where,
            f"it takes two bodies, {' and '.join(map(repr, bodies))}",
            "Make one model of them, or mark one with Query, Header or Cookie",
        )
    streams, item = _stream(function, result, where)
    members = typing.get_args(item) if _is_union(item) else (item,)
    return Contract(
        request=request.name if request else None,
        parameters=read,
        result=_result_schema(members, f"{where}, result", keeps_none=streams),
        streams=streams,
        returns_none=not streams and any(each in _NONE for each in members),
        returns_response=any(map(_is_response, members)),
    )


def _annotations(
    function: Callable[..., Any],
    parameters: Collection[inspect.Parameter],
    viewset: type,
    owner: type,
) -> dict[str, Any]:
    """Give the annotations; a `__signature__` made by hand may have others than the function."""
    made = {each.name: each.annotation for each in parameters if each.annotation is not REQUIRED}
    return {**made, **annotations_of(function, viewset, owner)}


def _request_of(
    parameters: Collection[inspect.Parameter],
    annotations: dict[str, Any],
    variables: Collection[str],
    where: str,
) -> inspect.Parameter | None:
    """Find the parameter that takes the request: by its type, its name, or as the only one."""
    candidates = [each for each in parameters if each.name not in variables]
    for each in candidates:
        annotation = annotations.get(each.name, REQUIRED)
        if isinstance(annotation, type) and issubclass(annotation, web.BaseRequest):
            return each
        if each.name == "request":
            _require_request(annotation, where)
            return each
    first = next(iter(parameters), None)
    if first is None or first not in candidates or first.kind in _VARIADIC:
        return None
    annotation = annotations.get(first.name, REQUIRED)
    says_nothing = annotation is REQUIRED or _is_imported_for_checkers(annotation, "Request")
    is_only = first.default is REQUIRED and _are_bare(list(parameters)[1:], annotations)
    return first if says_nothing and is_only else None


def _require_request(annotation: Any, where: str) -> None:
    """Refuse the name `request` for something else."""
    is_class = isinstance(annotation, type) and annotation is not REQUIRED
    if is_class and not issubclass(web.Request, annotation):
        raise ImproperlyConfigured(
            f"{where}, parameter 'request'",
            f"the name stands for the request, and its type is {annotation.__name__}",
            "Give it another name",
        )


def _is_imported_for_checkers(annotation: Any, ending: str) -> bool:
    """Tell whether a class of aiohttp is named that is only imported under `if TYPE_CHECKING`."""
    return isinstance(annotation, Unresolved) and annotation.text.strip("'\"").endswith(ending)


def _is_first(request: inspect.Parameter | None, parameters: Collection[inspect.Parameter]) -> bool:
    """Tell whether the request can be passed as the one positional argument."""
    first = next(iter(parameters), None)
    return request is not None and request is first and request.kind in _POSITIONAL


def _are_bare(parameters: Collection[inspect.Parameter], annotations: dict[str, Any]) -> bool:
    """Tell whether parameters can be left out, and say nothing of themselves."""
    return all(
        each.kind in _VARIADIC or (each.default is not REQUIRED and each.name not in annotations)
        for each in parameters
    )


def _is_response(annotation: Any) -> bool:
    """Tell whether a result is nothing but a response; no annotation says so too."""
    if _is_imported_for_checkers(annotation, "Response"):
        return True
    if _is_union(annotation):
        return all(map(_is_response, typing.get_args(annotation)))
    if annotation in (REQUIRED, Never, NoReturn):
        return True
    return isinstance(annotation, type) and issubclass(annotation, web.StreamResponse)


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (Union, types.UnionType)


def _stream(function: Callable[..., Any], result: Any, where: str) -> tuple[bool, Any]:
    """Tell whether items are streamed, and give their type, or that of the result."""
    if typing.get_origin(result) in _STREAMS:
        return True, typing.get_args(result)[0]
    if result in _STREAMS or inspect.isasyncgenfunction(function):
        raise ImproperlyConfigured(
            where,
            "it streams items, and does not say of which type",
            "Write such as `-> AsyncIterator[Artist]`",
        )
    return False, result


def _result_schema(members: Collection[Any], where: str, *, keeps_none: bool) -> Schema | None:
    """Make the schema of what is written as JSON: None alone is not, but for an item of a stream."""
    if REQUIRED in members:
        return schema_for(Any, where)
    kept = [each for each in members if not _is_response(each)]
    written = [each for each in kept if each not in _NONE]
    if not written:
        return None
    return schema_for(functools.reduce(operator.or_, kept if keeps_none else written), where)
