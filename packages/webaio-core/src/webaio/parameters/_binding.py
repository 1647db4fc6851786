from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from webaio.exceptions import Fault, ValidationError

from ._body import body_reader_of
from ._contract import Contract
from ._parameter import Source
from ._readers import claimed_keys, reader_of

Arguments = dict[str, Any]
Binding = Callable[[web.Request], Arguments]
BodyBinding = Callable[[web.Request], Awaitable[Arguments]]

_Faults = list[Fault]
_Finish = Callable[[web.Request, Arguments, _Faults], Arguments]


def binding_of(contract: Contract) -> Binding:
    """Make the function that turns a request into the arguments of an action that takes no body.

    It raises `NotFound` for a value of the path that its type refuses, and `ValidationError` with
    every fault of query, headers and cookies.
    """
    begin = _beginning_of(contract)
    if all(each.source == "path" for each in contract.parameters):
        return begin
    finish = _end_of(contract)

    def bind(request: web.Request) -> Arguments:
        return finish(request, begin(request), [])

    return bind


def body_binding_of(contract: Contract, *, client_max_size: int | None = None) -> BodyBinding:
    """Make the coroutine function that does the same for an action that takes a body.

    It raises besides the 400, 413 and 415 of a body that cannot be read, and the faults of the body
    are in the same `ValidationError`. `client_max_size` is the action's own limit of the body, in
    bytes; None leaves the application's.
    """
    begin, finish = _beginning_of(contract), _end_of(contract)
    (body,) = (each for each in contract.parameters if each.source == "body")
    read = body_reader_of(body, client_max_size)

    async def bind(request: web.Request) -> Arguments:
        arguments = begin(request)
        faults: _Faults = []
        try:
            arguments |= await read(request)
        except ValidationError as error:
            faults += _sent_in("body", error)
        return finish(request, arguments, faults)

    is_alone = len(contract.parameters) == 1 and contract.request is None
    return read if is_alone else bind


def _beginning_of(contract: Contract) -> Binding:
    """Make the function that gives the request, and what is in the path."""
    request_name = contract.request
    paths = [
        (each.name, reader_of(each, ())) for each in contract.parameters if each.source == "path"
    ]

    if request_name is None and len(paths) == 1:  # as of most actions of an item
        ((only, read_only),) = paths
        return lambda request: {only: read_only(request)}

    def begin(request: web.Request) -> Arguments:
        arguments: Arguments = {} if request_name is None else {request_name: request}
        for name, read in paths:
            arguments[name] = read(request)
        return arguments

    return begin


def _end_of(contract: Contract) -> _Finish:
    """Make the function that adds what is beside path and body, and refuses all faults at once."""
    claimed = claimed_keys(contract.parameters)
    readers = [
        (each.name, each.source, reader_of(each, claimed))
        for each in contract.parameters
        if each.source not in ("body", "path")
    ]

    def finish(request: web.Request, arguments: Arguments, faults: _Faults) -> Arguments:
        for name, source, read in readers:
            try:
                arguments[name] = read(request)
            except ValidationError as error:
                faults += _sent_in(source, error)
        if faults:
            raise ValidationError(errors=faults)
        return arguments

    return finish


def _sent_in(source: Source, error: ValidationError) -> list[Fault]:
    return [Fault(each.pointer, each.code, each.detail, source) for each in error.errors]
