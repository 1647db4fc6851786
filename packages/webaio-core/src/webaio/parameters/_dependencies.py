"""The functions on which an action depends."""

import functools
import inspect
from collections.abc import Collection, Iterable, Mapping

from webaio.decorators._callable import (
    Function,
    called,
    declared,
    name_of,
    require_callable,
    signature,
)
from webaio.decorators._operation import added_by
from webaio.exceptions import ImproperlyConfigured

from ._annotations import annotations_of
from ._signature import Signature, signature_of


def dependencies_of(
    takers: Iterable[Signature], variables: Collection[str], overrides: Mapping[Function, Function]
) -> dict[Function, Signature]:
    """Give all functions that some need, each once, and after those that it needs itself.

    With each, as it is named, stands what is called for it: itself, or its override. Raises
    `ImproperlyConfigured` for a function whose signature no request could serve, and for one that
    depends on itself.
    """
    found: dict[Function, Signature] = {}

    def add(taker: Signature, above: tuple[Function, ...]) -> None:
        for function in taker.dependencies.values():
            _require_no_cycle(function, above)
            if function not in found:
                signature = _signature(overrides.get(function, function), variables)
                add(signature, (*above, function))
                found[function] = signature

    for each in takers:
        add(each, ())
    return found


def needed_by(taker: Signature, known: Mapping[Function, Signature]) -> dict[Function, Signature]:
    """Give those of the known functions that one needs, in the same order."""
    found: dict[Function, Signature] = {}
    for function in taker.dependencies.values():
        found |= needed_by(known[function], known)
        found[function] = known[function]
    return found


def _signature(call: Function, variables: Collection[str]) -> Signature:
    where = name_of(call)
    added_by(call, where, "errors", "security")
    written = _parameters(call, where)
    annotations = annotations_of(declared(called(declared(call))), written)
    found = signature_of(call, written, annotations, variables, where)
    require_callable(call, found.names, where)
    return found


def _parameters(call: Function, where: str) -> list[inspect.Parameter]:
    """Give what a function takes, but for what a partial gives it."""
    try:
        written = list(signature(call).parameters.values())
    except ValueError as error:
        raise ImproperlyConfigured(
            where, f"it does not say what it takes ({error})", "Write a function around it"
        ) from error
    if written and written[0].name in ("self", "cls"):
        raise ImproperlyConfigured(
            where,
            "it is a method, and there is no instance to call it on",
            "Name the method of an instance, or a function that takes the request",
        )
    given = call.keywords if isinstance(call, functools.partial) else {}
    return [each for each in written if each.name not in given]


def _require_no_cycle(function: Function, above: tuple[Function, ...]) -> None:
    if function in above:
        chain = [*above[above.index(function) :], function]
        raise ImproperlyConfigured(
            name_of(function),
            f"it depends on itself, by {' → '.join(map(name_of, chain))}",
            "Let one of them take the request, or call the other",
        )
