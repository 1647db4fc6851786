"""The functions on which an action depends."""

import inspect
from collections.abc import Collection, Mapping
from typing import Literal

from msgspec import Struct

from webaio.decorators._callable import Function, called, declared, name_of, signature
from webaio.decorators._operation import added_by
from webaio.exceptions import ImproperlyConfigured

from ._annotations import annotations_of
from ._signature import Signature, signature_of

Kind = Literal["coroutine", "generator", "plain"]


class Dependency(Struct, frozen=True):
    """One function: `function` as it is named, and what is called for it."""

    function: Function
    call: Function
    kind: Kind
    signature: Signature

    @property
    def where(self) -> str:
        """Its place in a message."""
        return name_of(self.function)


def dependencies_of(
    taker: Signature, variables: Collection[str], overrides: Mapping[Function, Function]
) -> tuple[Dependency, ...]:
    """Give all functions that a signature needs, each once, and after those that it needs itself.

    `overrides` are called in place of others. Raises `ImproperlyConfigured` for a function whose
    signature no request could serve, and for one that depends on itself.
    """
    found: dict[Function, Dependency] = {}

    def add(taker: Signature, above: tuple[Function, ...]) -> None:
        for function in (each.function for each in taker.dependencies.values()):
            _require_no_cycle(function, above)
            if function not in found:
                made = _dependency(function, overrides.get(function, function), variables)
                add(made.signature, (*above, function))
                found[function] = made

    add(taker, ())
    return tuple(found.values())


def _dependency(function: Function, call: Function, variables: Collection[str]) -> Dependency:
    where = name_of(call)
    added_by(call, where, "errors", "security")
    written = signature(call).parameters.values()
    annotations = annotations_of(declared(called(call)), written)
    taken = signature_of(written, annotations, variables, where)
    return Dependency(function, call, _kind_of(call), taken)


def _kind_of(call: Function) -> Kind:
    code = called(call)
    if inspect.isasyncgenfunction(code):
        return "generator"
    return "coroutine" if inspect.iscoroutinefunction(code) else "plain"


def _require_no_cycle(function: Function, above: tuple[Function, ...]) -> None:
    if function in above:
        chain = [*above[above.index(function) :], function]
        raise ImproperlyConfigured(
            name_of(function),
            f"it depends on itself, by {' → '.join(map(name_of, chain))}",
            "Let one of them take the request, or call the other",
        )
