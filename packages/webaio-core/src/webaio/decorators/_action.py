from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from msgspec import Struct

from webaio.exceptions import ImproperlyConfigured

from ._callable import never_bare
from ._mark import has_own, mark, record_on, require_function
from ._operation import Operation, operation
from ._words import Error, Middleware, Requirement

_METHODS: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
"""The HTTP methods of an action. OPTIONS is answered by the router."""

_Function = TypeVar("_Function", bound=Callable[..., Any])


class ActionMark(Struct, frozen=True):
    """What `action` says of a method; `None` where the router shall derive it from the name."""

    detail: bool
    methods: tuple[str, ...]
    url_path: str | None
    url_name: str | None


@never_bare
def action(
    *,
    detail: bool,
    method: str | None = None,
    methods: Iterable[str] | None = None,
    url_path: str | None = None,
    url_name: str | None = None,
    status: int | None = None,
    errors: Iterable[Error] | None = None,
    summary: str | None = None,
    deprecated: bool | None = None,
    client_max_size: int | None = None,
    security: Iterable[Requirement] | None = None,
    headers: Mapping[str, Any] | None = None,
    middlewares: Sequence[Middleware] | None = None,
    consumes: Iterable[str] | None = None,
    produces: Iterable[str] | None = None,
    tags: Iterable[str] | None = None,
    include_in_schema: bool | None = None,
    authentication: Sequence[Any] | None = None,
    permissions: Any = None,
    throttles: Sequence[Any] | None = None,
    renderers: Sequence[Any] | None = None,
) -> Callable[[_Function], _Function]:
    """Mark a method of a viewset as a custom action, to be routed beside the known six.

    `detail` is true for one item (`/artist/{id}/google-it/`), false for the collection
    (`/artist/google-it/`). `method`, or several in `methods`, is the HTTP method in any case;
    GET when neither is given. `url_path` is the end of the URL (default: the method's name with
    `-` for `_`), in aiohttp's syntax, so it may hold variables: `tracks/{track}`; `""` is the URL of
    the item or the collection itself. `url_name` is the end of the route's name (default:
    `url_path` where that is plain, else the method's name).
    The other words are those of `operation`.

    Raises `ImproperlyConfigured` for an unknown HTTP method, for both `method` and `methods`, and
    for what `operation` refuses.

        class ArtistViewSet(BaseViewSet):
            @action(detail=True, method="get")
            async def google_it(request):
                ...
    """

    words = operation(
        status=status,
        errors=errors,
        summary=summary,
        deprecated=deprecated,
        client_max_size=client_max_size,
        security=security,
        headers=headers,
        middlewares=middlewares,
        consumes=consumes,
        produces=produces,
        tags=tags,
        include_in_schema=include_in_schema,
        authentication=authentication,
        permissions=permissions,
        throttles=throttles,
        renderers=renderers,
    )

    def decorate(function: _Function) -> _Function:
        where = getattr(function, "__qualname__", repr(function))
        require_function(function, f"@action, {where}")
        record = ActionMark(
            detail=bool(detail),
            methods=_methods(where, method, methods),
            url_path=url_path,
            url_name=url_name,
        )
        if has_own(function, ActionMark) and record_on(function, ActionMark) != record:
            raise ImproperlyConfigured(
                where,
                "it is marked with @action twice",
                "Keep one, with several `methods`, or let a second method call the first",
            )
        mark(function, record)
        return function if words == Operation() else words(function)

    return decorate


def _methods(where: str, method: str | None, methods: Iterable[str] | None) -> tuple[str, ...]:
    if method is not None and methods is not None:
        raise ImproperlyConfigured(where, "both method= and methods= are given", "Keep one of them")
    if isinstance(methods, str):
        raise ImproperlyConfigured(
            where, f"methods={methods!r} is one string", f"Write method={methods!r}"
        )
    named = list(methods) if methods is not None else ["GET" if method is None else method]
    if not named:
        raise ImproperlyConfigured(where, "methods= is empty", f"Name one of {', '.join(_METHODS)}")
    for name in named:
        if not isinstance(name, str) or name.upper() not in _METHODS:
            raise ImproperlyConfigured(
                where,
                f"{name!r} is not an HTTP method of an action",
                f"Use one of {', '.join(_METHODS)}",
            )
    return tuple(dict.fromkeys(name.upper() for name in named))
