from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from webaio.schemas import Fault, Invalid

from ._body import body_reader_of
from ._contract import Contract
from ._parameter import Source
from ._problem import invalid, not_found
from ._readers import claimed_keys, reader_of

Arguments = dict[str, Any]
Binding = Callable[[web.Request], Awaitable[Arguments]]


def binding_of(contract: Contract, *, client_max_size: int | None = None) -> Binding:
    """Make the coroutine function that turns a request into the arguments of an action.

    It raises aiohttp's exceptions, each with a problem (RFC 9457) in JSON: 404 for a value of the
    path that its type refuses, 400, 413 and 415 for a body that cannot be read, and one 422 with
    every fault of body, query, headers and cookies. `client_max_size` is the action's own limit of
    the body, in bytes; None leaves the application's.
    """
    request_name = contract.request
    claimed = claimed_keys(contract.parameters)
    readers = [
        (each.name, each.source, reader_of(each, claimed))
        for each in contract.parameters
        if each.source != "body"
    ]
    paths = [(name, read) for name, source, read in readers if source == "path"]
    others = [each for each in readers if each[1] != "path"]
    bodies = [
        (each.name, body_reader_of(each, client_max_size))
        for each in contract.parameters
        if each.source == "body"
    ]

    async def bind(request: web.Request) -> Arguments:
        arguments: Arguments = {} if request_name is None else {request_name: request}
        faults: list[tuple[Source, Fault]] = []
        for name, read in paths:
            try:
                arguments[name] = read(request)
            except Invalid:
                raise not_found(request) from None
        for name, read_body in bodies:  # one at most
            try:
                arguments[name] = await read_body(request)
            except Invalid as error:
                faults += [("body", each) for each in error.faults]
        for name, source, read in others:
            try:
                arguments[name] = read(request)
            except Invalid as error:
                faults += [(source, each) for each in error.faults]
        if faults:
            raise invalid(request, faults)
        return arguments

    return bind
