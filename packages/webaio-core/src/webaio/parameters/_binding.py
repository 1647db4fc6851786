"""From a request to what an action takes."""

import inspect
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from typing import Any

from aiohttp import web

from webaio.decorators._callable import Function

from ._body import Body
from ._dependencies import Dependency, Kind
from ._plan import Plan
from ._reading import reading_of
from ._scope import Scope
from ._signature import Signature
from ._source import Inputs, Reader

ScopedBinding = Callable[[web.Request, Scope], Awaitable[dict[str, Any]]]
_Taken = Sequence[tuple[str, Hashable]]
"""What a function takes: the names of its parameters, and the keys of their values."""
_Call = tuple[Function, Kind, Function, _Taken]
"""A function as it is named, how it is called, what is called, and what that takes."""


def binding_of(plan: Plan) -> Reader:
    """Make the function that turns a request into the arguments of an action without dependencies.

    It is a coroutine function only where something is awaited, and raises what `reading_of` says.
    """
    signature = plan.signature
    requests = [] if signature.request is None else [signature.request]
    named = {each.name: each for each in signature.parameters}
    return reading_of(named, requests, plan.inputs)


def only_body_of(plan: Plan) -> tuple[str, Reader] | None:
    """Give the one parameter that an action takes, and its reader, where it is the body.

    Its faults need not say where they are: a problem says it of the request's body by itself.
    """
    taken = plan.inputs.parameters
    if len(taken) != 1 or plan.dependencies or plan.signature.request is not None:
        return None
    (only,) = taken
    is_body = isinstance(only.source, Body)
    return (only.name, only.source.reader(only, plan.inputs)) if is_body else None


def scoped_binding_of(plan: Plan) -> ScopedBinding:
    """Make the coroutine function that does the same for an action that depends on functions.

    All that they take from the request is read before the first of them is called.
    """
    return _scoped_binding(plan.signature, plan.then, plan.inputs)


def attributes_binding_of(plan: Plan) -> ScopedBinding:
    """Make the coroutine function that gives the attributes of a viewset."""
    return _scoped_binding(Signature(None, (), plan.attributes), plan.first, plan.inputs)


def _scoped_binding(
    taker: Signature, dependencies: Sequence[Dependency], inputs: Inputs
) -> ScopedBinding:
    takers: list[tuple[Function | None, Signature]] = [
        (None, taker),
        *((each.function, each.signature) for each in dependencies),
    ]
    named = {(of, each.name): each for of, signature in takers for each in signature.parameters}
    requests = [(of, each.request) for of, each in takers if each.request is not None]
    read = reading_of(named, requests, inputs)
    is_async = inspect.iscoroutinefunction(read)
    taken = list(_taken(None, taker))
    calls = [
        (each.function, each.kind, each.call, list(_taken(each.function, each.signature)))
        for each in dependencies
    ]

    async def bind(request: web.Request, scope: Scope) -> dict[str, Any]:
        found = read(request)
        scope.values |= await found if is_async else found
        await _give(calls, scope)
        return {name: scope.values[key] for name, key in taken}

    return bind


async def _give(calls: Sequence[_Call], scope: Scope) -> None:
    """Call each function, and keep what it gives."""
    values = scope.values
    for function, kind, call, taken in calls:
        arguments = {name: values[key] for name, key in taken}
        if kind == "generator":
            values[function] = await scope.enter(call(**arguments))
        elif kind == "coroutine":
            values[function] = await call(**arguments)
        else:
            values[function] = call(**arguments)


def _taken(of: Function | None, signature: Signature) -> Iterator[tuple[str, Hashable]]:
    if signature.request is not None:
        yield signature.request, (of, signature.request)
    for each in signature.parameters:
        yield each.name, (of, each.name)
    for name, depends in signature.dependencies.items():
        yield name, depends.function
