"""From a request to the values of parameters."""

from __future__ import annotations  # of functions that are made for each action

import inspect
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from webaio.decorators._callable import called
from webaio.exceptions import Fault, ImproperlyConfigured, ValidationError

from ._path import Path
from ._source import Inputs, Location, Parameter, Reader

Values = dict[Any, Any]
"""What was read, each under a key of its own."""

_Begin = Callable[[web.Request], Values]
_Readers = Sequence[tuple[Hashable, Location | None, Reader]]
_Finish = Callable[[web.Request, Values, list[Any]], Values]


def reading_of(
    parameters: Mapping[Any, Parameter], requests: Collection[Hashable], inputs: Inputs
) -> Reader:
    """Make the function that reads parameters, and gives the request itself under other keys.

    It is a coroutine function where one of them is read so. It raises `NotFound` for a value of the
    path that its type refuses, then `ValidationError` with every fault of the rest, or what a source
    raises.
    """
    readers = [
        (key, each.source.location, _reader_of(each, inputs)) for key, each in parameters.items()
    ]
    paths = [each for each in readers if isinstance(parameters[each[0]].source, Path)]
    rest = [each for each in readers if each not in paths]
    awaited = [each for each in rest if inspect.iscoroutinefunction(called(each[2]))]
    begin = _beginning(paths, requests)
    if not rest:
        return begin
    finish = _end([each for each in rest if each not in awaited])

    def read(request: web.Request) -> Values:
        return finish(request, begin(request), [])

    async def read_async(request: web.Request) -> Values:
        values = begin(request)
        faults: list[Any] = []
        for key, location, read in awaited:
            try:
                values[key] = await read(request)
            except ValidationError as error:
                faults += located(error.errors, location)
        return finish(request, values, faults)

    return read_async if awaited else read


def _reader_of(parameter: Parameter, inputs: Inputs) -> Reader:
    reader = parameter.source.reader(parameter, inputs)
    if not callable(reader):
        raise ImproperlyConfigured(
            parameter.where,
            f"the reader of {type(parameter.source).__name__} is {reader!r}",
            "Let it give a function of the request",
        )
    return reader


def _beginning(paths: _Readers, requests: Collection[Hashable]) -> _Begin:
    """Make the function that gives the request, and what is in the path."""
    if not requests and len(paths) == 1:  # as of most actions of an item
        ((only, _, read_only),) = paths
        return lambda request: {only: read_only(request)}

    def begin(request: web.Request) -> Values:
        values: Values = dict.fromkeys(requests, request)
        for key, _, read in paths:
            values[key] = read(request)
        return values

    return begin


def _end(readers: _Readers) -> _Finish:
    """Make the function that adds the rest, and refuses all faults at once."""

    def finish(request: web.Request, values: Values, faults: list[Any]) -> Values:
        for key, location, read in readers:
            try:
                values[key] = read(request)
            except ValidationError as error:
                faults += located(error.errors, location)
        if faults:
            raise ValidationError(errors=_each_once(faults) if readers else faults)
        return values

    return finish


def located(errors: Iterable[Any], location: Location | None) -> list[Any]:
    """Say of faults where they are, unless they say it themselves."""
    return [
        Fault(each.pointer, each.code, each.detail, each.source or location)
        if isinstance(each, Fault)
        else each
        for each in errors
    ]


def _each_once(faults: Iterable[Any]) -> list[Any]:
    """Leave out what two parameters say of one key."""
    found = {each if isinstance(each, Fault) else id(each): each for each in faults}
    return list(found.values())
