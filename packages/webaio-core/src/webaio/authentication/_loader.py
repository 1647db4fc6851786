"""What looks up whose credentials are: a project's function, with the request or without."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from aiohttp import web

from webaio.decorators._callable import signature

from ._checks import require_coroutine_function

Given_contra = TypeVar("Given_contra", contravariant=True)
Found_co = TypeVar("Found_co", covariant=True)


class LoaderOfRequest(Protocol[Given_contra, Found_co]):
    """A loader that needs the request: for what the application has, such as a database."""

    def __call__(
        self, given: Given_contra, /, request: web.Request
    ) -> Awaitable[Found_co | None]: ...


Loader = (
    Callable[[Given_contra], Awaitable[Found_co | None]] | LoaderOfRequest[Given_contra, Found_co]
)
"""A coroutine function of what was sent, and of the request if it names `request`."""


def loader_of(where: str, function: Callable[..., Any]) -> LoaderOfRequest[Any, Any]:
    """Make a loader that takes the request of one that may not.

    Raises `ImproperlyConfigured` for what is not async.
    """
    require_coroutine_function(where, function)
    if "request" in signature(function).parameters:
        return function
    return lambda given, /, request: function(given)
