import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVarTuple

from aiohttp import web

from webaio.authentication import BaseAuthentication
from webaio.decorators._mark import mark
from webaio.exceptions import ImproperlyConfigured
from webaio.middlewares import handle_exceptions
from webaio.throttling import Rate

from ._base_permission import BasePermission
from ._guard import Guard, check_of, private
from ._words import checked_authentication, checked_permission, checked_throttles

_Arguments = TypeVarTuple("_Arguments")


class Guarding(Protocol):
    """Puts something before a handler."""

    def __call__(
        self, handler: Callable[[*_Arguments], Awaitable[web.StreamResponse]], /
    ) -> Callable[[*_Arguments], Awaitable[web.StreamResponse]]: ...


def guarded(
    permission: BasePermission,
    *,
    authentication: Sequence[BaseAuthentication] = (),
    throttles: Sequence[Rate] = (),
) -> Guarding:
    """Guard a handler that no router made, by the words of a viewset; `Anyone()` leaves it open.

    The handler answers its own errors, and finds who asks by `identity_of(request)`. A method of a
    `web.View` is decorated alike.

    Raises `ImproperlyConfigured` for an object permission, and for one that asks for the user where
    nothing says how to find out who asks.

        @guarded(IsAuthenticated(), authentication=(jwt,))
        async def report(request: web.Request) -> web.Response:
            return web.json_response(identity_of(request).id)
    """
    where = "guarded"
    guard = Guard(
        checked_authentication(authentication, where),
        checked_permission(permission, where),
        checked_throttles(throttles, where),
    )
    guard.require_authentication(where)
    if guard.needs_object:
        what = "a permission asks for an object, and a handler has none"
        raise ImproperlyConfigured(where, what, "Ask it in the handler, or make it a viewset")
    check = check_of(guard)

    def decorate(
        handler: Callable[[*_Arguments], Awaitable[web.StreamResponse]],
    ) -> Callable[[*_Arguments], Awaitable[web.StreamResponse]]:
        if not callable(handler):
            fix = "Write it above `async def`"
            raise ImproperlyConfigured(where, f"{handler!r} is no handler", fix)

        @handle_exceptions
        @functools.wraps(handler)
        async def checked(*arguments: *_Arguments) -> web.StreamResponse:
            await check(_request_in(arguments))
            return await handler(*arguments)

        made = private(checked) if guard.authentication else checked
        mark(made, guard)
        return made

    return decorate


def guarding_of(
    permission: BasePermission | None, authentication: Sequence[BaseAuthentication]
) -> Guarding:
    """Make what guards a handler; it leaves the handler as it is where no permission is given."""
    if permission is None:
        return _as_it_is
    return guarded(permission, authentication=authentication)


def _as_it_is(
    handler: Callable[[*_Arguments], Awaitable[web.StreamResponse]],
) -> Callable[[*_Arguments], Awaitable[web.StreamResponse]]:
    return handler


def _request_in(arguments: Sequence[Any]) -> web.Request:
    given: web.Request | web.View = arguments[-1]
    return given.request if isinstance(given, web.View) else given
