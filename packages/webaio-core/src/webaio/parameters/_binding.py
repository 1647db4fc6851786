"""From a request to what an action, or the instance of its viewset, takes."""

from __future__ import annotations  # of functions that are made for each action

import inspect
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping, Sequence
from types import AsyncGeneratorType, CoroutineType, FunctionType
from typing import Any, Final

from aiohttp import web

from webaio.decorators._callable import Function

from ._body import Body
from ._reading import reading_of
from ._scope import Scope
from ._signature import Signature, parameters_of
from ._source import Inputs, Parameter, Reader

ScopedBinding = Callable[[web.Request, Scope], Awaitable[dict[str, Any]]]
_REQUEST: Final = "request"


def binding_of(signature: Signature, inputs: Inputs) -> Reader:
    """Make the function that turns a request into the arguments of a function without dependencies.

    It is a coroutine function only where something is awaited, and raises what `reading_of` says.
    """
    requests = [] if signature.request is None else [signature.request]
    named = {each.name: each for each in signature.parameters}
    return reading_of(named, requests, inputs)


def only_body_of(signature: Signature, inputs: Inputs) -> tuple[str, Reader] | None:
    """Give the one parameter that such a function takes, and its reader, where it is the body.

    Its faults need not say where they are: a problem says it of the request's body by itself.
    """
    if len(signature.parameters) != 1 or signature.request is not None:
        return None
    (only,) = signature.parameters
    is_body = isinstance(only.source, Body)
    return (only.name, only.source.reader(only, inputs)) if is_body else None


def only_call_of(
    taker: Signature, dependencies: Mapping[Function, Signature]
) -> ScopedBinding | None:
    """Make it where one function gives all that is taken, from the request alone or from nothing.

    So do most with a session or a user. Nobody else can have what it gives: the scope keeps it not.
    """
    if len(dependencies) != 1 or len(taker.names) != 1:
        return None
    (only,), (name,) = dependencies.values(), taker.names
    if only.parameters or only.dependencies:
        return None
    call = _with_request(only.function, only.request)

    async def bind(request: web.Request, scope: Scope) -> dict[str, Any]:
        given = call(request)
        kind = type(given)
        if kind is CoroutineType:
            given = await given
        elif kind is AsyncGeneratorType:
            given = await scope.enter(given)
        return {name: given}

    return bind


def _with_request(function: Function, name: str | None) -> Function:
    """Let a function be called with the request, which it takes under a name, or not at all."""
    if name is None:
        return lambda request: function()
    if isinstance(function, FunctionType) and not hasattr(function, "__wrapped__"):
        code = function.__code__
        if code.co_varnames[: code.co_argcount] == (name,):
            return function  # sooner than by its name
    return lambda request: function(**{name: request})


def scoped_binding_of(
    taker: Signature, dependencies: Mapping[Function, Signature], inputs: Inputs
) -> ScopedBinding:
    """Make the coroutine function that does the same for what depends on functions.

    All that they take from the request is read before the first of them is called.
    """
    signatures = [taker, *dependencies.values()]
    takes_request = any(each.request is not None for each in signatures)
    parameters = parameters_of(signatures)
    read = reading_of(dict(enumerate(parameters)), (), inputs)
    reads, is_async = bool(parameters), inspect.iscoroutinefunction(read)
    taken = list(_taken(taker, parameters))
    calls = [
        (function, each.function, list(_taken(each, parameters)))
        for function, each in dependencies.items()
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
    yield from signature.dependencies.items()
