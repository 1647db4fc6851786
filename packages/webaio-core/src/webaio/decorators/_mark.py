import functools
import inspect
from collections.abc import Iterator
from types import FunctionType
from typing import Any, TypeVar

from webaio.exceptions import ImproperlyConfigured

_Record = TypeVar("_Record")


def mark(member: object, record: object) -> None:
    """Leave a record on a function, or on what can be called; one of each kind.

    The order in which a static method and its marks are written does not matter. Raises `TypeError`
    for what nothing can be left on.
    """
    function = _function_in(member)
    setattr(function, _attribute(type(record)), (record, function))


def record_on(member: object, kind: type[_Record]) -> _Record | None:
    """Give the record of a kind that was left on a function; None where there is none."""
    function = _function_in(member)
    record, _ = _record_and_owner(function, kind)
    if record is not None:
        return record
    if isinstance(function, (FunctionType, type)) or not callable(function):
        return None  # as of nearly all: the rest takes long
    if isinstance(function, functools.partial):
        return record_on(function.func, kind)
    return None if inspect.isroutine(function) else record_on(type(function).__call__, kind)


def has_own(member: object, kind: type[_Record]) -> bool:
    """Tell whether a record was left on a function itself: functools.wraps copies those of others."""
    function = _function_in(member)
    return _record_and_owner(function, kind)[1] is function


def records_of(viewset: type, name: str, kind: type[_Record]) -> Iterator[_Record]:
    """Give the records on a method of a viewset, and on those that it overrides, the nearest first."""
    for owner in owners_of(viewset, name):
        record = record_on(vars(owner)[name], kind)
        if record is not None:
            yield record


def owners_of(viewset: type, name: str) -> Iterator[type]:
    """Give the class that defines a method of a viewset, and its bases that do so too.

    A class that stands beside it in the MRO has a method of its own, of the same name by chance.
    """
    owners = [each for each in viewset.__mro__ if name in vars(each)]
    yield from (each for each in owners if issubclass(owners[0], each))


def require_function(member: object, where: str) -> None:
    """Refuse what is no function to be marked: a class, or what cannot be called."""
    function = _function_in(member)
    if isinstance(function, type) or not callable(function):
        raise ImproperlyConfigured(where, "it is not on a function", "Write `async def` below it")


def _record_and_owner(function: Any, kind: type[_Record]) -> tuple[_Record | None, object]:
    found = getattr(function, "__dict__", {}).get(_attribute(kind))
    return found if isinstance(found, tuple) and isinstance(found[0], kind) else (None, None)


def _function_in(member: object) -> Any:
    return member.__func__ if isinstance(member, (classmethod, staticmethod)) else member


def _attribute(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
