"""From a signature as it is written to what is read from a request, or a refusal."""

import inspect
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from webaio.decorators._callable import Function
from webaio.exceptions import ImproperlyConfigured

from ._body import Body
from ._depends import Depends
from ._keyed import Query
from ._marks import Mark, mark_in, require_none_in_members, unmarked
from ._path import Path
from ._request import request_of
from ._source import REQUIRED, Parameter, Source

UNMARKED: Final = Query()
"""The source of a parameter that is neither in the URL, nor marked, nor a body."""


class Signature(Struct, frozen=True):
    """A function, and what it takes, each by its name.

    That is the request, parameters, and what the functions give on which it depends. A viewset takes
    the attributes of its instances.
    """

    function: Function
    request: str | None
    parameters: tuple[Parameter, ...]
    dependencies: Mapping[str, Function]

    @property
    def names(self) -> list[str]:
        """The names by which it is called."""
        request = [] if self.request is None else [self.request]
        return [*request, *(each.name for each in self.parameters), *self.dependencies]


def signature_of(
    function: Function,
    written: Collection[inspect.Parameter],
    annotations: Mapping[str, Any],
    variables: Collection[str],
    where: str,
) -> Signature:
    """Read the parameters of a function as they are written; `variables` are the names in the URL.

    Raises `ImproperlyConfigured` for one that no request could fill.
    """
    request = request_of(written, annotations, variables, where)
    parameters: list[Parameter] = []
    dependencies: dict[str, Function] = {}
    for each in written:
        _require_nameable(each, where)
        if each is request:
            continue
        here = f"{where}, parameter {each.name!r}"
        annotation = annotations.get(each.name, str if each.name in variables else REQUIRED)
        bare, mark = unmarked(annotation, here)
        if isinstance(mark, Depends):
            _require_not_in_url(each, mark, variables, here)
            dependencies[each.name] = mark.function
        else:
            parameters.append(_parameter(each, bare, mark, variables, here))
    name = None if request is None else request.name
    return Signature(function, name, tuple(parameters), dependencies)


def parameters_of(signatures: Iterable[Signature]) -> list[Parameter]:
    """Give the parameters of several functions, one after another."""
    return [parameter for each in signatures for parameter in each.parameters]


def _parameter(
    written: inspect.Parameter,
    bare: Any,
    source: Source | None,
    variables: Collection[str],
    where: str,
) -> Parameter:
    if bare is REQUIRED:
        raise ImproperlyConfigured(
            where, "it has no type, and is not in the URL", f"Write such as `{written.name}: int`"
        )
    _require_not_in_url(written, source, variables, where)
    require_none_in_members(bare, where)
    if written.name in variables:
        return Parameter(written.name, bare, REQUIRED, Path(), where)
    parameter = Parameter(written.name, bare, written.default, source or UNMARKED, where)
    if source is None and parameter.schema.is_model:
        parameter = Parameter(written.name, bare, written.default, Body(), where)
    return parameter


def _require_not_in_url(
    written: inspect.Parameter, mark: Mark | None, variables: Collection[str], where: str
) -> None:
    if mark is not None and written.name in variables:
        raise ImproperlyConfigured(
            where,
            f"its name is in the URL, and it is marked {type(mark).__name__}",
            "Take the mark off, or give it another name",
        )


def _require_nameable(written: inspect.Parameter, where: str) -> None:
    """Refuse a parameter that cannot be passed by its name, or has a mark for a default."""
    where = f"{where}, parameter {written.name!r}"
    if written.kind in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL):
        raise ImproperlyConfigured(
            where,
            f"nothing can be bound to `{written}`",
            "Name each parameter; in a decorator use functools.wraps",
        )
    if written.kind is inspect.Parameter.POSITIONAL_ONLY:
        raise ImproperlyConfigured(where, "it is positional-only", "Take the `/` out")
    if (name := mark_in(written.default)) is not None:
        raise ImproperlyConfigured(
            where,
            f"{name} is given as the default",
            f"Write `{written.name}: Annotated[..., {name}]`",
        )
