import functools
import types
from typing import Any, Final, TypeGuard

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from webaio.exceptions import APIException
from webaio.responses import PROBLEM_JSON

_HOOKS: Final = ("__init_subclass__", "__new__", "__setattr__", "__slots__")
"""What a class has that would notice a subclass, or keep its attributes from it."""


def _is_error(kind: object) -> TypeGuard[type[web.HTTPError]]:
    """Tell the class of an error; issubclass asks the abstract bases: 3 ms of the import for all."""
    return isinstance(kind, type) and web.HTTPError in kind.__mro__


_BY_STATUS: Final = {
    kind.status_code: kind
    for kind in vars(web).values()
    if _is_error(kind) and kind.status_code > 0
}


class ProblemException(web.HTTPException):
    """An `APIException` as an exception of aiohttp, on its way through others' middlewares.

    It is of the class that was raised, for those who catch that, unless that class minds; and aiohttp
    sends it as the problem where nobody does. `original` is what was raised.
    """

    empty_body = True  # it gets its body afterwards
    original: APIException

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        # Not before: whoever answers by another body takes the headers over.
        self.headers.setdefault("Content-Type", PROBLEM_JSON)
        return await super().prepare(request)


def is_problem(error: Exception) -> TypeGuard[ProblemException]:
    """Tell whether an exception is a `ProblemException`; isinstance asks its abstract base."""
    return ProblemException in type(error).__mro__


def http_exception_of(error: APIException, response: web.Response) -> ProblemException:
    """Make the exception of aiohttp that is the answer to an `APIException`.

    It has the traceback, which is taken off the error: in a constant that would collect all requests.
    """
    headers = response.headers.copy()
    headers.popall("Content-Type", None)
    own: list[Any] = [type(error)] if _can_be_extended(type(error)) else []
    made: ProblemException = _kind_of(response.status, *own)(
        reason=response.reason, headers=headers
    )
    made.body = response.body
    made.original = error
    made.args = error.args
    vars(made).update(
        {name: each for name, each in vars(error).items() if not hasattr(web.Response, name)}
    )
    traceback = error.__traceback__
    error.with_traceback(None)
    return made.with_traceback(traceback)


def _can_be_extended(kind: type[APIException]) -> bool:
    """Tell whether a class can have a subclass that nobody notices, with all of its attributes."""
    own = (each for each in kind.__mro__ if each not in APIException.__mro__)
    return type(kind) is type and not any(
        hook in vars(each) for each in own if each.__module__ != "builtins" for hook in _HOOKS
    )


@functools.lru_cache(maxsize=512)
def _kind_of(status: int, *own: Any) -> Any:
    """Make the class of a status, and of the exception that was raised."""
    general = web.HTTPClientError if status < 500 else web.HTTPServerError
    bases = (ProblemException, _BY_STATUS.get(status, general), *own)
    members = {
        "status_code": status,
        "__init__": web.HTTPException.__init__,
        "__module__": bases[-1].__module__,
        "__qualname__": bases[-1].__qualname__,
    }
    return types.new_class(bases[-1].__name__, bases, exec_body=lambda new: new.update(members))
