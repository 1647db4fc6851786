"""From a request to what an action takes."""

from __future__ import annotations  # of functions that are made for each action

import inspect
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from types import AsyncGeneratorType, CoroutineType
from typing import Any, Final

from aiohttp import web

from webaio.decorators._callable import Function

from ._body import Body
from ._dependencies import Dependency
from ._plan import Plan
from ._reading import reading_of
from ._scope import Scope
from ._signature import Signature, parameters_of
from ._source import Inputs, Parameter, Reader

ScopedBinding = Callable[[web.Request, Scope], Awaitable[dict[str, Any]]]
_REQUEST: Final = "request"


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
    only = _only_call_of(plan)
    return _only_binding(*only) if only else _scoped_binding(plan.signature, plan.then, plan.inputs)


def _only_call_of(plan: Plan) -> tuple[str, Function, str | None] | None:
    """Give the one thing that an action takes, where a function gives it that takes a request alone.

    That is its name, the function, and the name of its request: as of most with a session or a user.
    """
    names = [*plan.signature.dependencies]
    if plan.first or plan.inputs.parameters or plan.signature.request:
        return None
    if len(plan.then) != 1 or len(names) != 1:
        return None
    (only,), (name,) = plan.then, names
    return name, only.call, only.signature.request


def _only_binding(name: str, call: Function, request_name: str | None) -> ScopedBinding:
    async def bind(request: web.Request, scope: Scope) -> dict[str, Any]:
        given = call() if request_name is None else call(**{request_name: request})
        kind = type(given)
        if kind is CoroutineType:
            given = await given
        elif kind is AsyncGeneratorType:
            given = await scope.enter(given)
        return {name: given}

    return bind


def attributes_binding_of(plan: Plan) -> ScopedBinding:
    """Make the coroutine function that gives the attributes of a viewset."""
    return _scoped_binding(Signature(None, (), plan.attributes), plan.first, plan.inputs)


def _scoped_binding(
    taker: Signature, dependencies: Sequence[Dependency], inputs: Inputs
) -> ScopedBinding:
    signatures = [taker, *(each.signature for each in dependencies)]
    takes_request = any(each.request is not None for each in signatures)
    parameters = parameters_of(signatures)
    read = reading_of(dict(enumerate(parameters)), (), inputs)
    reads, is_async = bool(parameters), inspect.iscoroutinefunction(read)
    taken = list(_taken(taker, parameters))
    calls = [
        (each.function, each.call, list(_taken(each.signature, parameters)))
        for each in dependencies
    ]

    async def bind(request: web.Request, scope: Scope) -> dict[str, Any]:
        values = scope.values
        if takes_request:
            values[_REQUEST] = request
        if reads:
            values |= await read(request) if is_async else read(request)
        arguments: dict[str, Any]
        for function, call, needed in calls:
            if needed:
                arguments = {}
                for name, key in needed:  # sooner than a comprehension
                    arguments[name] = values[key]
                given = call(**arguments)
            else:
                given = call()
            kind = type(given)
            if kind is CoroutineType:
                given = await given
            elif kind is AsyncGeneratorType:
                given = await scope.enter(given)
            values[function] = given
        arguments = {}
        for name, key in taken:
            arguments[name] = values[key]
        return arguments

    return bind


def _taken(signature: Signature, parameters: Sequence[Parameter]) -> Iterator[tuple[str, Hashable]]:
    """Give the names of what a function takes, and the keys under which its scope has the values."""
    numbers = {id(each): number for number, each in enumerate(parameters)}
    if signature.request is not None:
        yield signature.request, _REQUEST
    for each in signature.parameters:
        yield each.name, numbers[id(each)]
    for name, depends in signature.dependencies.items():
        yield name, depends.function
